import { SthelarError } from "@/core/errors.ts";
import { BINOMIAL_10, DERIVATIVE_10 } from "./filter_line.ts";
import type { SeparableKernel } from "./separable_filter.ts";

const DIFFERENCE = Float64Array.of(-1, 1);
/** Binomials of few weights, by their order: larger ones are products of them. */
const BINOMIALS = [
  Float64Array.of(1),
  Float64Array.of(1, 1),
  Float64Array.of(1, 2, 1),
  Float64Array.of(1, 3, 3, 1),
  Float64Array.of(1, 4, 6, 4, 1),
  Float64Array.of(1, 5, 10, 10, 5, 1),
];

/**
 * The Sobel kernel of any odd size, not scaled, as `cv2.getDerivKernels` makes it: a binomial of
 * `size - 1` weights convolved with (-1, 1) along the direction, one of `size` weights across it.
 *
 * @param size Weights, an odd number from 3.
 * @throws {SthelarError} `InvalidArgument` for another size.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { kernelWeights, sobelKernel } from "@/vision/raster/mod.ts";
 *
 * assertEquals([...kernelWeights(sobelKernel("x", 5).x)], [-1, -2, 0, 2, 1]);
 * assertEquals([...kernelWeights(sobelKernel("x", 5).y)], [1, 4, 6, 4, 1]);
 * ```
 */
export function sobelKernel(direction: "x" | "y", size: number): SeparableKernel {
  if (!Number.isInteger(size) || size < 3 || size % 2 === 0) {
    throw new SthelarError("InvalidArgument", {
      action: "Cannot make a Sobel kernel",
      found: `${size} weights`,
      expected: "an odd number from 3",
    });
  }
  const smooth = binomialFactors(size - 1);
  const derivative = size > 10
    ? [DERIVATIVE_10, ...binomialFactors(size - 11)]
    : [DIFFERENCE, ...binomialFactors(size - 2)];
  return direction === "x" ? { x: derivative, y: smooth } : { x: smooth, y: derivative };
}

function binomialFactors(order: number): Float64Array[] {
  const tens = new Array<Float64Array>(Math.floor(order / 10)).fill(BINOMIAL_10);
  const last = BINOMIALS.length - 1, rest = order % 10;
  const wholes = new Array<Float64Array>(Math.floor(rest / last)).fill(BINOMIALS[last]);
  return rest % last === 0 ? [...tens, ...wholes] : [...tens, ...wholes, BINOMIALS[rest % last]];
}
