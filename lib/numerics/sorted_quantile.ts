/**
 * A quantile of sorted values, linear between ranks and rounded as numpy's default is.
 *
 * @param sorted Ascending, at least one.
 * @param share 0 to 1.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sortedQuantile } from "@/numerics/sorted_quantile.ts";
 *
 * assertEquals(sortedQuantile(Float64Array.of(1, 2, 4), 0.75), 3);
 * ```
 */
export function sortedQuantile(sorted: Float64Array, share: number): number {
  const place = (sorted.length - 1) * share;
  const low = Math.floor(place), high = Math.min(sorted.length - 1, low + 1);
  const part = place - low, range = sorted[high] - sorted[low];
  return part < 0.5 ? sorted[low] + range * part : sorted[high] - range * (1 - part);
}
