/** Where the automatic labels of simulated slides are right most often. */
const BEST = 0.4;

/**
 * The resolution whose clusters are labelled by rule: the one nearest to 0.4, the lower of two. On nine
 * simulated tissues, nuclei and cells, labels of the clusters at 0.4 were right for 97.6 % of the cells
 * (balanced over categories: 89.6 %), at 0.2 for 97.3 % (88.1 %), where rare types are still inside
 * others, and at 0.6 for 97.2 % (88.4 %), where large types break into small clusters.
 *
 * @param resolutions At least one.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { automaticResolution } from "@/labels/automatic_resolution.ts";
 *
 * assertEquals(automaticResolution([0.2, 0.4, 0.6]), 0.4);
 * assertEquals(automaticResolution([0.8, 1]), 0.8);
 * ```
 */
export function automaticResolution(resolutions: readonly number[]): number {
  return resolutions.toSorted((a, b) => Math.abs(a - BEST) - Math.abs(b - BEST) || a - b)[0];
}
