import { filterLine } from "./filter_line.ts";
import { type RasterSize, requirePixels } from "./raster_size.ts";

/**
 * A filter that is the product of one along rows and one along columns, each a list of factors to
 * convolve with one after another, of an odd number of weights together. An odd factor is symmetric.
 */
export interface SeparableKernel {
  /** Along a row, from the left. */
  readonly x: readonly Float64Array[];
  /** Along a column, from the top. */
  readonly y: readonly Float64Array[];
}

/** The lowest and the highest of values. */
export interface ValueRange {
  readonly min: number;
  readonly max: number;
}

/**
 * The weights of all factors together.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { kernelWeights } from "@/vision/raster/mod.ts";
 *
 * assertEquals([...kernelWeights([Float64Array.of(1, 1), Float64Array.of(-1, 1)])], [-1, 0, 1]);
 * ```
 */
export function kernelWeights(factors: readonly Float64Array[]): Float64Array {
  return factors.reduce((product, factor) => {
    const next = new Float64Array(product.length + factor.length - 1);
    product.forEach((a, i) => factor.forEach((b, k) => next[i + k] += a * b));
    return next;
  }, Float64Array.of(1));
}

/**
 * Filters maps of one size; buffers are reused. The border is reflected about its pixels
 * (`BORDER_REFLECT_101`: `c b | a b c`).
 */
export class SeparableFilter {
  readonly #size: RasterSize;
  /** Values from row to row: the pixels of a column must not share the cache's few lines of one address. */
  readonly #stride: number;
  readonly #values: Float64Array;
  #line = new Float64Array(0);

  /** @param size Of all maps. */
  constructor(size: RasterSize) {
    this.#size = size;
    this.#stride = 8 * (2 * Math.ceil(size.width / 16) + 1);
    this.#values = new Float64Array(this.#stride * size.height);
  }

  /**
   * @param values (height, width).
   * @param kernel Convolved with, not mirrored.
   * @param into Gets the filtered values; may be `values`.
   * @returns The lowest and the highest of the filtered values.
   */
  filter(
    values: Float32Array | Float64Array,
    { x, y }: SeparableKernel,
    into: Float32Array | Float64Array,
  ): ValueRange {
    requirePixels("Cannot filter a map", this.#size, values, into);
    this.#filterRows(values, x);
    const range = this.#filterColumns(y);
    const { width, height } = this.#size;
    for (let row = 0; row < height; row++) {
      const start = row * this.#stride;
      into.set(this.#values.subarray(start, start + width), row * width);
    }
    return range;
  }

  #filterRows(values: Float32Array | Float64Array, factors: readonly Float64Array[]): void {
    const { width, height } = this.#size;
    const reach = reachOf(factors), line = this.#lineOf(width + 2 * reach);
    for (let row = 0; row < height; row++) {
      line.set(values.subarray(row * width, (row + 1) * width), reach);
      reflectEnds(line, width, reach);
      filterLine(line, width + 2 * reach, factors);
      this.#values.set(line.subarray(0, width), row * this.#stride);
    }
  }

  #filterColumns(factors: readonly Float64Array[]): ValueRange {
    const { width, height } = this.#size;
    const values = this.#values, stride = this.#stride;
    const reach = reachOf(factors), line = this.#lineOf(height + 2 * reach);
    let min = Infinity, max = -Infinity;
    for (let column = 0; column < width; column++) {
      for (let i = 0, p = column; i < height; i++, p += stride) line[reach + i] = values[p];
      reflectEnds(line, height, reach);
      filterLine(line, height + 2 * reach, factors);
      for (let i = 0, p = column; i < height; i++, p += stride) {
        const value = values[p] = line[i];
        if (value < min) min = value;
        if (value > max) max = value;
      }
    }
    return { min, max };
  }

  /** One value longer, for what works on two at a time. */
  #lineOf(length: number): Float64Array {
    if (length >= this.#line.length) this.#line = new Float64Array(length + 1);
    return this.#line;
  }
}

/** How far the factors together reach to either side. */
function reachOf(factors: readonly Float64Array[]): number {
  return factors.reduce((sum, { length }) => sum + length - 1, 0) / 2;
}

/** Continues a line that begins at `reach` on both sides. */
function reflectEnds(line: Float64Array, extent: number, reach: number): void {
  const last = reach + extent - 1;
  for (let i = 1; i <= reach; i++) {
    const isOnce = i < extent;
    line[reach - i] = line[reach + (isOnce ? i : reflect(-i, extent))];
    line[last + i] = line[isOnce ? last - i : reach + reflect(extent - 1 + i, extent)];
  }
}

/** The pixel that stands for one beyond the border, which may be reflected several times. */
function reflect(i: number, extent: number): number {
  if (extent === 1) return 0;
  let at = i;
  while (at < 0 || at >= extent) at = at < 0 ? -at : 2 * (extent - 1) - at;
  return at;
}
