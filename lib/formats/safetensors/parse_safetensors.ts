/*
 * safetensors has no version: 8 bytes that count those of a JSON header (little-endian), the header
 * (name -> dtype, shape, data_offsets; texts under `__metadata__`; spaces up to a multiple of 8 since
 * 0.3), and the tensors' bytes, C order, little-endian, without holes. Types of fewer than 8 bits (since
 * 0.4 to 0.6: F8_E4M3, F8_E5M2, F4, …) are not read.
 */
import { type DenseArray } from "@/core/arrays.ts";
import { SthelarError } from "@/core/errors.ts";
import { parseJson } from "@/core/parse_json.ts";
import { TENSOR_TYPES } from "./tensor_types.ts";

/** Named arrays, and texts about them. */
export interface Safetensors {
  /** The arrays by name; names in the order of their bytes. */
  readonly tensors: ReadonlyMap<string, DenseArray>;
  /** The texts by name. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Bytes before the header. */
export const LENGTH_BYTES = 8;
/** The key of the header that holds texts. */
export const METADATA = "__metadata__";
/** A longer header is refused, as by the format's own library. */
const MAX_HEADER_BYTES = 100_000_000;

/** An entry of the header. */
interface TensorEntry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a file of tensors. Arrays are views of `bytes` where their places allow; F16 and BF16 become
 * float32, BOOL uint8.
 *
 * @param bytes The whole file.
 * @param path Names the file in messages.
 * @throws {SthelarError} `CorruptData` for a file that is cut off, has holes, or whose header does not
 *   fit its bytes; `UnsupportedVersion` for a type that is not read.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseSafetensors, writeSafetensors } from "@/formats/safetensors/mod.ts";
 *
 * const bias = { data: Float32Array.of(0.5, -1), shape: [2] };
 * const bytes = writeSafetensors(new Map([["bias", bias]]), { genes: "CD3E,KIT" });
 * const { tensors, metadata } = parseSafetensors(bytes, "model.safetensors");
 * assertEquals(tensors.get("bias"), bias);
 * assertEquals(metadata.genes, "CD3E,KIT");
 * ```
 */
export function parseSafetensors(bytes: Uint8Array, path: string): Safetensors {
  const { header, body } = splitFile(bytes, path);
  const { [METADATA]: texts, ...described } = header;
  const metadata = readMetadata(texts, path);
  const entries = Object.entries(described)
    .map(([name, entry]) => readEntry(name, entry, path))
    .sort((a, b) => a.start - b.start || a.end - b.end);
  requireNoHoles(entries, body.length, path);
  const tensors = new Map<string, DenseArray>();
  for (const { name, dtype, shape, start, end } of entries) {
    const { decode } = TENSOR_TYPES.get(dtype)!;
    tensors.set(name, { data: decode(body.subarray(start, end)), shape });
  }
  return { tensors, metadata };
}

function splitFile(bytes: Uint8Array, path: string) {
  if (bytes.length < LENGTH_BYTES) {
    throw corrupt(path, `${bytes.length} bytes`, `at least ${LENGTH_BYTES}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  const rest = bytes.length - LENGTH_BYTES;
  if (length > BigInt(Math.min(rest, MAX_HEADER_BYTES))) {
    throw corrupt(path, `a header of ${length} bytes in a file of ${bytes.length}`);
  }
  const end = LENGTH_BYTES + Number(length);
  const header = readHeader(bytes.subarray(LENGTH_BYTES, end), path);
  return { header, body: bytes.subarray(end) };
}

function readHeader(bytes: Uint8Array, path: string): Readonly<Record<string, unknown>> {
  let header: unknown;
  try {
    header = parseJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw corrupt(path, "a header that is no JSON", "a JSON object", cause);
  }
  if (bytes[0] === 0x7b && isRecord(header)) return header;
  throw corrupt(path, "a header that is something else", "a JSON object");
}

function readMetadata(texts: unknown, path: string): Record<string, string> {
  if (texts === undefined) return {};
  const isTexts = isRecord(texts) &&
    Object.values(texts).every((text) => typeof text === "string");
  if (isTexts) return texts as Record<string, string>;
  throw corrupt(path, `another kind of "${METADATA}"`, "texts by name");
}

function readEntry(name: string, entry: unknown, path: string): TensorEntry {
  const wrong = (found: string, expected?: string) =>
    corrupt(path, `${found} of tensor "${name}"`, expected);
  if (!isRecord(entry)) throw wrong("no description");
  const { dtype, shape, data_offsets: offsets } = entry;
  if (typeof dtype !== "string") throw wrong("no dtype");
  const type = TENSOR_TYPES.get(dtype);
  if (type === undefined) {
    throw new SthelarError("UnsupportedVersion", {
      action: `Cannot read the tensors of "${path}"`,
      found: `dtype "${dtype}" of tensor "${name}"`,
      expected: [...TENSOR_TYPES.keys()].join(", "),
      path,
    });
  }
  if (!isCounts(shape)) throw wrong(`shape ${JSON.stringify(shape)}`, "whole numbers");
  if (!isCounts(offsets) || offsets.length !== 2) {
    throw wrong(`data_offsets ${JSON.stringify(offsets)}`, "a start and an end");
  }
  const [start, end] = offsets;
  const size = shape.reduce((product, extent) => product * extent, type.width);
  if (end - start !== size) {
    throw wrong(`${end - start} bytes`, `${size} for ${dtype} of shape [${shape}]`);
  }
  return { name, dtype, shape, start, end };
}

/** Every byte belongs to one tensor. */
function requireNoHoles(entries: readonly TensorEntry[], length: number, path: string): void {
  let end = 0;
  for (const { name, start, end: next } of entries) {
    if (start !== end) {
      throw corrupt(path, `tensor "${name}" from byte ${start} of the data`, `from byte ${end}`);
    }
    end = next;
  }
  if (end !== length) {
    throw corrupt(path, `${length} bytes of data`, `${end}, as the header says`);
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => Number.isSafeInteger(item) && item >= 0);
}

function corrupt(path: string, found: string, expected?: string, cause?: unknown): SthelarError {
  return new SthelarError("CorruptData", {
    action: `Cannot read the tensors of "${path}"`,
    found,
    ...(expected === undefined ? {} : { expected }),
    remedy: "copy or make the file again",
    path,
    ...(cause === undefined ? {} : { cause }),
  });
}
