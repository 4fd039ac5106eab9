/**
 * Metadata documents of zarr nodes.
 *
 * | version | group                 | array                 | attributes   | chunk keys       | types    |
 * | ------- | --------------------- | --------------------- | ------------ | ---------------- | -------- |
 * | 2       | `.zgroup`             | `.zarray`             | `.zattrs`    | `0.0` or `0/0`   | `"<f4"`  |
 * | 3       | `zarr.json`           | `zarr.json`           | in the same  | `c/0/0`          | `"float32"` |
 *
 * @module
 */
import { bytesPerValue, sizeOf } from "@/core/arrays.ts";
import type { Disk } from "@/core/disk.ts";
import { messageOf, SthelarError } from "@/core/errors.ts";
import { parseJson } from "@/core/parse_json.ts";
import type { Attributes } from "./attributes.ts";
import { parseTypeV2, parseTypeV3, type StoredType } from "./stored_type.ts";

/** A parsed metadata document. */
export type Json = Readonly<Record<string, unknown>>;

/** What is known of a node from its metadata. */
export type NodeMetadata = GroupMetadata | ArrayMetadata;

/** Metadata of a group. */
export interface GroupMetadata {
  readonly kind: "group";
  readonly zarrFormat: 2 | 3;
  readonly attributes: Attributes;
  readonly document: Json;
}

/** Metadata of an array, checked. */
export interface ArrayMetadata {
  readonly kind: "array";
  readonly zarrFormat: 2 | 3;
  readonly attributes: Attributes;
  /** The file it was read from. */
  readonly file: string;
  readonly shape: readonly number[];
  /** Extents of a stored file: of a shard where there are shards. */
  readonly fileShape: readonly number[];
  /** Extents of what is decoded at once: of a chunk within a shard where there are shards. */
  readonly chunkShape: readonly number[];
  readonly type: StoredType;
  readonly dimensionNames: readonly string[] | undefined;
  readonly document: Json;
  /** Path of a stored file below the array's folder. */
  fileOf(index: readonly number[]): string;
}

/** Largest decoded chunk that is read: zlib's and numpy's buffers end there as well. */
const MAX_CHUNK_BYTES = 2 ** 31;

/**
 * Reads the metadata of the node in the folder `path`.
 *
 * @param hint The version to look for first.
 * @returns `undefined` if there is no node.
 * @throws {SthelarError} `CorruptData` or `UnsupportedVersion`.
 */
export async function readNode(
  disk: Disk,
  path: string,
  hint: 2 | 3 = 3,
): Promise<NodeMetadata | undefined> {
  return hint === 3
    ? await readNodeV3(disk, path) ?? await readNodeV2(disk, path)
    : await readNodeV2(disk, path) ?? await readNodeV3(disk, path);
}

async function readNodeV3(disk: Disk, path: string): Promise<NodeMetadata | undefined> {
  const file = `${path}/zarr.json`;
  const document = await readJson(disk, file);
  if (document === undefined) return undefined;
  if (document.zarr_format !== 3) {
    throw new SthelarError("UnsupportedVersion", {
      action: `Cannot read "${file}"`,
      found: `zarr_format ${JSON.stringify(document.zarr_format)}`,
      expected: "2 or 3",
      path: file,
    });
  }
  const attributes = (document.attributes ?? {}) as Attributes;
  if (document.node_type === "group") {
    return { kind: "group", zarrFormat: 3, attributes, document };
  }
  if (document.node_type !== "array") {
    throw corrupt(file, `node_type ${JSON.stringify(document.node_type)}`, '"group" or "array"');
  }
  return arrayMetadata(file, document, attributes, 3);
}

async function readNodeV2(disk: Disk, path: string): Promise<NodeMetadata | undefined> {
  const array = await readJson(disk, `${path}/.zarray`);
  const group = array ?? await readJson(disk, `${path}/.zgroup`);
  if (group === undefined) return undefined;
  const attributes = ((await readJson(disk, `${path}/.zattrs`)) ?? {}) as Attributes;
  return array === undefined
    ? { kind: "group", zarrFormat: 2, attributes, document: group }
    : arrayMetadata(`${path}/.zarray`, array, attributes, 2);
}

async function readJson(disk: Disk, file: string): Promise<Json | undefined> {
  const bytes = await disk.read(file);
  if (bytes === undefined) return undefined;
  let value: unknown;
  try {
    value = parseJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw corrupt(file, `no JSON (${messageOf(cause)})`, "the metadata of a zarr node", cause);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw corrupt(file, "no JSON object", "the metadata of a zarr node");
  }
  return value as Json;
}

function arrayMetadata(
  file: string,
  document: Json,
  attributes: Attributes,
  zarrFormat: 2 | 3,
): ArrayMetadata {
  const shape = extents(file, "shape", document.shape, 0);
  const declared = zarrFormat === 2 ? document.chunks : regularChunks(file, document);
  const fileShape = extents(file, "chunk shape", declared, 0).map((n) => Math.max(n, 1));
  if (fileShape.length !== shape.length) {
    throw corrupt(file, `${fileShape.length} chunk extents`, `${shape.length}, as in the shape`);
  }
  const dataType = zarrFormat === 2 ? document.dtype : document.data_type;
  const type = zarrFormat === 2 ? parseTypeV2(dataType) : parseTypeV3(dataType);
  if (type === undefined) {
    throw new SthelarError("UnsupportedVersion", {
      action: `Cannot read the array of "${file}"`,
      found: `values of type ${JSON.stringify(dataType)}`,
      expected: "numbers, booleans, texts or records of them",
      path: file,
    });
  }
  checkLayout(file, document, type, shape.length);
  const inner = shardingOf(document)?.configuration?.chunk_shape;
  const chunkShape = inner === undefined ? fileShape : extents(file, "chunk shape", inner, 1);
  if (sizeOf(chunkShape) * bytesOf(type) > MAX_CHUNK_BYTES) {
    throw corrupt(file, `chunks of ${chunkShape.join(" x ")}`, "chunks of less than 2 GiB");
  }
  return {
    kind: "array",
    zarrFormat,
    attributes,
    file,
    shape,
    fileShape,
    chunkShape,
    type,
    dimensionNames: dimensionNames(document, attributes),
    document,
    fileOf: zarrFormat === 2 ? keysV2(document) : keysV3(document),
  };
}

/** Bytes of one stored value; for texts of any length what the length alone takes. */
export function bytesOf(type: StoredType): number {
  if (type.kind === "numeric") return bytesPerValue(type.dtype);
  if (type.kind === "bool") return 1;
  return type.kind === "float16" ? 2 : type.kind === "string" ? 4 : type.bytes;
}

function extents(file: string, what: string, value: unknown, least: number): readonly number[] {
  const fine = Array.isArray(value) && value.length <= 32 &&
    value.every((extent) => Number.isSafeInteger(extent) && extent >= least);
  if (!fine) {
    throw corrupt(file, `${what} ${JSON.stringify(value)}`, "a list of whole numbers");
  }
  return value;
}

function regularChunks(file: string, document: Json): unknown {
  const grid = document.chunk_grid as { name?: unknown; configuration?: Json } | undefined;
  if (grid?.name !== "regular") {
    throw corrupt(file, `chunk grid ${JSON.stringify(grid?.name)}`, '"regular"');
  }
  return grid.configuration?.chunk_shape;
}

/** The codec that packs chunks into shards, if there is one. */
export function shardingOf(document: Json): { readonly configuration?: Json } | undefined {
  const codecs = Array.isArray(document.codecs) ? document.codecs : [];
  return codecs.find((codec) => codec?.name === "sharding_indexed");
}

/** Values read as plain bytes must lie there in C order, lowest byte first. */
function checkLayout(file: string, document: Json, type: StoredType, rank: number): void {
  if (type.kind !== "text" && type.kind !== "records") return;
  const codecs = Array.isArray(document.codecs) ? document.codecs : [];
  const isBigEndian = codecs.some((codec) => codec?.configuration?.endian === "big");
  const isTransposed = rank > 1 &&
    (document.order === "F" || codecs.some((codec) => codec?.name === "transpose"));
  if (!isBigEndian && !isTransposed) return;
  throw new SthelarError("UnsupportedVersion", {
    action: `Cannot read the array of "${file}"`,
    found: `${type.kind} in ${isBigEndian ? "big-endian" : "Fortran"} order`,
    expected: "C order and little-endian",
    path: file,
  });
}

function dimensionNames(document: Json, attributes: Attributes): readonly string[] | undefined {
  const names = document.dimension_names ?? attributes._ARRAY_DIMENSIONS;
  return Array.isArray(names) && names.every((name) => typeof name === "string")
    ? names
    : undefined;
}

function keysV2(document: Json): (index: readonly number[]) => string {
  const separator = document.dimension_separator === "/" ? "/" : ".";
  return (index) => index.join(separator) || "0";
}

function keysV3(document: Json): (index: readonly number[]) => string {
  const encoding = document.chunk_key_encoding as { name?: unknown; configuration?: Json };
  const separator = encoding?.configuration?.separator;
  if (encoding?.name === "v2") return (index) => index.join(String(separator ?? ".")) || "0";
  return (index) => ["c", ...index].join(String(separator ?? "/"));
}

function corrupt(file: string, found: string, expected: string, cause?: unknown): SthelarError {
  return new SthelarError("CorruptData", {
    action: `Cannot read zarr metadata from "${file}"`,
    found,
    expected,
    remedy: "the store is damaged: copy or write it again",
    path: file,
    cause,
  });
}
