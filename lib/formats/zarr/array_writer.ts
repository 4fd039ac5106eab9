import {
  allocate,
  bytesPerValue,
  dtypeOf,
  type NumericArray,
  type NumericDType,
  sizeOf,
} from "@/core/arrays.ts";
import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { copyOverlap, type Range, strideOf } from "./region.ts";
import {
  type ArrayOptions,
  checkedChunks,
  chunkFile,
  defaultChunks,
  littleEndian,
  writeArrayDocument,
} from "./write_metadata.ts";
import { compressZstd } from "./zstd.ts";

/** Writes the chunks of one array, each once, in any order. */
export interface ArrayWriter {
  /** Extents of the array. */
  readonly shape: readonly number[];
  /** Extents of a chunk. */
  readonly chunks: readonly number[];
  /** Type of the values. */
  readonly dtype: NumericDType | "bool";
  /**
   * Writes one chunk; a chunk that holds nothing but the fill value is left out.
   *
   * @param index The chunk's place in the grid of chunks.
   * @param data The chunk's values clipped to the array's edge, C order; copied, so a view is fine.
   * @throws {SthelarError} `InvalidArgument` if index, length or type do not fit.
   */
  writeChunk(index: readonly number[], data: NumericArray): Promise<void>;
}

/**
 * Creates a zarr v3 array (little-endian, zstd, chunk names `c/0/0`) and returns its writer.
 *
 * @param path The array's folder, absolute; nothing may be there yet.
 * @param shape Extents, slowest axis first.
 * @throws {SthelarError} `InvalidArgument` if shape and chunks do not fit each other.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 * import { createArray, openArray } from "@/formats/zarr/mod.ts";
 *
 * const disk = new MemoryDisk();
 * const writer = await createArray(disk, "/image", [2, 3], "uint16", { chunks: [2, 2] });
 * await writer.writeChunk([0, 0], Uint16Array.of(1, 2, 4, 5));
 * await writer.writeChunk([0, 1], Uint16Array.of(3, 6));
 * const image = await (await openArray(disk, "/image")).read();
 * assertEquals([...image.data], [1, 2, 3, 4, 5, 6]);
 * ```
 */
export async function createArray(
  disk: Disk,
  path: string,
  shape: readonly number[],
  dtype: NumericDType | "bool",
  options: ArrayOptions = {},
): Promise<ArrayWriter> {
  const chunks = checkedChunks(path, shape, options.chunks ?? defaultChunks(shape));
  const fill = options.fillValue ?? (dtype === "bool" ? false : 0);
  const width = dtype === "bool" ? 1 : bytesPerValue(dtype);
  const bytes = width === 1 ? { name: "bytes" } : littleEndian;
  await writeArrayDocument(disk, path, shape, chunks, dtype, fill, bytes, options);
  const level = options.zstdLevel ?? 1;
  const compress = (bytes: Uint8Array) =>
    options.compressPool?.compress(bytes, level) ?? compressZstd(bytes, level);
  return new ZstdArrayWriter(disk, path, shape, chunks, dtype, fill, compress);
}

class ZstdArrayWriter implements ArrayWriter {
  readonly shape: readonly number[];
  readonly chunks: readonly number[];
  readonly dtype: NumericDType | "bool";
  readonly #disk: Disk;
  readonly #path: string;
  readonly #fill: number | bigint;
  readonly #compress: (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>;

  constructor(
    disk: Disk,
    path: string,
    shape: readonly number[],
    chunks: readonly number[],
    dtype: NumericDType | "bool",
    fill: number | bigint | boolean | string,
    compress: (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>,
  ) {
    this.shape = shape;
    this.chunks = chunks;
    this.dtype = dtype;
    this.#disk = disk;
    this.#path = path;
    this.#fill = dtype === "int64" || dtype === "uint64" ? BigInt(fill) : Number(fill);
    this.#compress = compress;
  }

  async writeChunk(index: readonly number[], data: NumericArray): Promise<void> {
    const clipped = this.#clippedShape(index);
    const stored = this.dtype === "bool" ? "uint8" : this.dtype;
    if (data.length !== sizeOf(clipped) || dtypeOf(data) !== stored) {
      throw new SthelarError("InvalidArgument", {
        action: `Cannot write chunk [${index}] of "${this.#path}"`,
        found: `${data.length} values of type ${dtypeOf(data)}`,
        expected: `${clipped.join(" x ")} of type ${stored}`,
        path: this.#path,
      });
    }
    if (isFilledWith(data, this.#fill)) return;
    const whole = clipped.every((extent, axis) => extent === this.chunks[axis]);
    const padded = whole ? data : this.#pad(data, clipped, stored);
    const bytes = new Uint8Array(padded.buffer, padded.byteOffset, padded.byteLength);
    await this.#disk.write(chunkFile(this.#path, index), await this.#compress(bytes));
  }

  #clippedShape(index: readonly number[]): number[] {
    const clipped = this.chunks.map((extent, axis) => {
      return Math.min(extent, this.shape[axis] - index[axis] * extent);
    });
    const isInside = index.length === this.shape.length &&
      index.every((i, axis) => Number.isInteger(i) && i >= 0 && clipped[axis] > 0);
    if (isInside) return clipped;
    throw new SthelarError("InvalidArgument", {
      action: `Cannot write chunk [${index}] of "${this.#path}"`,
      expected: `a chunk of an array of ${this.shape.join(" x ")}`,
      path: this.#path,
    });
  }

  #pad(data: NumericArray, clipped: readonly number[], dtype: NumericDType): NumericArray {
    const padded = allocate(dtype, sizeOf(this.chunks));
    if (Number(this.#fill) !== 0) (padded as Uint8Array).fill(this.#fill as number);
    const ranges = this.chunks.map((extent): Range => [0, extent]);
    copyOverlap(
      { data, stride: strideOf(clipped) },
      clipped.map(() => 0),
      clipped,
      { data: padded, stride: strideOf(this.chunks) },
      ranges,
    );
    return padded;
  }
}

function isFilledWith(data: NumericArray, fill: number | bigint): boolean {
  for (let i = 0; i < data.length; i++) if (!Object.is(data[i], fill)) return false;
  return true;
}
