import { type RasterSize, requirePixels } from "./raster_size.ts";

/** Measures distances in masks of one size; buffers are reused. */
export class DistanceTransform {
  readonly #size: RasterSize;
  readonly #site: Float64Array;
  readonly #edge: Float64Array;
  readonly #line: Float64Array;

  /** @param size Of all masks. */
  constructor(size: RasterSize) {
    const longer = Math.max(size.width, size.height);
    this.#size = size;
    this.#site = new Float64Array(longer);
    this.#edge = new Float64Array(longer + 1);
    this.#line = new Float64Array(longer);
  }

  /**
   * The exact Euclidean distance of each pixel inside a mask to the nearest one outside, as
   * `scipy.ndimage.distance_transform_edt`; 0 outside. A mask without any pixel outside has distances
   * of infinity: what lies beyond the border is unknown. (Felzenszwalb and Huttenlocher 2012: lower
   * envelopes of parabolas, columns first.)
   *
   * @param mask Not 0 inside, (height, width).
   * @param into Gets the distances, px.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { DistanceTransform } from "@/vision/raster/mod.ts";
   *
   * const distances = new Float64Array(6);
   * new DistanceTransform({ width: 3, height: 2 }).measure(Uint8Array.of(0, 1, 1, 1, 1, 1), distances);
   * assertEquals([...distances], [0, 1, 2, 1, Math.SQRT2, Math.sqrt(5)]);
   * ```
   */
  measure(mask: Uint8Array, into: Float64Array): void {
    requirePixels("Cannot measure distances", this.#size, mask, into);
    const { width, height } = this.#size;
    this.#measureColumns(mask, into);
    for (let y = 0; y < height; y++) this.#measureRow(into, y * width);
  }

  /** Distances to the nearest pixel outside in the same column. */
  #measureColumns(mask: Uint8Array, into: Float64Array): void {
    const { width, height } = this.#size;
    for (let p = 0; p < mask.length; p++) {
      into[p] = mask[p] === 0 ? 0 : p < width ? Infinity : into[p - width] + 1;
    }
    for (let p = width * (height - 1) - 1; p >= 0; p--) {
      if (into[p + width] + 1 < into[p]) into[p] = into[p + width] + 1;
    }
  }

  /** Distances in a row: `site` are the apexes of the parabolas of the envelope, `edge` where each begins. */
  #measureRow(into: Float64Array, start: number): void {
    const { width } = this.#size;
    const line = this.#line, site = this.#site, edge = this.#edge;
    let count = 0;
    for (let x = 0; x < width; x++) {
      const above = into[start + x];
      line[x] = above * above;
      if (above === Infinity) continue;
      let from = -Infinity;
      while (count > 0) {
        const other = site[count - 1];
        from = (line[x] + x * x - line[other] - other * other) / (2 * (x - other));
        if (from > edge[count - 1]) break;
        count--;
      }
      site[count] = x;
      edge[count] = count === 0 ? -Infinity : from;
      count++;
    }
    if (count === 0) return;
    edge[count] = Infinity;
    for (let x = 0, k = 0; x < width; x++) {
      while (edge[k + 1] < x) k++;
      const away = x - site[k];
      into[start + x] = Math.sqrt(away * away + line[site[k]]);
    }
  }
}
