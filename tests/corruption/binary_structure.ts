import type { Bytes } from "./target.ts";

/** A number of a binary file: a length, a count, an offset. */
export interface Field {
  readonly at: number;
  readonly width: 1 | 2 | 4 | 8;
  readonly littleEndian: boolean;
}

/** Where the parts of a binary file start, and where its numbers stand. */
export interface BinaryStructure {
  readonly boundaries: readonly number[];
  readonly fields: readonly Field[];
}

/** Finds the parts of a zip, TIFF, HDF5 or parquet file; of another one the header's words. */
export function structureOf(bytes: Bytes): BinaryStructure {
  try {
    return knownStructure(bytes);
  } catch (error) {
    // A file that was damaged before leads outside itself.
    if (error instanceof RangeError) return headerStructure(bytes);
    throw error;
  }
}

function knownStructure(bytes: Bytes): BinaryStructure {
  const start = String.fromCharCode(...bytes.subarray(0, 4));
  if (start.startsWith("PK")) return zipStructure(bytes);
  if (start === "II*\0" || start === "II+\0" || start.startsWith("MM\0")) {
    return tiffStructure(bytes);
  }
  if (start === "\x89HDF") return hdf5Structure(bytes);
  if (start === "PAR1") return parquetStructure(bytes);
  return headerStructure(bytes);
}

/** Offsets and widths of the numbers of each zip record, by the record's signature. */
const ZIP_RECORDS = new Map<number, readonly (readonly [at: number, width: Field["width"]])[]>([
  [0x04034b50, [[6, 2], [8, 2], [14, 4], [18, 4], [22, 4], [26, 2], [28, 2]]],
  [0x02014b50, [[8, 2], [10, 2], [16, 4], [20, 4], [24, 4], [28, 2], [30, 2], [32, 2], [42, 4]]],
  [0x06054b50, [[8, 2], [10, 2], [12, 4], [16, 4], [20, 2]]],
  [0x06064b50, [[4, 8], [24, 8], [32, 8], [40, 8], [48, 8]]],
  [0x07064b50, [[8, 8], [16, 4]]],
  [0x08074b50, [[4, 4], [8, 8], [16, 8]]],
]);

function zipStructure(bytes: Bytes): BinaryStructure {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const boundaries: number[] = [];
  const fields: Field[] = [];
  for (let at = 0; at + 4 <= bytes.length; at++) {
    const record = ZIP_RECORDS.get(view.getUint32(at, true));
    if (record === undefined) continue;
    boundaries.push(at);
    for (const [offset, width] of record) pushField(fields, bytes, at + offset, width, true);
  }
  return { boundaries, fields };
}

const TYPE_BYTES = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8];
const OFFSET_TABLES = [273, 279, 324, 325, 330];

function tiffStructure(bytes: Bytes): BinaryStructure {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const little = bytes[0] === 0x49;
  const big = view.getUint16(2, little) === 43;
  const word = (at: number) =>
    big ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little);
  const wide = big ? 8 : 4;
  const boundaries: number[] = [2, 4, 8];
  const fields: Field[] = [{ at: 2, width: 2, littleEndian: little }];
  pushField(fields, bytes, big ? 8 : 4, wide, little);
  const pending = [word(big ? 8 : 4)];
  const seen = new Set<number>();
  while (pending.length > 0) {
    const directory = pending.pop() as number;
    if (directory === 0 || seen.has(directory) || directory + 8 > bytes.length) continue;
    seen.add(directory);
    const count = big ? word(directory) : view.getUint16(directory, little);
    const entryBytes = big ? 20 : 12;
    const first = directory + (big ? 8 : 2);
    pushField(fields, bytes, directory, big ? 8 : 2, little);
    for (let i = 0; i < count && first + (i + 1) * entryBytes + wide <= bytes.length; i++) {
      const at = first + i * entryBytes;
      const [tag, type] = [view.getUint16(at, little), view.getUint16(at + 2, little)];
      const valueAt = at + 4 + wide;
      boundaries.push(at);
      pushField(fields, bytes, at, 2, little);
      pushField(fields, bytes, at + 2, 2, little);
      pushField(fields, bytes, at + 4, wide, little);
      pushField(fields, bytes, valueAt, type === 3 ? 2 : wide, little);
      const valueBytes = word(at + 4) * (TYPE_BYTES[type] ?? 0);
      const from = valueBytes <= wide ? valueAt : word(valueAt);
      boundaries.push(from, from + valueBytes);
      if (!OFFSET_TABLES.includes(tag)) continue;
      const width = TYPE_BYTES[type] === 8 ? 8 : TYPE_BYTES[type] === 2 ? 2 : 4;
      for (let k = 0; k < Math.min(8, word(at + 4)); k++) {
        const value = from + k * width;
        pushField(fields, bytes, value, width, little);
        if (tag === 330 && value + wide <= bytes.length) pending.push(word(value));
      }
    }
    const next = first + count * entryBytes;
    pushField(fields, bytes, next, wide, little);
    boundaries.push(directory, next, next + wide);
    if (next + wide <= bytes.length) pending.push(word(next));
  }
  return { boundaries: inside(boundaries, bytes), fields };
}

const HDF5_SIGNATURES = [
  ...["TREE", "SNOD", "HEAP", "GCOL", "OHDR", "OCHK", "FRHP", "FHDB", "FHIB", "BTHD", "BTLF"],
  ...["BTIN", "FAHD", "FADB", "EAHD", "EAIB", "EADB", "SMTB"],
];

function hdf5Structure(bytes: Bytes): BinaryStructure {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const boundaries: number[] = [8, 24, 48, 96];
  for (let at = 0; at + 4 <= bytes.length; at++) {
    if (bytes[at] < 0x42 || bytes[at] > 0x54) continue;
    const name = String.fromCharCode(...bytes.subarray(at, at + 4));
    if (HDF5_SIGNATURES.includes(name)) boundaries.push(at, at + 4, at + 8);
  }
  const fields: Field[] = [];
  for (let at = 8; at + 8 <= bytes.length; at += 8) {
    const value = view.getBigUint64(at, true);
    if (value === 0n || value > BigInt(bytes.length)) continue;
    fields.push({ at, width: 8, littleEndian: true }, { at, width: 4, littleEndian: true });
    fields.push({ at, width: 2, littleEndian: true }, { at: at + 4, width: 2, littleEndian: true });
  }
  return { boundaries: inside(boundaries, bytes), fields };
}

function parquetStructure(bytes: Bytes): BinaryStructure {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12) return headerStructure(bytes);
  const end = bytes.length - 8;
  const footer = end - view.getUint32(end, true);
  const fields: Field[] = [{ at: end, width: 4, littleEndian: true }];
  for (let at = Math.max(4, footer); at < end; at++) {
    fields.push({ at, width: 1, littleEndian: true });
    if ((at & 7) === 0) fields.push({ at, width: 4, littleEndian: true });
  }
  return { boundaries: inside([4, footer, end, end + 4], bytes), fields };
}

/** Blosc, zstd, gzip, lz4 and texts of zarr keep their lengths in the first words. */
function headerStructure(bytes: Bytes): BinaryStructure {
  const boundaries: number[] = [];
  const fields: Field[] = [];
  for (let at = 0; at < Math.min(64, bytes.length); at += 4) {
    boundaries.push(at);
    for (const width of [1, 2, 4, 8] as const) pushField(fields, bytes, at, width, at % 8 === 0);
  }
  return { boundaries, fields };
}

function pushField(
  fields: Field[],
  bytes: Bytes,
  at: number,
  width: Field["width"],
  littleEndian: boolean,
): void {
  if (at >= 0 && at + width <= bytes.length) fields.push({ at, width, littleEndian });
}

function inside(boundaries: readonly number[], bytes: Bytes): number[] {
  return boundaries.filter((at) => at >= 0 && at <= bytes.length);
}
