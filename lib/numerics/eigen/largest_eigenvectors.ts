import type { Random } from "@/core/random.ts";
import { symmetricEigensystem } from "./symmetric_eigensystem.ts";
import { norm, orthogonalise, scale } from "./vectors.ts";

/** Vectors of the search space, and those that a restart keeps. */
const BASIS = 24;
const KEPT = 8;

/** What is searched for. */
export interface LargestOptions {
  /** How many eigenvectors. */
  readonly wanted: number;
  /** An eigenvector of length 1 that is known: the others are searched at right angles to it. */
  readonly known: Float64Array;
  /** Source of the first vector. */
  readonly random: Random;
  /** Whether an eigenvalue with this residual is good enough. */
  isConverged(value: number, residual: number): boolean;
  /** After so many products the best so far is taken. */
  readonly mostProducts: number;
  /** Called after each restart. */
  onRestart?(products: number): void;
}

/**
 * Eigenvectors of the largest eigenvalues of a symmetric operator: Lanczos with thick restarts (Wu and
 * Simon 2000), all vectors kept at right angles. A few eigenvectors of a huge operator: no more than 25
 * vectors are held, whatever the number of products ({@link leadingEigenvectors} holds them all).
 *
 * @param multiply Writes operator x vector into its second argument.
 * @returns Vectors of length 1, fewer than wanted where the space has fewer dimensions.
 */
export function largestEigenvectors(
  multiply: (vector: Float64Array, into: Float64Array) => void,
  { wanted, known, random, isConverged, mostProducts, onRestart }: LargestOptions,
): Float64Array[] {
  const dimensions = known.length - 1;
  const size = Math.min(BASIS, dimensions);
  if (size < 1) return [];
  const basis = Array.from({ length: size + 1 }, () => new Float64Array(known.length));
  const projected = Array.from({ length: size }, () => new Float64Array(size));
  for (let i = 0; i < known.length; i++) basis[0][i] = random.uniform() - 0.5;
  orthogonalise(basis[0], [known]);
  normalise(basis[0]);
  let [filled, products] = [0, 0];
  while (true) {
    let [used, residual] = [size, 0];
    for (let j = filled; j < size; j++) {
      multiply(basis[j], basis[j + 1]);
      products++;
      const overlaps = orthogonalise(basis[j + 1], [...basis.slice(0, j + 1), known]);
      for (let i = 0; i <= j; i++) projected[i][j] = projected[j][i] = overlaps[i];
      residual = normalise(basis[j + 1]);
      if (residual < 1e-12) {
        used = j + 1;
        break;
      }
    }
    const { values, vectors } = symmetricEigensystem(
      projected.slice(0, used).map((row) => row.slice(0, used)),
    );
    const found = Math.min(wanted, used);
    const converged = vectors.slice(0, found)
      .every((vector, i) => isConverged(values[i], Math.abs(residual * vector[used - 1])));
    const done = converged || used < size || size === dimensions || products >= mostProducts;
    const kept = done ? found : Math.min(KEPT, size - 1);
    combine(basis, vectors.slice(0, kept), used);
    if (done) return basis.slice(0, kept);
    [basis[kept], basis[size]] = [basis[size], basis[kept]];
    for (const row of projected) row.fill(0);
    for (let i = 0; i < kept; i++) projected[i][i] = values[i];
    filled = kept;
    onRestart?.(products);
  }
}

/** @returns The length that the vector had. */
function normalise(vector: Float64Array): number {
  const length = norm(vector);
  scale(vector, length > 0 ? 1 / length : 0);
  return length;
}

/** The first vectors of the basis become combinations of the first `used`. */
function combine(
  basis: readonly Float64Array[],
  combinations: readonly Float64Array[],
  used: number,
): void {
  const values = new Float64Array(used);
  for (let i = 0; i < basis[0].length; i++) {
    for (let j = 0; j < used; j++) values[j] = basis[j][i];
    for (let k = 0; k < combinations.length; k++) {
      const combination = combinations[k];
      let sum = 0;
      for (let j = 0; j < used; j++) sum += combination[j] * values[j];
      basis[k][i] = sum;
    }
  }
}
