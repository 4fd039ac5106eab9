/** Similarity of two points at distance d in the layout: 1 / (1 + a d^(2b)). */
export interface Curve {
  readonly a: number;
  readonly b: number;
}

const SAMPLES = 300;
const MOST_ITERATIONS = 500;
const CONVERGED = 1e-12;

/**
 * The curve nearest to what is wanted: 1 up to `minDist`, then an exponential fall of length `spread`;
 * least squares by Levenberg and Marquardt, as umap-learn's `find_ab_params`.
 *
 * @param minDist How close points may lie.
 * @param spread Length of the fall, above zero.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { fitCurve } from "@/numerics/umap/mod.ts";
 *
 * const { a, b } = fitCurve(0.5, 1);
 * assertAlmostEquals(a, 0.58303, 1e-5);
 * assertAlmostEquals(b, 1.334167, 1e-5);
 * ```
 */
export function fitCurve(minDist: number, spread: number): Curve {
  const wanted = (x: number) => x < minDist ? 1 : Math.exp(-(x - minDist) / spread);
  const distances = Float64Array.from(
    { length: SAMPLES },
    (_, i) => (3 * spread * i) / (SAMPLES - 1),
  );
  const target = distances.map(wanted);
  let [a, b, damping] = [1, 1, 1e-3];
  let current = normalEquations(distances, target, a, b);
  for (let i = 0; i < MOST_ITERATIONS; i++) {
    const { aa, ab, bb, ra, rb } = current;
    const [da, db] = [aa * (1 + damping), bb * (1 + damping)];
    const determinant = da * db - ab * ab;
    const stepA = (ra * db - rb * ab) / determinant;
    const stepB = (rb * da - ra * ab) / determinant;
    const next = normalEquations(distances, target, a + stepA, b + stepB);
    if (a + stepA > 0 && next.squares <= current.squares) {
      [a, b, current, damping] = [a + stepA, b + stepB, next, damping / 10];
      if (Math.abs(stepA) < CONVERGED * a && Math.abs(stepB) < CONVERGED * Math.abs(b)) break;
    } else {
      damping *= 10;
      if (!(damping < 1e20)) break;
    }
  }
  return { a, b };
}

/** Sums of squares of residuals and of derivatives by a and b. */
function normalEquations(distances: Float64Array, target: Float64Array, a: number, b: number) {
  let [squares, aa, ab, bb, ra, rb] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < distances.length; i++) {
    const power = distances[i] ** (2 * b);
    const value = 1 / (1 + a * power);
    const residual = target[i] - value;
    squares += residual * residual;
    if (distances[i] === 0) continue;
    const byA = -value * value * power;
    const byB = 2 * a * Math.log(distances[i]) * byA;
    aa += byA * byA;
    ab += byA * byB;
    bb += byB * byB;
    ra += byA * residual;
    rb += byB * residual;
  }
  return { squares, aa, ab, bb, ra, rb };
}
