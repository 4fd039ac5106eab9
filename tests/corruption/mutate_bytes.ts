import type { Random } from "@/core/random.ts";
import { type BinaryStructure, type Field, structureOf } from "./binary_structure.ts";
import type { Bytes } from "./target.ts";

/** A change of a file, and what it was. */
export interface Mutation {
  readonly bytes: Bytes;
  readonly what: string;
}

type Change = (bytes: Bytes, random: Random, structure: BinaryStructure) => Mutation;

/** Numbers that lengths, counts and offsets are replaced by; -1 has all bits set in any width. */
const EXTREMES = [
  0n,
  1n,
  2n,
  255n,
  2n ** 16n - 1n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 40n,
  2n ** 53n,
  2n ** 60n,
  2n ** 63n - 1n,
  -1n,
  -2n,
];

const CHANGES: readonly Change[] = [
  truncateAtBoundary,
  truncateAnywhere,
  flipBit,
  flipBit,
  setBytes,
  setBytes,
  overwriteField,
  overwriteField,
  overwriteField,
  overwriteField,
  nudgeField,
  nudgeField,
  copyBlock,
  swapBlocks,
  insertBytes,
  removeBytes,
  replaceVarint,
  emptyFile,
  wrongMagic,
];

/** Changes a binary file in one place. */
export function mutateBytes(bytes: Bytes, random: Random): Mutation {
  const change = CHANGES[random.integer(CHANGES.length)];
  if (bytes.length === 0) return insertBytes(bytes, random);
  return change(bytes, random, structureOf(bytes));
}

function truncateAtBoundary(
  bytes: Bytes,
  random: Random,
  { boundaries }: BinaryStructure,
): Mutation {
  if (boundaries.length === 0) return truncateAnywhere(bytes, random);
  const length = Math.min(bytes.length, pick(boundaries, random) + pick([0, 0, 0, -1, 1], random));
  return cut(bytes, Math.max(0, length));
}

function truncateAnywhere(bytes: Bytes, random: Random): Mutation {
  return cut(bytes, random.integer(bytes.length));
}

function cut(bytes: Bytes, length: number): Mutation {
  return { bytes: bytes.slice(0, length), what: `cut to ${length} of ${bytes.length} bytes` };
}

function flipBit(bytes: Bytes, random: Random): Mutation {
  const at = random.integer(bytes.length);
  const bit = random.integer(8);
  const result = bytes.slice();
  result[at] ^= 1 << bit;
  return { bytes: result, what: `bit ${bit} of byte ${at} flipped` };
}

function setBytes(bytes: Bytes, random: Random): Mutation {
  const count = 1 + random.integer(random.uniform() < 0.8 ? 2 : 64);
  const at = random.integer(bytes.length);
  const result = bytes.slice();
  const end = Math.min(bytes.length, at + count);
  const fill = pick([undefined, undefined, 0, 0xff], random);
  for (let i = at; i < end; i++) result[i] = fill ?? random.integer(256);
  return { bytes: result, what: `bytes ${at} to ${end} overwritten` };
}

function overwriteField(bytes: Bytes, random: Random, { fields }: BinaryStructure): Mutation {
  if (fields.length === 0) return setBytes(bytes, random);
  const value = random.uniform() < 0.15
    ? BigInt(bytes.length + random.integer(3) - 1)
    : pick(EXTREMES, random);
  return write(bytes, pick(fields, random), value);
}

function nudgeField(bytes: Bytes, random: Random, { fields }: BinaryStructure): Mutation {
  if (fields.length === 0) return flipBit(bytes, random);
  const field = pick(fields, random);
  const by = pick([-1n, 1n, -2n, 2n, 4n, -8n, 8n, 256n], random);
  return write(bytes, field, readField(bytes, field) + by);
}

function readField(bytes: Bytes, { at, width, littleEndian }: Field): bigint {
  let value = 0n;
  for (let k = 0; k < width; k++) {
    value = (value << 8n) | BigInt(bytes[littleEndian ? at + width - 1 - k : at + k]);
  }
  return value;
}

function write(bytes: Bytes, { at, width, littleEndian }: Field, value: bigint): Mutation {
  const result = bytes.slice();
  for (let k = 0; k < width; k++) {
    result[littleEndian ? at + k : at + width - 1 - k] = Number((value >> BigInt(8 * k)) & 255n);
  }
  return { bytes: result, what: `${8 * width}-bit number at byte ${at} set to ${value}` };
}

/** Part of the file, from boundary to boundary or anywhere. */
function block(
  bytes: Bytes,
  random: Random,
  { boundaries }: BinaryStructure,
): readonly [start: number, end: number] {
  if (boundaries.length > 1 && random.uniform() < 0.6) {
    const sorted = [...new Set(boundaries)].sort((a, b) => a - b);
    const i = random.integer(sorted.length);
    return [sorted[i], sorted[i + 1] ?? bytes.length];
  }
  const start = random.integer(bytes.length);
  return [start, Math.min(bytes.length, start + 1 + random.integer(256))];
}

function copyBlock(bytes: Bytes, random: Random, structure: BinaryStructure): Mutation {
  const [start, end] = block(bytes, random, structure);
  const times = pick([1, 1, 2, 100], random);
  const copies = Array.from({ length: times }, () => bytes.subarray(start, end));
  const what = `bytes ${start} to ${end} repeated ${times} times`;
  return { bytes: join(bytes.subarray(0, end), ...copies, bytes.subarray(end)), what };
}

function swapBlocks(bytes: Bytes, random: Random, structure: BinaryStructure): Mutation {
  const [a, b] = [block(bytes, random, structure), block(bytes, random, structure)]
    .sort((left, right) => left[0] - right[0]);
  if (a[1] > b[0]) return setBytes(bytes, random);
  const part = (start: number, end: number) => bytes.subarray(start, end);
  const swapped = join(
    part(0, a[0]),
    part(...b),
    part(a[1], b[0]),
    part(...a),
    part(b[1], bytes.length),
  );
  return { bytes: swapped, what: `bytes ${a.join(" to ")} and ${b.join(" to ")} swapped` };
}

function insertBytes(bytes: Bytes, random: Random): Mutation {
  const at = random.integer(bytes.length + 1);
  const count = 1 + random.integer(random.uniform() < 0.8 ? 8 : 4096);
  const inserted = Uint8Array.from({ length: count }, () => random.integer(256));
  const what = `${count} bytes inserted at byte ${at}`;
  return { bytes: join(bytes.subarray(0, at), inserted, bytes.subarray(at)), what };
}

function removeBytes(bytes: Bytes, random: Random, structure: BinaryStructure): Mutation {
  const [start, end] = block(bytes, random, structure);
  const what = `bytes ${start} to ${end} removed`;
  return { bytes: join(bytes.subarray(0, start), bytes.subarray(end)), what };
}

/** A number of thrift or protobuf replaced by a huge one; parquet's footer length is put right. */
function replaceVarint(bytes: Bytes, random: Random): Mutation {
  const isParquet = String.fromCharCode(...bytes.subarray(0, 4)) === "PAR1" && bytes.length > 12;
  const end = isParquet ? bytes.length - 8 : bytes.length;
  const footer = isParquet
    ? new DataView(bytes.buffer, bytes.byteOffset).getUint32(end, true)
    : end;
  const start = Math.max(0, end - footer);
  const at = start + random.integer(Math.max(1, end - start));
  let length = 1;
  while (at + length < end && bytes[at + length - 1] >= 0x80) length++;
  let value = BigInt.asUintN(64, pick(EXTREMES, random));
  const varint: number[] = [];
  do {
    varint.push(Number(value & 127n) | (value > 127n ? 128 : 0));
    value >>= 7n;
  } while (value > 0n);
  const result = join(bytes.subarray(0, at), Uint8Array.from(varint), bytes.subarray(at + length));
  if (isParquet) {
    const grown = footer + varint.length - length;
    new DataView(result.buffer).setUint32(result.length - 8, grown, true);
  }
  return { bytes: result, what: `varint at byte ${at} set to ${varint.length} bytes` };
}

function emptyFile(bytes: Bytes): Mutation {
  return { bytes: new Uint8Array(), what: `all ${bytes.length} bytes removed` };
}

function wrongMagic(bytes: Bytes, random: Random): Mutation {
  const result = bytes.slice();
  const at = random.integer(Math.min(8, bytes.length));
  result[at] = random.integer(256);
  return { bytes: result, what: `byte ${at} of the first bytes set to ${result[at]}` };
}

function join(...parts: readonly Uint8Array[]): Bytes {
  const result = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    result.set(part, at);
    at += part.length;
  }
  return result;
}

/** One of the items. */
export function pick<T>(items: readonly T[], random: Random): T {
  return items[random.integer(items.length)];
}
