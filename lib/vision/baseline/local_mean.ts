import type { RasterSize } from "@/vision/raster/mod.ts";

/** Boxes one after another are nearly a Gaussian. */
const PASSES = 3;

/**
 * Means of the neighbourhood of each pixel, weighted nearly as by a Gaussian: boxes by running sums, so
 * that a wide neighbourhood takes no longer than a narrow one. At the edge, the pixels that there are.
 */
export class LocalMean {
  readonly #size: RasterSize;
  readonly #radius: number;
  readonly #sums: Float64Array;
  readonly #column: Float64Array;

  /** @param sigma Standard deviation of the Gaussian, px. */
  constructor(size: RasterSize, sigma: number) {
    this.#size = size;
    // A box of this half-width, three times, has the variance of the Gaussian.
    this.#radius = Math.max(1, Math.round((Math.sqrt(4 * sigma * sigma + 1) - 1) / 2));
    this.#sums = new Float64Array(Math.max(size.width, size.height) + 1);
    this.#column = new Float64Array(Math.max(size.width, size.height));
  }

  /** Writes the means of `values` to `means`, (height, width) each. */
  measure(values: Float64Array, means: Float64Array): void {
    const { width, height } = this.#size;
    means.set(values);
    for (let y = 0; y < height; y++) this.#smooth(means, y * width, 1, width);
    for (let x = 0; x < width; x++) this.#smooth(means, x, width, height);
  }

  #smooth(data: Float64Array, from: number, step: number, length: number): void {
    const sums = this.#sums, line = this.#column, radius = this.#radius;
    for (let i = 0, p = from; i < length; i++, p += step) line[i] = data[p];
    for (let pass = 0; pass < PASSES; pass++) {
      for (let i = 0; i < length; i++) sums[i + 1] = sums[i] + line[i];
      for (let i = 0; i < length; i++) {
        const first = i < radius ? 0 : i - radius;
        const end = i + radius + 1 > length ? length : i + radius + 1;
        line[i] = (sums[end] - sums[first]) / (end - first);
      }
    }
    for (let i = 0, p = from; i < length; i++, p += step) data[p] = line[i];
  }
}
