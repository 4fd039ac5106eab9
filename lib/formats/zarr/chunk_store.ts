import type { Disk } from "@/core/disk.ts";
import type { ArrayMetadata, Json } from "./node_metadata.ts";
import { bytesOf, shardingOf } from "./node_metadata.ts";

/** The part of a file that zarrita asks for. */
type RangeQuery = { offset: number; length: number } | { suffixLength: number };

/**
 * The folder of one array as zarrita sees it: the files of a {@link Disk}, and a metadata document
 * in which types that zarrita does not read (structured, fixed texts, booleans as bytes) stand as
 * plain bytes.
 */
export class ChunkStore {
  readonly #disk: Disk;
  readonly #path: string;
  readonly #document: Uint8Array;
  readonly #documentKey: string;
  readonly #isScalar: boolean;

  /** @param path The array's folder. */
  constructor(disk: Disk, path: string, metadata: ArrayMetadata) {
    this.#disk = disk;
    this.#path = path;
    this.#isScalar = metadata.shape.length === 0;
    this.#documentKey = metadata.zarrFormat === 2 ? "/.zarray" : "/zarr.json";
    const document = metadata.zarrFormat === 2 ? documentV2(metadata) : documentV3(metadata);
    this.#document = new TextEncoder().encode(JSON.stringify(document));
  }

  /** The file under `key`; nothing for a chunk that was never written. */
  get(key: string): Promise<Uint8Array | undefined> {
    if (key === this.#documentKey) return Promise.resolve(this.#document);
    if (key.endsWith("/.zattrs")) return Promise.resolve(undefined);
    return this.#disk.read(this.#path + (this.#isScalar && key === "/c/0" ? "/c" : key));
  }

  /** Exactly the bytes asked for: a shorter file is an error of the disk, never padded. */
  async getRange(key: string, range: RangeQuery): Promise<Uint8Array | undefined> {
    const file = this.#path + key;
    if ("offset" in range) return await this.#disk.readRange(file, range.offset, range.length);
    const stat = await this.#disk.stat(file);
    if (stat === undefined) return undefined;
    return await this.#disk.readRange(file, stat.size - range.suffixLength, range.suffixLength);
  }
}

function documentV2(metadata: ArrayMetadata): Json {
  const { document, type } = metadata;
  if (type.kind === "string") return { ...document, fill_value: "" };
  if (type.kind === "numeric" || type.kind === "float16") {
    return { ...document, fill_value: document.fill_value ?? 0 };
  }
  return {
    ...document,
    dtype: "|u1",
    shape: asBytes(metadata.shape, metadata),
    chunks: asBytes(metadata.fileShape, metadata),
    fill_value: Number(document.fill_value === true),
  };
}

function documentV3(metadata: ArrayMetadata): Json {
  const document = { ...metadata.document, attributes: {} };
  const { type } = metadata;
  if (type.kind === "numeric" || type.kind === "float16" || type.kind === "string") return document;
  const chunk_shape = asBytes(metadata.fileShape, metadata);
  const sharding = shardingOf(metadata.document);
  const inner = { ...sharding?.configuration, chunk_shape: asBytes(metadata.chunkShape, metadata) };
  return {
    ...document,
    ...(sharding === undefined ? {} : { codecs: [{ ...sharding, configuration: inner }] }),
    data_type: "uint8",
    shape: asBytes(metadata.shape, metadata),
    chunk_grid: { name: "regular", configuration: { chunk_shape } },
    fill_value: Number(metadata.document.fill_value === true),
  };
}

/**
 * Extents in bytes: the last axis grows, so that the names of the chunks stay; a scalar becomes a
 * list.
 */
export function asBytes(shape: readonly number[], { type }: ArrayMetadata): number[] {
  const bytes = bytesOf(type);
  if (shape.length === 0) return bytes === 1 ? [] : [bytes];
  return shape.map((extent, axis) => axis === shape.length - 1 ? extent * bytes : extent);
}
