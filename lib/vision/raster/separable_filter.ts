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
  readonly #values: Float64Array;
  readonly #transposed: Float64Array;
  #line = new Float64Array(0);

  /** @param size Of all maps. */
  constructor(size: RasterSize) {
    this.#size = size;
    this.#values = new Float64Array(size.width * size.height);
    this.#transposed = new Float64Array(size.width * size.height);
  }

  /**
   * @param values (height, width).
   * @param kernel Convolved with, not mirrored.
   * @param into Gets the filtered values; may be `values`.
   */
  filter(
    values: Float32Array | Float64Array,
    { x, y }: SeparableKernel,
    into: Float32Array | Float64Array,
  ): void {
    requirePixels("Cannot filter a map", this.#size, values, into);
    const { width, height } = this.#size;
    this.#values.set(values);
    this.#filterRows(this.#values, width, x);
    transpose(this.#values, width, height, this.#transposed);
    this.#filterRows(this.#transposed, height, y);
    transpose(this.#transposed, height, width, this.#values);
    into.set(this.#values);
  }

  #filterRows(values: Float64Array, width: number, factors: readonly Float64Array[]): void {
    const reach = factors.reduce((sum, { length }) => sum + length - 1, 0) / 2;
    const length = width + 2 * reach;
    if (length > this.#line.length) this.#line = new Float64Array(length);
    const line = this.#line;
    for (let start = 0; start < values.length; start += width) {
      line.set(values.subarray(start, start + width), reach);
      for (let i = 1; i <= reach; i++) {
        line[reach - i] = values[start + reflect(-i, width)];
        line[reach + width - 1 + i] = values[start + reflect(width - 1 + i, width)];
      }
      filterLine(line, length, factors);
      values.set(line.subarray(0, width), start);
    }
  }
}

/** Lays rows as columns, in blocks that stay in the processor's cache. */
function transpose(from: Float64Array, width: number, height: number, into: Float64Array): void {
  const block = 16;
  for (let y0 = 0; y0 < height; y0 += block) {
    const yEnd = y0 + block < height ? y0 + block : height;
    for (let x0 = 0; x0 < width; x0 += block) {
      const xEnd = x0 + block < width ? x0 + block : width;
      for (let x = x0; x < xEnd; x++) {
        for (let y = y0; y < yEnd; y++) into[x * height + y] = from[y * width + x];
      }
    }
  }
}

/** The pixel that stands for one beyond the border, which may be reflected several times. */
function reflect(i: number, extent: number): number {
  if (extent === 1) return 0;
  let at = i;
  while (at < 0 || at >= extent) at = at < 0 ? -at : 2 * (extent - 1) - at;
  return at;
}
