/** Optical density of each 8-bit intensity; 0 counts as 1. */
const OPTICAL_DENSITY = Float64Array.from(
  { length: 256 },
  (_, v) => -Math.log10(Math.max(v, 1) / 255),
);
/** Share of the plain density of red, which eosin leaves alone and which has little noise. */
const RED_SHARE = 0.5;
const WEIGHTS = stainWeights();

/**
 * How much haematoxylin each pixel has: the mean of colour deconvolution with the vectors of Ruifrok and
 * Johnston (2001) for haematoxylin, eosin and DAB, as in scikit-image's `rgb2hed` (in decades of
 * absorption), and of the optical density of red.
 *
 * @param rgb (height, width, 3).
 * @param into Gets the amounts, (height, width).
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { haematoxylin } from "@/vision/baseline/mod.ts";
 *
 * const amounts = new Float64Array(2);
 * haematoxylin(Uint8Array.of(80, 60, 140, 250, 250, 250), amounts);
 * assert(amounts[0] > 0.3 && amounts[1] < 0.02);
 * ```
 */
export function haematoxylin(rgb: Uint8Array, into: Float64Array): void {
  const [red, green, blue] = WEIGHTS;
  for (let p = 0, k = 0; p < into.length; p++, k += 3) {
    into[p] = red * OPTICAL_DENSITY[rgb[k]] + green * OPTICAL_DENSITY[rgb[k + 1]] +
      blue * OPTICAL_DENSITY[rgb[k + 2]];
  }
}

/** The first column of the inverse of the matrix of unit stain vectors (cross product over determinant). */
function stainWeights(): readonly number[] {
  const [h, e, d] = [[0.65, 0.70, 0.29], [0.07, 0.99, 0.11], [0.27, 0.57, 0.78]].map((vector) => {
    const norm = Math.hypot(...vector);
    return vector.map((value) => value / norm);
  });
  const cross = [0, 1, 2].map((i) => {
    const [j, k] = [(i + 1) % 3, (i + 2) % 3];
    return e[j] * d[k] - e[k] * d[j];
  });
  const determinant = cross.reduce((sum, value, i) => sum + value * h[i], 0);
  return cross.map((value, i) => (1 - RED_SHARE) * value / determinant + (i === 0 ? RED_SHARE : 0));
}
