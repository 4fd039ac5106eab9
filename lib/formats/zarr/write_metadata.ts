import type { CompressPool } from "./compress_pool.ts";
import { sizeOf } from "@/core/arrays.ts";
import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import type { Attributes, JsonValue } from "./attributes.ts";

/** How an array is stored. */
export interface ArrayOptions {
  /** Extents of a chunk; by default whole rows, about a million values. */
  readonly chunks?: readonly number[];
  /** Names of the axes. */
  readonly dimensionNames?: readonly string[];
  /** Free-form metadata. */
  readonly attributes?: Attributes;
  /** Value of chunks that are not stored: 0, false or "" by default. */
  readonly fillValue?: number | bigint | boolean | string;
  /** zstd level, 1 by default. */
  readonly zstdLevel?: number;
  /** Compresses chunks on other threads; stays the caller's. */
  readonly compressPool?: CompressPool;
}

const TARGET_CHUNK_VALUES = 2 ** 20;

/**
 * Creates a zarr v3 group.
 *
 * @param path The group's folder, absolute.
 */
export async function createGroup(
  disk: Disk,
  path: string,
  attributes: Attributes = {},
): Promise<void> {
  await writeDocument(disk, path, { attributes, zarr_format: 3, node_type: "group" });
}

/** The codec of numbers of more than a byte. */
export const littleEndian = { name: "bytes", configuration: { endian: "little" } };

/** Writes the metadata of an array, key by key as zarr-python 3 does. */
export async function writeArrayDocument(
  disk: Disk,
  path: string,
  shape: readonly number[],
  chunks: readonly number[],
  dataType: JsonValue,
  fill: number | bigint | boolean | string,
  arrayToBytes: { readonly name: string },
  options: ArrayOptions,
): Promise<void> {
  const zstd = { level: options.zstdLevel ?? 1, checksum: true };
  await writeDocument(disk, path, {
    shape,
    data_type: dataType,
    chunk_grid: { name: "regular", configuration: { chunk_shape: chunks } },
    chunk_key_encoding: { name: "default", configuration: { separator: "/" } },
    fill_value: jsonFill(path, fill),
    codecs: [arrayToBytes, { name: "zstd", configuration: zstd }],
    attributes: options.attributes ?? {},
    ...(options.dimensionNames === undefined ? {} : { dimension_names: options.dimensionNames }),
    zarr_format: 3,
    node_type: "array",
    storage_transformers: [],
  });
}

/** JSON has no NaN and no infinities: zarr v3 writes them as texts. */
function jsonFill(path: string, fill: number | bigint | boolean | string) {
  if (typeof fill === "number" && !Number.isFinite(fill)) return String(fill);
  if (typeof fill !== "bigint") return fill;
  if (BigInt(Number(fill)) === fill) return Number(fill);
  throw new SthelarError("InvalidArgument", {
    action: `Cannot write the array "${path}"`,
    found: `fill value ${fill}`,
    expected: "one that JSON can hold",
    path,
  });
}

async function writeDocument(disk: Disk, path: string, document: object): Promise<void> {
  const text = JSON.stringify(document, undefined, 2);
  await disk.write(`${path}/zarr.json`, new TextEncoder().encode(text));
}

/** The file of a chunk. */
export function chunkFile(path: string, index: readonly number[]): string {
  return [path, "c", ...index].join("/");
}

/** Whole rows, about a million values. */
export function defaultChunks(shape: readonly number[]): number[] {
  if (shape.length === 0) return [];
  const perRow = Math.max(1, sizeOf(shape.slice(1)));
  const rows = Math.min(shape[0], Math.max(1, Math.floor(TARGET_CHUNK_VALUES / perRow)));
  return [rows, ...shape.slice(1)].map((extent) => Math.max(1, extent));
}

/** The chunks if they fit the shape. */
export function checkedChunks(
  path: string,
  shape: readonly number[],
  chunks: readonly number[],
): readonly number[] {
  const fits = chunks.length === shape.length && chunks.every((n) => Number.isInteger(n) && n > 0);
  if (fits) return chunks;
  throw new SthelarError("InvalidArgument", {
    action: `Cannot create the array "${path}" of ${shape.join(" x ")}`,
    found: `chunks of ${chunks.join(" x ")}`,
    expected: "a positive whole number on each axis",
    path,
  });
}
