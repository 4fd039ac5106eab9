/**
 * P-values corrected for the number of tests by Benjamini and Hochberg (1995), as statsmodels'
 * `multipletests(method="fdr_bh")`.
 *
 * @param pValues From 0 to 1, none missing.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { adjustPValues } from "@/numerics/rank_genes/adjust_p_values.ts";
 *
 * assertEquals([...adjustPValues(Float64Array.of(0.5, 0.125, 0.25))], [0.5, 0.375, 0.375]);
 * ```
 */
export function adjustPValues(pValues: Float64Array): Float64Array<ArrayBuffer> {
  const count = pValues.length;
  const order = Int32Array.from(pValues.keys()).sort((a, b) => pValues[a] - pValues[b]);
  const adjusted = new Float64Array(count);
  let least = 1;
  for (let rank = count; rank > 0; rank--) {
    const test = order[rank - 1];
    least = Math.min(least, pValues[test] / (rank / count));
    adjusted[test] = least;
  }
  return adjusted;
}
