import { type NumericArray, sizeOf } from "@/core/arrays.ts";
import type { Disk } from "@/core/disk.ts";
import { isSthelarError, messageOf, SthelarError } from "@/core/errors.ts";
import * as zarrita from "zarrita";
import { asBytes, ChunkStore } from "./chunk_store.ts";
import { unknownCodec } from "./codecs.ts";
import type { ArrayMetadata } from "./node_metadata.ts";
import { chunksTouching, type Range, strideOf } from "./region.ts";

/** A decoded chunk. */
export interface Block {
  readonly data: NumericArray | string[];
  readonly stride: readonly number[];
  /** First element of the chunk on each axis. */
  readonly corner: readonly number[];
  readonly extent: readonly number[];
  /** Whether the chunk is exactly the region, in C order. */
  readonly isWhole: boolean;
}

/** Chunks in flight: enough to overlap the disk with decoding, few enough to bound memory. */
const CONCURRENCY = 4;

/** More chunks than any store holds: damaged metadata would be read for hours. */
const MAX_CHUNKS = 2 ** 22;

type Opened = zarrita.Array<zarrita.DataType, ChunkStore>;

/** Reads and decodes the chunks of one array. */
export class ChunkReader {
  /** Extents of a decoded chunk, in values. */
  readonly chunkShape: readonly number[];
  readonly #path: string;
  readonly #metadata: ArrayMetadata;
  readonly #store: ChunkStore;
  #opened: Promise<Opened> | undefined;

  /** @param path The array's folder. */
  constructor(disk: Disk, path: string, metadata: ArrayMetadata) {
    this.#path = path;
    this.#metadata = metadata;
    this.#store = new ChunkStore(disk, path, metadata);
    this.chunkShape = metadata.chunkShape;
  }

  /** Calls `visit` for each chunk that the region touches, in no particular order. */
  async forEach(ranges: readonly Range[], visit: (block: Block) => void): Promise<void> {
    const array = await this.#open();
    this.#checkCount(ranges, array.chunks);
    const pending = chunksTouching(ranges, array.chunks);
    const work = async () => {
      for (const index of pending) visit(await this.#read(array, index, ranges));
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, work));
  }

  async #open(): Promise<Opened> {
    this.#checkCodecs();
    const root = zarrita.root(this.#store);
    const open = this.#metadata.zarrFormat === 2 ? zarrita.open.v2 : zarrita.open.v3;
    this.#opened ??= open(root, { kind: "array" })
      .catch((cause) => Promise.reject(this.#error(this.#metadata.file, cause)));
    return await this.#opened;
  }

  #checkCodecs(): void {
    const { document, zarrFormat } = this.#metadata;
    const unknown = unknownCodec(document, zarrFormat);
    if (unknown === undefined) return;
    throw this.#error(this.#path, new zarrita.UnknownCodecError(unknown));
  }

  async #read(array: Opened, index: number[], ranges: readonly Range[]): Promise<Block> {
    const extent = array.chunks;
    const file = this.#fileOf(index, extent);
    const chunk = await array.getChunk(index)
      .catch((cause) => Promise.reject(this.#error(file, cause)));
    const data = plainValues(chunk.data);
    if (data.length !== sizeOf(extent)) {
      throw this.#error(file, new Error(`${data.length} values instead of ${sizeOf(extent)}`));
    }
    const corner = index.map((i, axis) => i * extent[axis]);
    const stride = chunk.stride;
    const cOrder = strideOf(extent);
    const isWhole = cOrder.every((step, axis) => step === stride[axis]) &&
      ranges.every(([start, stop], axis) => {
        return start === corner[axis] && stop === corner[axis] + extent[axis];
      });
    return { data, stride, corner, extent, isWhole };
  }

  /** The file that holds a chunk. */
  #fileOf(index: readonly number[], extent: readonly number[]): string {
    const { shape } = this.#metadata;
    if (shape.length === 0) return `${this.#path}/${this.#metadata.fileOf([])}`;
    const fileShape = asBytes(this.#metadata.fileShape, this.#metadata);
    const scaled = isByteType(this.#metadata) ? fileShape : this.#metadata.fileShape;
    const inFile = index.map((i, axis) => Math.floor((i * extent[axis]) / scaled[axis]));
    return `${this.#path}/${this.#metadata.fileOf(inFile)}`;
  }

  #checkCount(ranges: readonly Range[], extent: readonly number[]): void {
    const count = sizeOf(ranges.map(([start, stop], axis) => (stop - start) / extent[axis]));
    if (count <= MAX_CHUNKS) return;
    throw new SthelarError("OverBudget", {
      action: `Cannot read "${this.#path}" at once`,
      found: `${Math.ceil(count)} chunks`,
      expected: `at most ${MAX_CHUNKS}`,
      remedy: "read it region by region, or check its metadata",
      path: this.#path,
    });
  }

  #error(path: string, cause: unknown): SthelarError {
    const below = cause instanceof Error && cause.cause !== undefined ? cause.cause : cause;
    if (isSthelarError(below)) return below;
    if (zarrita.isZarritaError(cause, "UnknownCodecError", "UnsupportedError")) {
      return new SthelarError("UnsupportedVersion", {
        action: `Cannot read the chunks of "${this.#path}"`,
        found: cause.message,
        expected: "blosc, zstd, gzip, zlib, lz4, crc32c, transpose, delta or shuffle",
        path: this.#path,
        cause,
      });
    }
    return new SthelarError("CorruptData", {
      action: `Cannot read "${path}"`,
      found: messageOf(below),
      expected: `a chunk of "${this.#path}"`,
      remedy: "the file is cut short or damaged: copy or write the store again",
      path,
      cause,
    });
  }
}

function isByteType({ type }: ArrayMetadata): boolean {
  return type.kind === "bool" || type.kind === "text" || type.kind === "records";
}

function plainValues(data: unknown): NumericArray | string[] {
  if (data instanceof Float16Array) return Float32Array.from(data);
  return data as NumericArray | string[];
}
