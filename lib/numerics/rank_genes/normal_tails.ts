const SQRT_PI = Math.sqrt(Math.PI);
/** Below this the series of erf loses nothing against 1, above it the continued fraction is short. */
const SERIES_BELOW = 1;
/** scipy gives 0 where exp(-x²) would be smaller than 1 / (largest number). */
const LARGEST_SQUARE = Math.log(Number.MAX_VALUE);

/**
 * The share of the normal distribution that is at least as far from 0 as `z`: `2 * norm.sf(|z|)` of scipy,
 * to 1e-12 of itself down to 1e-307 (|z| = 37.5), and 0 where that is 0 (|z| > 37.68).
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { normalTails } from "@/numerics/rank_genes/normal_tails.ts";
 *
 * assertAlmostEquals(normalTails(-1.959963984540054), 0.05, 1e-15);
 * ```
 */
export function normalTails(z: number): number {
  const x = Math.abs(z) * Math.SQRT1_2;
  if (x * x > LARGEST_SQUARE) return 0;
  return x < SERIES_BELOW ? 1 - erfBySeries(x) : erfcByFraction(x);
}

/** `2 / √π · exp(-x²) · Σ 2ⁿ x²ⁿ⁺¹ / (2n + 1)!!`: all terms are positive. */
function erfBySeries(x: number): number {
  let term = x, sum = x;
  for (let n = 1; term > sum * Number.EPSILON / 4; n++) {
    term *= 2 * x * x / (2 * n + 1);
    sum += term;
  }
  return 2 / SQRT_PI * Math.exp(-x * x) * sum;
}

/** `exp(-x²) / √π · 1 / (x + (1/2) / (x + (2/2) / (x + (3/2) / …)))`, from the last term that counts. */
function erfcByFraction(x: number): number {
  const terms = Math.ceil(12 + 160 / (x * x));
  let fraction = x;
  for (let n = terms; n > 0; n--) fraction = x + n / 2 / fraction;
  return expOfMinusSquare(x) / (SQRT_PI * fraction);
}

/** The square of the rounded part is exact, so that no digits are lost where x² is large. */
function expOfMinusSquare(x: number): number {
  const rounded = Math.fround(x);
  return Math.exp(-rounded * rounded) * Math.exp((rounded - x) * (rounded + x));
}
