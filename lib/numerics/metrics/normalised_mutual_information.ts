import { type Contingency, contingency } from "./contingency.ts";
import type { Labels } from "./labels.ts";

/**
 * Mutual information of two clusterings, as a share of the mean of their entropies: 1 for equal ones, 0
 * for independent ones. As scikit-learn's `normalized_mutual_info_score` (arithmetic).
 *
 * @throws {SthelarError} `InvalidArgument` for labels of different lengths, none, or missing ones.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { normalisedMutualInformation } from "@/numerics/metrics/mod.ts";
 *
 * assertEquals(normalisedMutualInformation([0, 0, 1, 1], [0, 1, 0, 1]), 0);
 * ```
 */
export function normalisedMutualInformation(a: Labels, b: Labels): number {
  return mutualInformationOf(contingency("Cannot compare clusterings", a, b));
}

/** The normalised mutual information of clusterings that are known by how often their labels meet. */
export function mutualInformationOf({ rows, first, second, cells }: Contingency): number {
  if (first.length === 1 && second.length === 1) return 1;
  let information = 0;
  for (const [i, j, count] of cells) {
    information += count / rows * Math.log(count * rows / (first[i] * second[j]));
  }
  if (information <= Number.EPSILON) return 0;
  return information / ((entropy(first, rows) + entropy(second, rows)) / 2);
}

function entropy(counts: Float64Array, rows: number): number {
  return -counts.reduce((sum, count) => sum + count / rows * Math.log(count / rows), 0);
}
