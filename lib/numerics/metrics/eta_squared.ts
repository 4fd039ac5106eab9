/**
 * Eta squared: the share of the variance of a quantity that lies between groups, 0 if their means are
 * equal and 1 if the quantity is the same within each. Fisher, Statistical Methods for Research Workers.
 *
 * @param values The quantity of each row.
 * @param codes The group of each row; rows below 0 have none and do not count.
 * @returns `null` if the quantity does not vary.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { etaSquared } from "@/numerics/metrics/mod.ts";
 *
 * assertEquals(etaSquared([1, 1, 5, 5], Int32Array.of(0, 0, 1, 1)), 1);
 * assertEquals(etaSquared([1, 5, 1, 5], Int32Array.of(0, 0, 1, 1)), 0);
 * ```
 */
export function etaSquared(values: ArrayLike<number>, codes: Int32Array): number | null {
  const groups = codes.reduce((most, code) => Math.max(most, code + 1), 0);
  const counts = new Float64Array(groups), sums = new Float64Array(groups);
  // Differences to any one value: equal values differ by nothing, whatever their mean is rounded to.
  const first = values[codes.findIndex((code) => code >= 0)];
  let rows = 0, sum = 0;
  for (let row = 0; row < codes.length; row++) {
    if (codes[row] < 0) continue;
    rows++;
    sum += values[row] - first;
    counts[codes[row]]++;
    sums[codes[row]] += values[row] - first;
  }
  const mean = sum / rows;
  let total = 0, between = 0;
  for (let row = 0; row < codes.length; row++) {
    if (codes[row] >= 0) total += (values[row] - first - mean) ** 2;
  }
  for (let group = 0; group < groups; group++) {
    if (counts[group] > 0) between += counts[group] * (sums[group] / counts[group] - mean) ** 2;
  }
  return total > 0 ? Math.min(1, between / total) : null;
}
