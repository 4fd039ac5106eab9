// Header and image file directories (IFDs) of both TIFF kinds:
//
// | part          | TIFF (magic 42)     | BigTIFF (magic 43)                   |
// |---------------|---------------------|--------------------------------------|
// | first offset  | u32 at byte 4       | u64 at byte 8, after u16 8 and u16 0 |
// | entry count   | u16                 | u64                                  |
// | entry         | 12 bytes, value 4   | 20 bytes, value 8                    |
// | next offset   | u32                 | u64                                  |
//
// Byte order "II" is little endian, "MM" big endian, in both.
import type { TiffSource } from "./tiff_source.ts";

/** What the first bytes of a TIFF say. */
export interface TiffHeader {
  readonly littleEndian: boolean;
  /** BigTIFF: 64-bit offsets. */
  readonly big: boolean;
  /** Byte offset of the first directory. */
  readonly firstDirectory: number;
}

/** One tag of a directory, its value not yet read. */
export interface TiffEntry {
  readonly tag: number;
  readonly type: number;
  /** Values, not bytes. */
  readonly count: number;
  /** The value's bytes where they fit in the entry. */
  readonly inline: Uint8Array<ArrayBuffer> | undefined;
  /** Byte offset of the value where they do not. */
  readonly offset: number;
}

/** One image file directory. */
export interface TiffDirectory {
  readonly header: TiffHeader;
  /** Byte offset of the directory. */
  readonly offset: number;
  readonly entries: ReadonlyMap<number, TiffEntry>;
  /** Byte offset of the next directory, 0 for the last. */
  readonly next: number;
}

const MAX_DIRECTORIES = 16_384;
const MAX_ENTRIES = 4_096;
const TYPE_RATIONAL = 5;
/** Bytes of a value, by type number; 0 for numbers that mean nothing. */
const TYPE_BYTES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8] as const;

/**
 * Reads the header.
 *
 * @throws {SthelarError} `CorruptData` if the file is no TIFF.
 */
export async function readTiffHeader(source: TiffSource): Promise<TiffHeader> {
  if (source.size < 8) throw source.corrupt(`a file of ${source.size} bytes`, "a TIFF header");
  const bytes = await source.read(0, Math.min(16, source.size), "the header");
  const view = new DataView(bytes.buffer);
  const order = String.fromCharCode(bytes[0], bytes[1]);
  const littleEndian = order === "II";
  const magic = view.getUint16(2, littleEndian);
  if ((order !== "II" && order !== "MM") || (magic !== 42 && magic !== 43)) {
    const found = [...bytes.subarray(0, 4)].map((b) => b.toString(16).padStart(2, "0")).join(" ");
    throw source.corrupt(`the first bytes ${found}`, 'a TIFF ("II" or "MM", then 42 or 43)');
  }
  if (magic === 42) {
    return { littleEndian, big: false, firstDirectory: view.getUint32(4, littleEndian) };
  }
  if (bytes.length < 16) throw source.corrupt(`${bytes.length} bytes`, "a BigTIFF header of 16");
  const offsetBytes = view.getUint16(4, littleEndian);
  if (offsetBytes !== 8) {
    throw source.corrupt(`BigTIFF offsets of ${offsetBytes} bytes`, "8");
  }
  return { littleEndian, big: true, firstDirectory: Number(view.getBigUint64(8, littleEndian)) };
}

/**
 * The top-level directories, in file order.
 *
 * @throws {SthelarError} `CorruptData` if the chain runs in a circle or out of the file.
 */
export async function readDirectoryChain(
  source: TiffSource,
  header: TiffHeader,
): Promise<TiffDirectory[]> {
  const seen = new Set<number>();
  const chain: TiffDirectory[] = [];
  for (let offset = header.firstDirectory; offset !== 0;) {
    if (seen.has(offset)) {
      throw source.corrupt(`directory ${chain.length} back at byte ${offset}`, "a chain that ends");
    }
    if (chain.length === MAX_DIRECTORIES) {
      throw source.unsupported(`more than ${MAX_DIRECTORIES} directories`, "fewer");
    }
    seen.add(offset);
    const directory = await readDirectory(source, header, offset);
    chain.push(directory);
    offset = directory.next;
  }
  if (chain.length === 0) throw source.corrupt("no image directory", "at least one");
  return chain;
}

/** Reads the directory at `offset`: its tags, not their values. */
export async function readDirectory(
  source: TiffSource,
  header: TiffHeader,
  offset: number,
): Promise<TiffDirectory> {
  const { big, littleEndian } = header;
  const countBytes = big ? 8 : 2;
  const entryBytes = big ? 20 : 12;
  const what = `the directory at byte ${offset}`;
  const head = new DataView((await source.read(offset, countBytes, what)).buffer);
  const count = big ? Number(head.getBigUint64(0, littleEndian)) : head.getUint16(0, littleEndian);
  if (count === 0 || count > MAX_ENTRIES) {
    throw source.corrupt(`${count} tags in ${what}`, `1 to ${MAX_ENTRIES}`);
  }
  const length = count * entryBytes + (big ? 8 : 4);
  const bytes = await source.read(offset + countBytes, length, what);
  const entries = new Map<number, TiffEntry>();
  for (let i = 0; i < count; i++) {
    const entry = parseEntry(bytes.subarray(i * entryBytes, (i + 1) * entryBytes), header);
    if (!entries.has(entry.tag)) entries.set(entry.tag, entry);
  }
  return { header, offset, entries, next: readOffset(bytes, count * entryBytes, header) };
}

function parseEntry(bytes: Uint8Array<ArrayBuffer>, header: TiffHeader): TiffEntry {
  const { big, littleEndian } = header;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const type = view.getUint16(2, littleEndian);
  const count = big ? Number(view.getBigUint64(4, littleEndian)) : view.getUint32(4, littleEndian);
  const valueAt = big ? 12 : 8;
  const valueBytes = count * (TYPE_BYTES[type] ?? 0);
  const fits = valueBytes <= bytes.length - valueAt;
  return {
    tag: view.getUint16(0, littleEndian),
    type,
    count,
    inline: fits ? bytes.subarray(valueAt, valueAt + valueBytes) : undefined,
    offset: fits ? 0 : readOffset(bytes, valueAt, header),
  };
}

function readOffset(bytes: Uint8Array<ArrayBuffer>, at: number, header: TiffHeader): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return header.big
    ? Number(view.getBigUint64(at, header.littleEndian))
    : view.getUint32(at, header.littleEndian);
}

/**
 * The whole numbers of a tag, `undefined` if the directory lacks it.
 *
 * @param limit How many make sense: more is an error, so that a damaged count allocates nothing.
 */
export async function readIntegers(
  source: TiffSource,
  directory: TiffDirectory,
  tag: number,
  limit: number,
): Promise<Float64Array | undefined> {
  const entry = directory.entries.get(tag);
  if (entry === undefined) return undefined;
  const bytes = await readValueBytes(source, entry, limit);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const { littleEndian } = directory.header;
  const values = new Float64Array(entry.count);
  for (let i = 0; i < values.length; i++) {
    switch (entry.type) {
      case 1:
        values[i] = view.getUint8(i);
        break;
      case 3:
        values[i] = view.getUint16(2 * i, littleEndian);
        break;
      case 4:
      case 13:
        values[i] = view.getUint32(4 * i, littleEndian);
        break;
      case 16:
      case 18:
        values[i] = Number(view.getBigUint64(8 * i, littleEndian));
        break;
      default:
        throw source.corrupt(`type ${entry.type} of tag ${tag}`, "a whole number's type");
    }
  }
  return values;
}

/** One whole number of a tag, or `fallback` if the directory lacks it. */
export async function readInteger<F extends number | undefined>(
  source: TiffSource,
  directory: TiffDirectory,
  tag: number,
  fallback: F,
): Promise<number | F> {
  const values = await readIntegers(source, directory, tag, 1);
  if (values === undefined) return fallback;
  if (values.length !== 1) throw source.corrupt(`no value of tag ${tag}`, "one");
  return values[0];
}

/** The first of a tag's fractions, `undefined` if the directory lacks it or it is no fraction. */
export async function readRational(
  source: TiffSource,
  directory: TiffDirectory,
  tag: number,
): Promise<number | undefined> {
  const entry = directory.entries.get(tag);
  if (entry?.type !== TYPE_RATIONAL || entry.count !== 1) return undefined;
  const bytes = await readValueBytes(source, entry, 1);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const { littleEndian } = directory.header;
  return view.getUint32(0, littleEndian) / view.getUint32(4, littleEndian);
}

/** The bytes of a tag of single bytes (type BYTE, ASCII or UNDEFINED), `undefined` if absent. */
export async function readBytes(
  source: TiffSource,
  directory: TiffDirectory,
  tag: number,
  limit: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const entry = directory.entries.get(tag);
  if (entry === undefined) return undefined;
  if (TYPE_BYTES[entry.type] !== 1) {
    throw source.corrupt(`type ${entry.type} of tag ${tag}`, "bytes or text");
  }
  return await readValueBytes(source, entry, limit);
}

async function readValueBytes(source: TiffSource, entry: TiffEntry, limit: number) {
  const valueBytes = TYPE_BYTES[entry.type] ?? 0;
  if (valueBytes === 0) {
    throw source.corrupt(`type ${entry.type} of tag ${entry.tag}`, "a TIFF type (1 to 18)");
  }
  if (entry.count > limit) {
    throw source.corrupt(`${entry.count} values of tag ${entry.tag}`, `at most ${limit}`);
  }
  return entry.inline ??
    await source.read(entry.offset, entry.count * valueBytes, `tag ${entry.tag}`);
}
