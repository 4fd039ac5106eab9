import { SthelarError } from "@/core/errors.ts";
import type { RasterSize } from "./raster_size.ts";
import type { Runs } from "./runs.ts";
import type { SeparableKernel } from "./separable_filter.ts";

/** The 3 x 3 kernel (1, 2, 1) / 4 in both directions, which OpenCV takes for a blur of this size. */
export const GAUSSIAN_3: SeparableKernel = {
  x: [Float64Array.of(0.25, 0.5, 0.25)],
  y: [Float64Array.of(0.25, 0.5, 0.25)],
};

/**
 * Filters the pixels of runs alone with {@link GAUSSIAN_3}, to the same last bit as a `SeparableFilter`.
 *
 * @param values (height, width).
 * @param runs Those of parts; parts must be joined.
 * @param into Gets the filtered values there; not `values`.
 */
export function blurRuns(
  values: Float64Array,
  { count, first, end, part }: Runs,
  { width, height }: RasterSize,
  into: Float64Array,
): void {
  const nextRow = height > 1 ? width : 0, next = width > 1 ? 1 : 0;
  for (let run = 0; run < count; run++) {
    if (part[run] === 0) continue;
    const rowStart = first[run] - first[run] % width, rowEnd = rowStart + width;
    const up = rowStart > 0 ? -width : nextRow;
    const down = rowEnd < values.length ? width : -nextRow;
    for (let p = first[run]; p < end[run]; p++) {
      const left = p > rowStart ? -1 : next, right = p + 1 < rowEnd ? 1 : -next;
      const above = weigh(values, p + up, left, right);
      const below = weigh(values, p + down, left, right);
      into[p] = weigh(values, p, left, right) * 0.5 + (above + below) * 0.25;
    }
  }
}

function weigh(values: Float64Array, p: number, left: number, right: number): number {
  return values[p] * 0.5 + (values[p + left] + values[p + right]) * 0.25;
}

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
