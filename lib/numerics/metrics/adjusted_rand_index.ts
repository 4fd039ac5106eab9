import { type Contingency, contingency } from "./contingency.ts";
import type { Labels } from "./labels.ts";

/**
 * How well two clusterings agree on which pairs of rows belong together (Hubert and Arabie 1985): 1 for
 * equal ones, 0 on average for unrelated ones. As scikit-learn's `adjusted_rand_score`.
 *
 * @throws {SthelarError} `InvalidArgument` for labels of different lengths, none, or missing ones.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { adjustedRandIndex } from "@/numerics/metrics/mod.ts";
 *
 * assertEquals(adjustedRandIndex([0, 0, 1, 1], ["b", "b", "a", "a"]), 1);
 * ```
 */
export function adjustedRandIndex(a: Labels, b: Labels): number {
  return randIndexOf(contingency("Cannot compare clusterings", a, b));
}

/** The adjusted Rand index of clusterings that are known by how often their labels meet. */
export function randIndexOf({ rows, first, second, cells }: Contingency): number {
  let both = -rows, square = 0;
  for (const [, , count] of cells) square += count * count;
  both += square;
  const onlyFirst = sumOfSquares(first) - square;
  const onlySecond = sumOfSquares(second) - square;
  if (onlyFirst === 0 && onlySecond === 0) return 1;
  const neither = rows * rows - onlyFirst - onlySecond - square;
  return 2 * (both * neither - onlyFirst * onlySecond) /
    ((both + onlySecond) * (onlySecond + neither) + (both + onlyFirst) * (onlyFirst + neither));
}

function sumOfSquares(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value * value, 0);
}
