import {
  allocate,
  type DenseArray,
  type NumericArray,
  type NumericDType,
  sizeOf,
} from "@/core/arrays.ts";
import type { Disk } from "@/core/disk.ts";
import { messageOf, SthelarError } from "@/core/errors.ts";
import type { Attributes } from "./attributes.ts";
import { asBytes } from "./chunk_store.ts";
import { ChunkReader } from "./chunk_reader.ts";
import { decodeFixedTexts, decodeNumbers } from "./fixed_text.ts";
import { type ArrayMetadata, bytesOf } from "./node_metadata.ts";
import { copyOverlap, type Range, strideOf } from "./region.ts";

/** An array of a zarr store, read chunk by chunk. */
export interface ZarrArray {
  /** Its folder. */
  readonly path: string;
  /** Its free-form metadata. */
  readonly attributes: Attributes;
  /** Extents, slowest axis first. */
  readonly shape: readonly number[];
  /** Extents of a chunk (of an inner chunk where there are shards). */
  readonly chunks: readonly number[];
  /** Type of the values read; float16 is widened to float32. */
  readonly dtype: NumericDType | "bool" | "string";
  /** Names of the axes, if the store names them. */
  readonly dimensionNames?: readonly string[];
  /**
   * Reads all values; booleans become 0 and 1.
   *
   * @throws {SthelarError} `CorruptData` naming the file, `InvalidArgument` for texts, `OverBudget`
   *   for more than 8 GiB.
   */
  read(): Promise<DenseArray>;
  /**
   * Reads a box of values; only the chunks that it touches are read.
   *
   * @param ranges `[start, stop)` on each axis.
   */
  readRegion(ranges: readonly Range[]): Promise<DenseArray>;
  /** Reads all texts, C order. */
  readStrings(): Promise<string[]>;
}

/** Columns of a structured array, by field. */
export type Records = ReadonlyMap<string, NumericArray | readonly string[]>;

const MAX_READ_BYTES = 2 ** 33;

/** An array whose metadata has been read. */
export class StoredArray implements ZarrArray {
  readonly path: string;
  readonly attributes: Attributes;
  readonly shape: readonly number[];
  readonly dtype: NumericDType | "bool" | "string";
  readonly dimensionNames?: readonly string[];
  readonly #metadata: ArrayMetadata;
  readonly #chunks: ChunkReader;

  /** @param path The array's folder. */
  constructor(disk: Disk, path: string, metadata: ArrayMetadata) {
    this.path = path;
    this.attributes = metadata.attributes;
    this.shape = metadata.shape;
    this.dtype = publicType(metadata);
    if (metadata.dimensionNames !== undefined) this.dimensionNames = metadata.dimensionNames;
    this.#metadata = metadata;
    this.#chunks = new ChunkReader(disk, path, metadata);
  }

  get chunks(): readonly number[] {
    return this.#chunks.chunkShape;
  }

  async read(): Promise<DenseArray> {
    return await this.readRegion(this.shape.map((extent) => [0, extent]));
  }

  async readRegion(ranges: readonly Range[]): Promise<DenseArray> {
    this.#checkRegion(ranges);
    const { type } = this.#metadata;
    if (type.kind === "string" || type.kind === "text" || type.kind === "records") {
      throw this.#wrongCall("texts", "readStrings()");
    }
    const dtype = this.dtype === "bool" ? "uint8" : this.dtype as NumericDType;
    return { data: await this.#numbers(dtype, ranges), shape: lengths(ranges) };
  }

  async readStrings(): Promise<string[]> {
    const { type } = this.#metadata;
    if (type.kind === "text") {
      const bytes = await this.#bytes();
      return this.#decode(() => decodeFixedTexts(bytes, type));
    }
    if (type.kind !== "string") throw this.#wrongCall("numbers", "read()");
    const ranges = this.shape.map((extent): Range => [0, extent]);
    this.#checkSize(this.shape, 8);
    const texts = new Array<string>(sizeOf(this.shape)).fill("");
    const target = { data: texts, stride: strideOf(this.shape) };
    await this.#chunks.forEach(ranges, (block) => {
      copyOverlap(
        { ...block, data: block.data as string[] },
        block.corner,
        block.extent,
        target,
        ranges,
      );
    });
    return texts;
  }

  /** Reads a structured array, field by field. */
  async readRecords(): Promise<Records> {
    const { type } = this.#metadata;
    if (type.kind !== "records") throw this.#wrongCall(`values of type ${this.dtype}`, "read()");
    const bytes = await this.#bytes();
    return this.#decode(() =>
      new Map(type.fields.map((field) => {
        const values = field.type.kind === "text"
          ? decodeFixedTexts(bytes, field.type, field.offset, type.bytes)
          : decodeNumbers(bytes, field.type, field.offset, type.bytes);
        return [field.name, values] as const;
      }))
    );
  }

  #decode<T>(run: () => T): T {
    try {
      return run();
    } catch (cause) {
      throw new SthelarError("CorruptData", {
        action: `Cannot read "${this.path}"`,
        found: messageOf(cause),
        expected: "texts",
        path: this.path,
        cause,
      });
    }
  }

  /** All values as the bytes that they are stored in. */
  async #bytes(): Promise<Uint8Array> {
    const shape = asBytes(this.shape, this.#metadata);
    return await this.#numbers("uint8", shape.map((extent) => [0, extent])) as Uint8Array;
  }

  async #numbers(dtype: NumericDType, ranges: readonly Range[]): Promise<NumericArray> {
    const shape = lengths(ranges);
    this.#checkSize(shape, bytesOf(this.#metadata.type));
    let whole: NumericArray | undefined;
    const data = allocateLazily(dtype, sizeOf(shape));
    const target = { stride: strideOf(shape) };
    await this.#chunks.forEach(ranges, (block) => {
      const values = block.data as NumericArray;
      if (block.isWhole) whole = values;
      else {copyOverlap({ ...block, data: values }, block.corner, block.extent, {
          ...target,
          data: data(),
        }, ranges);}
    });
    return whole ?? data();
  }

  #checkRegion(ranges: readonly Range[]): void {
    const fits = ranges.length === this.shape.length &&
      ranges.every(([start, stop], axis) => {
        return Number.isInteger(start) && Number.isInteger(stop) && 0 <= start && start <= stop &&
          stop <= this.shape[axis];
      });
    if (fits) return;
    throw new SthelarError("InvalidArgument", {
      action: `Cannot read the region ${JSON.stringify(ranges)} of "${this.path}"`,
      expected: `ranges within ${JSON.stringify(this.shape)}`,
      path: this.path,
    });
  }

  #checkSize(shape: readonly number[], bytes: number): void {
    if (sizeOf(shape) * bytes <= MAX_READ_BYTES) return;
    throw new SthelarError("OverBudget", {
      action: `Cannot read "${this.path}" at once`,
      found: `${shape.join(" x ")} values`,
      expected: "less than 8 GiB",
      remedy: "read it region by region, or check its metadata",
      path: this.path,
    });
  }

  #wrongCall(found: string, call: string): SthelarError {
    return new SthelarError("InvalidArgument", {
      action: `Cannot read "${this.path}" this way`,
      found,
      remedy: `use ${call}`,
      path: this.path,
    });
  }
}

function publicType({ type }: ArrayMetadata): NumericDType | "bool" | "string" {
  if (type.kind === "numeric") return type.dtype;
  if (type.kind === "float16") return "float32";
  return type.kind === "bool" ? "bool" : "string";
}

function lengths(ranges: readonly Range[]): number[] {
  return ranges.map(([start, stop]) => stop - start);
}

/** Memory that is taken when the first chunk has been decoded, not before. */
function allocateLazily(dtype: NumericDType, length: number): () => NumericArray {
  let data: NumericArray | undefined;
  return () => data ??= allocate(dtype, length);
}
