/*
 * Records of the zip format (APPNOTE 6.3). All numbers are little-endian. Zip64 fields are used
 * where a number does not fit 32 bits (16 for counts), and in local headers of streamed entries.
 *
 * | record | signature | bytes without variable parts |
 * |--------|-----------|------------------------------|
 * | local header | 0x04034b50 | 30 |
 * | data descriptor (after a streamed entry) | 0x08074b50 | 24 |
 * | central header | 0x02014b50 | 46 |
 * | zip64 end | 0x06064b50 | 56 |
 * | zip64 locator | 0x07064b50 | 20 |
 * | end | 0x06054b50 | 22 |
 */

/** How an entry's bytes are kept. */
export type ZipMethod = "stored" | "deflate";

/** An entry of a zip archive. */
export interface ZipEntry {
  /** Path in the archive, parts separated by `/`; a folder's ends with `/`. */
  readonly name: string;
  /** How its bytes are kept. */
  readonly method: ZipMethod;
  /** CRC-32 of its content. */
  readonly crc32: number;
  /** Bytes of its content. */
  readonly size: number;
  /** Bytes in the archive. */
  readonly compressedSize: number;
  /** Where its local header lies. */
  readonly offset: number;
}

export const LOCAL_HEADER = 0x04034b50;
export const CENTRAL_HEADER = 0x02014b50;
export const END_RECORD = 0x06054b50;
export const ZIP64_END_RECORD = 0x06064b50;
export const ZIP64_LOCATOR = 0x07064b50;
const DATA_DESCRIPTOR = 0x08074b50;

/** Largest number of a 32-bit field; it says that the number is in the zip64 field. */
export const MAX_32 = 0xffffffff;
export const MAX_16 = 0xffff;

export const LOCAL_HEADER_BYTES = 30;
export const CENTRAL_HEADER_BYTES = 46;
export const END_BYTES = 22;
export const ZIP64_LOCATOR_BYTES = 20;
export const ZIP64_END_BYTES = 56;
export const ZIP64_FIELD = 1;

const VERSION_ZIP64 = 45;
const FLAG_UTF8 = 0x800;
const FLAG_DESCRIPTOR = 8;
/** 1 January 1980: entries carry no date, so that equal content makes equal archives. */
const DOS_DATE = 33;
const FOLDER_ATTRIBUTES = 0x41ed0010;
const FILE_ATTRIBUTES = 0x81a40000;
const MADE_BY_UNIX = 3 << 8;

/** The number of a method in the format. */
function methodNumber(method: ZipMethod): 0 | 8 {
  return method === "stored" ? 0 : 8;
}

/** The local header of an entry; of a streamed one sizes and checksum come after its bytes. */
export function localHeader(entry: ZipEntry, streamed: boolean): Uint8Array {
  const name = new TextEncoder().encode(entry.name);
  const zip64 = streamed || entry.size >= MAX_32 || entry.compressedSize >= MAX_32;
  const bytes = new Uint8Array(LOCAL_HEADER_BYTES + name.length + (zip64 ? 20 : 0));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, LOCAL_HEADER, true);
  commonFields(view, 4, entry, streamed, name.length);
  view.setUint32(14, streamed ? 0 : entry.crc32, true);
  view.setUint32(18, zip64 ? MAX_32 : entry.compressedSize, true);
  view.setUint32(22, zip64 ? MAX_32 : entry.size, true);
  view.setUint16(28, zip64 ? 20 : 0, true);
  bytes.set(name, LOCAL_HEADER_BYTES);
  if (zip64) {
    const at = LOCAL_HEADER_BYTES + name.length;
    view.setUint16(at, ZIP64_FIELD, true);
    view.setUint16(at + 2, 16, true);
    view.setBigUint64(at + 4, BigInt(streamed ? 0 : entry.size), true);
    view.setBigUint64(at + 12, BigInt(streamed ? 0 : entry.compressedSize), true);
  }
  return bytes;
}

/** What follows the bytes of a streamed entry. */
export function dataDescriptor(entry: ZipEntry): Uint8Array {
  const bytes = new Uint8Array(24);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, DATA_DESCRIPTOR, true);
  view.setUint32(4, entry.crc32, true);
  view.setBigUint64(8, BigInt(entry.compressedSize), true);
  view.setBigUint64(16, BigInt(entry.size), true);
  return bytes;
}

/** The entry in the central directory. */
export function centralHeader(entry: ZipEntry, streamed: boolean): Uint8Array {
  const name = new TextEncoder().encode(entry.name);
  const large = [entry.size, entry.compressedSize, entry.offset].filter((n) => n >= MAX_32);
  const extra = large.length === 0 ? 0 : 4 + 8 * large.length;
  const bytes = new Uint8Array(CENTRAL_HEADER_BYTES + name.length + extra);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, CENTRAL_HEADER, true);
  view.setUint16(4, MADE_BY_UNIX | VERSION_ZIP64, true);
  commonFields(view, 6, entry, streamed, name.length);
  view.setUint32(16, entry.crc32, true);
  view.setUint32(20, Math.min(entry.compressedSize, MAX_32), true);
  view.setUint32(24, Math.min(entry.size, MAX_32), true);
  view.setUint16(30, extra, true);
  view.setUint32(38, entry.name.endsWith("/") ? FOLDER_ATTRIBUTES : FILE_ATTRIBUTES, true);
  view.setUint32(42, Math.min(entry.offset, MAX_32), true);
  bytes.set(name, CENTRAL_HEADER_BYTES);
  if (extra > 0) {
    const at = CENTRAL_HEADER_BYTES + name.length;
    view.setUint16(at, ZIP64_FIELD, true);
    view.setUint16(at + 2, extra - 4, true);
    large.forEach((value, i) => view.setBigUint64(at + 4 + 8 * i, BigInt(value), true));
  }
  return bytes;
}

/** The records that end an archive; zip64 ones where they are needed. */
export function endRecords(count: number, offset: number, length: number): Uint8Array {
  const zip64 = count >= MAX_16 || offset >= MAX_32 || length >= MAX_32;
  const head = zip64 ? ZIP64_END_BYTES + ZIP64_LOCATOR_BYTES : 0;
  const bytes = new Uint8Array(head + END_BYTES);
  const view = new DataView(bytes.buffer);
  if (zip64) {
    view.setUint32(0, ZIP64_END_RECORD, true);
    view.setBigUint64(4, BigInt(ZIP64_END_BYTES - 12), true);
    view.setUint16(12, VERSION_ZIP64, true);
    view.setUint16(14, VERSION_ZIP64, true);
    view.setBigUint64(24, BigInt(count), true);
    view.setBigUint64(32, BigInt(count), true);
    view.setBigUint64(40, BigInt(length), true);
    view.setBigUint64(48, BigInt(offset), true);
    view.setUint32(ZIP64_END_BYTES, ZIP64_LOCATOR, true);
    view.setBigUint64(ZIP64_END_BYTES + 8, BigInt(offset + length), true);
    view.setUint32(ZIP64_END_BYTES + 16, 1, true);
  }
  view.setUint32(head, END_RECORD, true);
  view.setUint16(head + 8, Math.min(count, MAX_16), true);
  view.setUint16(head + 10, Math.min(count, MAX_16), true);
  view.setUint32(head + 12, Math.min(length, MAX_32), true);
  view.setUint32(head + 16, Math.min(offset, MAX_32), true);
  return bytes;
}

/** Version, flags, method, date and name length: the same in local and central headers. */
function commonFields(
  view: DataView,
  at: number,
  entry: ZipEntry,
  streamed: boolean,
  nameLength: number,
): void {
  view.setUint16(at, VERSION_ZIP64, true);
  view.setUint16(at + 2, FLAG_UTF8 | (streamed ? FLAG_DESCRIPTOR : 0), true);
  view.setUint16(at + 4, methodNumber(entry.method), true);
  view.setUint16(at + 8, DOS_DATE, true);
  view.setUint16(at + 22, nameLength, true);
}
