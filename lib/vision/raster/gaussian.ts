import { SthelarError } from "@/core/errors.ts";
import type { SeparableKernel } from "./separable_filter.ts";

/** The 3 x 3 kernel (1, 2, 1) / 4 in both directions, which OpenCV takes for a blur of this size. */
export const GAUSSIAN_3: SeparableKernel = {
  x: [Float64Array.of(0.25, 0.5, 0.25)],
  y: [Float64Array.of(0.25, 0.5, 0.25)],
};

/**
 * A Gaussian cut off at four standard deviations, as `scipy.ndimage.gaussian_filter` has it.
 *
 * @param sigma Standard deviation, px.
 * @throws {SthelarError} `InvalidArgument` for one that is not above 0.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { gaussianKernel } from "@/vision/raster/mod.ts";
 *
 * assertEquals(gaussianKernel(2).x[0].length, 17);
 * ```
 */
export function gaussianKernel(sigma: number): SeparableKernel {
  if (!(sigma > 0 && sigma < Infinity)) {
    throw new SthelarError("InvalidArgument", {
      action: "Cannot make a Gaussian kernel",
      found: `a standard deviation of ${sigma} px`,
      expected: "one above 0",
    });
  }
  const reach = Math.floor(4 * sigma + 0.5);
  const weights = Float64Array.from({ length: 2 * reach + 1 }, (_, i) => {
    return Math.exp(-0.5 * ((i - reach) / sigma) ** 2);
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const kernel = [weights.map((weight) => weight / sum)];
  return { x: kernel, y: kernel };
}
