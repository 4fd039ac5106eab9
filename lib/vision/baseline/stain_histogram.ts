import { SthelarError } from "@/core/errors.ts";

const BINS = 1024;
/** Amounts of haematoxylin beyond are counted at the ends. */
const MIN = -0.5, MAX = 2;

/**
 * How often amounts of haematoxylin occur on a slide; filled tile by tile, so that every tile is cut with
 * the same threshold.
 */
export class StainHistogram {
  readonly #counts = new Float64Array(BINS);

  /** Adds the amounts of a tile (smoothed as the segmenter smooths them). */
  add(amounts: Float64Array): void {
    for (let p = 0; p < amounts.length; p++) {
      const bin = Math.floor((amounts[p] - MIN) / (MAX - MIN) * BINS);
      this.#counts[bin < 0 ? 0 : bin >= BINS ? BINS - 1 : bin]++;
    }
  }

  /**
   * The threshold that separates two classes best (Otsu 1979).
   *
   * @throws {SthelarError} `InvalidArgument` for a slide of one colour.
   */
  otsu(): number {
    const total = this.#counts.reduce((sum, count) => sum + count, 0);
    const sum = this.#counts.reduce((all, count, bin) => all + count * bin, 0);
    let below = 0, sumBelow = 0, best = -1, threshold = NaN;
    for (let bin = 0; bin < BINS - 1; bin++) {
      below += this.#counts[bin];
      sumBelow += this.#counts[bin] * bin;
      if (below === 0 || below === total) continue;
      const apart = sumBelow / below - (sum - sumBelow) / (total - below);
      const between = below * (total - below) * apart * apart;
      if (between > best) [best, threshold] = [between, bin + 1];
    }
    if (best > 0) return MIN + threshold / BINS * (MAX - MIN);
    throw new SthelarError("InvalidArgument", {
      action: "Cannot find nuclei without a model",
      found: total === 0 ? "no pixels" : "a slide of one colour",
      expected: "an H&E image with tissue and background",
    });
  }
}
