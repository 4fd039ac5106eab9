import type { Disk } from "@/core/disk.ts";
import { messageOf, SthelarError } from "@/core/errors.ts";
import { didYouMean } from "@/core/nearest.ts";
import { crc32, inflateRawSync } from "node:zlib";
import { EntryRanges } from "./entry_ranges.ts";
import {
  CENTRAL_HEADER,
  CENTRAL_HEADER_BYTES,
  END_BYTES,
  END_RECORD,
  LOCAL_HEADER,
  LOCAL_HEADER_BYTES,
  MAX_16,
  MAX_32,
  ZIP64_END_BYTES,
  ZIP64_END_RECORD,
  ZIP64_FIELD,
  ZIP64_LOCATOR,
  ZIP64_LOCATOR_BYTES,
  type ZipEntry,
} from "./records.ts";
import { nameFault } from "./zip_writer.ts";

/** A zip archive whose directory has been read. */
export interface ZipArchive {
  /** Its path. */
  readonly path: string;
  /** Its entries, by name. */
  readonly entries: ReadonlyMap<string, ZipEntry>;
  /**
   * The content of an entry, checked against its CRC-32.
   *
   * @throws {SthelarError} `NotFound` if there is none, `CorruptData` if it is damaged.
   */
  read(name: string): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * A part of an entry's content. Of a stored entry these bytes alone are read (and no checksum); a
   * deflated one is inflated up to there, and ranges that go forwards carry on where the last one
   * ended, so that memory stays bounded whatever the entry's size.
   *
   * @throws {SthelarError} `NotFound` if there is none, `CorruptData` if it is damaged or shorter.
   */
  readRange(name: string, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
}

/** Content larger than this is not read at once. */
const MAX_ENTRY_BYTES = 2 ** 32;
const MAX_COMMENT_BYTES = 0xffff;
const MAX_DIRECTORY_BYTES = 2 ** 31;
const FLAG_ENCRYPTED = 1;

/**
 * Opens a zip archive (zip64 too) by its central directory. Names that would leave the folder they
 * are unpacked to are refused.
 *
 * @throws {SthelarError} `NotFound` if there is no file, `CorruptData` if it is no whole archive or
 *   holds an unsafe name.
 */
export async function openZip(disk: Disk, path: string): Promise<ZipArchive> {
  const stat = await disk.stat(path);
  if (stat === undefined || stat.isDirectory) {
    throw new SthelarError("NotFound", {
      action: `Cannot open "${path}"`,
      found: stat === undefined ? "nothing" : "a folder",
      expected: "a zip archive",
      path,
    });
  }
  const file = new ZipFile(disk, path, stat.size);
  const directory = await findDirectory(file);
  const entries = await readDirectory(file, directory);
  const ranges = new EntryRanges(file, (entry) => contentStart(file, entry));
  return {
    path,
    entries,
    read: (name) => readEntry(file, namedEntry(file, entries, name)),
    readRange: (name, offset, length) =>
      ranges.read(namedEntry(file, entries, name), offset, length),
  };
}

interface Directory {
  readonly offset: number;
  readonly length: number;
  readonly count: number;
}

/** Reads within the bounds of the file; anything else is a damaged archive. */
class ZipFile {
  constructor(readonly disk: Disk, readonly path: string, readonly size: number) {}

  async bytes(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    if (offset < 0 || length < 0 || offset + length > this.size) {
      throw this.corrupt(
        `a record at bytes ${offset} to ${offset + length} of ${this.size}`,
        "one within the file",
      );
    }
    const bytes = await this.disk.readRange(this.path, offset, length);
    if (bytes === undefined) throw this.corrupt("no file any more", "the archive");
    return bytes;
  }

  async view(offset: number, length: number): Promise<DataView> {
    const bytes = await this.bytes(offset, length);
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  corrupt(found: string, expected: string, cause?: unknown): SthelarError {
    return new SthelarError("CorruptData", {
      action: `Cannot read the zip archive "${this.path}"`,
      found,
      expected,
      remedy: "the file is cut short or damaged: copy or download it again",
      path: this.path,
      cause,
    });
  }
}

async function findDirectory(file: ZipFile): Promise<Directory> {
  const tail = Math.min(file.size, END_BYTES + MAX_COMMENT_BYTES);
  const view = await file.view(file.size - tail, tail);
  for (let at = tail - END_BYTES; at >= 0; at--) {
    if (view.getUint32(at, true) !== END_RECORD) continue;
    if (at + END_BYTES + view.getUint16(at + 20, true) !== tail) continue;
    const count = view.getUint16(at + 10, true);
    const length = view.getUint32(at + 12, true);
    const offset = view.getUint32(at + 16, true);
    const directory = count === MAX_16 || length === MAX_32 || offset === MAX_32
      ? await zip64Directory(file, file.size - tail + at) ?? { offset, length, count }
      : { offset, length, count };
    if (directory.length <= MAX_DIRECTORY_BYTES) return directory;
    throw file.corrupt(`a directory of ${directory.length} bytes`, "less than 2 GiB");
  }
  throw file.corrupt("no end record", "a whole zip archive");
}

async function zip64Directory(file: ZipFile, end: number): Promise<Directory | undefined> {
  if (end < ZIP64_LOCATOR_BYTES) return undefined;
  const locator = await file.view(end - ZIP64_LOCATOR_BYTES, ZIP64_LOCATOR_BYTES);
  if (locator.getUint32(0, true) !== ZIP64_LOCATOR) return undefined;
  const record = await file.view(Number(locator.getBigUint64(8, true)), ZIP64_END_BYTES);
  if (record.getUint32(0, true) !== ZIP64_END_RECORD) {
    throw file.corrupt("no zip64 end record where the locator points", "one");
  }
  return {
    count: Number(record.getBigUint64(32, true)),
    length: Number(record.getBigUint64(40, true)),
    offset: Number(record.getBigUint64(48, true)),
  };
}

async function readDirectory(
  file: ZipFile,
  { offset, length, count }: Directory,
): Promise<ReadonlyMap<string, ZipEntry>> {
  const bytes = await file.bytes(offset, length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = new Map<string, ZipEntry>();
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + CENTRAL_HEADER_BYTES > length || view.getUint32(at, true) !== CENTRAL_HEADER) {
      throw file.corrupt(`${i} entries in the directory`, `${count}`);
    }
    const nameLength = view.getUint16(at + 28, true);
    const extraLength = view.getUint16(at + 30, true);
    const next = at + CENTRAL_HEADER_BYTES + nameLength + extraLength +
      view.getUint16(at + 32, true);
    if (next > length) throw file.corrupt("a directory that ends within an entry", "whole entries");
    const entry = parseEntry(file, view, bytes, at, nameLength, extraLength);
    entries.set(entry.name, entry);
    at = next;
  }
  return entries;
}

function parseEntry(
  file: ZipFile,
  view: DataView,
  bytes: Uint8Array,
  at: number,
  nameLength: number,
  extraLength: number,
): ZipEntry {
  const nameStart = at + CENTRAL_HEADER_BYTES;
  const name = new TextDecoder("utf-8", { ignoreBOM: true }).decode(
    bytes.subarray(nameStart, nameStart + nameLength),
  );
  const fault = nameFault(name);
  if (fault !== undefined) throw file.corrupt(`an entry "${name}": ${fault}`, "a relative path");
  const method = view.getUint16(at + 10, true);
  if ((method !== 0 && method !== 8) || (view.getUint16(at + 8, true) & FLAG_ENCRYPTED) !== 0) {
    throw new SthelarError("UnsupportedVersion", {
      action: `Cannot read "${name}" of the zip archive "${file.path}"`,
      found: method === 0 || method === 8 ? "an encrypted entry" : `compression method ${method}`,
      expected: "stored (0) or deflate (8)",
      path: file.path,
    });
  }
  const large = zip64Numbers(view, nameStart + nameLength, extraLength);
  const number = (value: number) => value === MAX_32 ? large.next().value ?? MAX_32 : value;
  const size = number(view.getUint32(at + 24, true));
  const compressedSize = number(view.getUint32(at + 20, true));
  const offset = number(view.getUint32(at + 42, true));
  const crc = view.getUint32(at + 16, true);
  return {
    name,
    method: method === 0 ? "stored" : "deflate",
    crc32: crc,
    size,
    compressedSize,
    offset,
  };
}

/** The numbers of the zip64 field, in the order of the fields they stand for. */
function* zip64Numbers(
  view: DataView,
  start: number,
  length: number,
): Generator<number, undefined> {
  for (let at = start; at + 4 <= start + length; at += 4 + view.getUint16(at + 2, true)) {
    if (view.getUint16(at, true) !== ZIP64_FIELD) continue;
    const end = Math.min(at + 4 + view.getUint16(at + 2, true), start + length);
    for (let from = at + 4; from + 8 <= end; from += 8) {
      yield Number(view.getBigUint64(from, true));
    }
  }
}

function namedEntry(
  file: ZipFile,
  entries: ReadonlyMap<string, ZipEntry>,
  name: string,
): ZipEntry {
  const entry = entries.get(name);
  if (entry !== undefined) return entry;
  throw new SthelarError("NotFound", {
    action: `Cannot read "${name}" of the zip archive "${file.path}"`,
    found: "no such entry",
    remedy: didYouMean(name, [...entries.keys()].slice(0, 1000)),
    path: file.path,
  });
}

/** Where the content of an entry begins. */
async function contentStart(file: ZipFile, { name, offset }: ZipEntry): Promise<number> {
  const header = await file.view(offset, LOCAL_HEADER_BYTES);
  if (header.getUint32(0, true) !== LOCAL_HEADER) {
    throw file.corrupt(`no header of "${name}" where the directory points`, "one");
  }
  return offset + LOCAL_HEADER_BYTES + header.getUint16(26, true) + header.getUint16(28, true);
}

async function readEntry(file: ZipFile, entry: ZipEntry): Promise<Uint8Array<ArrayBuffer>> {
  const { name, size, compressedSize } = entry;
  const largest = Math.max(size, compressedSize);
  if (largest > MAX_ENTRY_BYTES) throw file.corrupt(`"${name}" of ${largest} bytes`, "up to 4 GiB");
  const start = await contentStart(file, entry);
  const content = inflate(file, entry, await file.bytes(start, compressedSize));
  if (content.length !== size || crc32(content) !== entry.crc32) {
    throw file.corrupt(`"${name}" with a wrong size or checksum`, "intact content");
  }
  return content;
}

function inflate(
  file: ZipFile,
  entry: ZipEntry,
  bytes: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> {
  if (entry.method === "stored") return bytes;
  try {
    const inflated = inflateRawSync(bytes, { maxOutputLength: Math.max(1, entry.size) });
    return new Uint8Array(inflated);
  } catch (cause) {
    throw file.corrupt(
      `"${entry.name}" that cannot be inflated (${messageOf(cause)})`,
      "deflate",
      cause,
    );
  }
}
