import type { Eigensystem } from "./eigensystem.ts";

const MAX_ROTATION_SWEEPS = 60;

/**
 * Eigenvalues and eigenvectors of a symmetric tridiagonal matrix: QL with implicit shifts (Dubrulle,
 * Martin and Wilkinson 1968; EISPACK `imtql2`).
 *
 * @param diagonal `n` values.
 * @param beside Values next to the diagonal, at least `n - 1`.
 * @param parts `last`: vectors have their last component only, which costs n² instead of n³.
 * @param pause Called often, to give way to other work.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { tridiagonalEigensystem } from "@/numerics/eigen/tridiagonal_eigensystem.ts";
 *
 * const { values } = await tridiagonalEigensystem([2, 2], [1], "all");
 * assertAlmostEquals(values[0], 3);
 * assertAlmostEquals(values[1], 1);
 * ```
 */
export async function tridiagonalEigensystem(
  diagonal: ArrayLike<number>,
  beside: ArrayLike<number>,
  parts: "all" | "last",
  pause: () => Promise<void> | void = () => {},
): Promise<Eigensystem> {
  const n = diagonal.length;
  const d = Float64Array.from(diagonal);
  const e = Float64Array.from({ length: n }, (_, i) => i + 1 < n ? beside[i] : 0);
  const vectors = Array.from({ length: n }, (_, i) => {
    const vector = new Float64Array(parts === "all" ? n : 1);
    const one = parts === "all" ? i : i - n + 1;
    if (one >= 0) vector[one] = 1;
    return vector;
  });
  for (let l = 0; l < n; l++) {
    for (let sweep = 0; sweep < MAX_ROTATION_SWEEPS; sweep++) {
      const m = smallFrom(l, d, e);
      if (m === l) break;
      rotateBack(l, m, d, e, vectors);
    }
    await pause();
  }
  const order = Array.from(d.keys()).sort((a, b) => d[b] - d[a]);
  return {
    values: Float64Array.from(order, (i) => d[i]),
    vectors: order.map((i) => vectors[i]),
  };
}

/** The first row from `l` on that hangs together with its next no longer. */
function smallFrom(l: number, d: Float64Array, e: Float64Array): number {
  let m = l;
  while (m + 1 < d.length) {
    const size = Math.abs(d[m]) + Math.abs(d[m + 1]);
    if (Math.abs(e[m]) <= Number.EPSILON * size) break;
    m++;
  }
  return m;
}

/** One implicit QL step on rows `l` to `m`. */
function rotateBack(
  l: number,
  m: number,
  d: Float64Array,
  e: Float64Array,
  vectors: readonly Float64Array[],
): void {
  const half = (d[l + 1] - d[l]) / (2 * e[l]);
  const root = Math.hypot(half, 1);
  let g = d[m] - d[l] + e[l] / (half + (half < 0 ? -root : root));
  let sine = 1;
  let cosine = 1;
  let moved = 0;
  for (let i = m - 1; i >= l; i--) {
    const f = sine * e[i];
    const b = cosine * e[i];
    const r = Math.sqrt(f * f + g * g);
    e[i + 1] = r;
    if (r === 0) {
      d[i + 1] -= moved;
      e[m] = 0;
      return;
    }
    sine = f / r;
    cosine = g / r;
    g = d[i + 1] - moved;
    const turn = (d[i] - g) * sine + 2 * cosine * b;
    moved = sine * turn;
    d[i + 1] = g + moved;
    g = cosine * turn - b;
    rotate(vectors[i], vectors[i + 1], cosine, sine);
  }
  d[l] -= moved;
  e[l] = g;
  e[m] = 0;
}

function rotate(a: Float64Array, b: Float64Array, cosine: number, sine: number): void {
  for (let k = 0; k < a.length; k++) {
    const x = a[k];
    const y = b[k];
    b[k] = sine * x + cosine * y;
    a[k] = cosine * x - sine * y;
  }
}
