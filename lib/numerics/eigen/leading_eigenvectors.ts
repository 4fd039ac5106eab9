import type { Random } from "@/core/random.ts";
import type { Eigensystem } from "./eigensystem.ts";
import { tridiagonalEigensystem } from "./tridiagonal_eigensystem.ts";
import { addInto, dot, norm, orthogonalise, scale, type Vector } from "./vectors.ts";

/** A symmetric matrix, known by what it does to a vector. */
export interface SymmetricOperator {
  /** Rows and columns. */
  readonly size: number;
  /** The matrix times a vector, as a new vector. */
  times(vector: Vector): Vector | Promise<Vector>;
}

/** Options of {@link leadingEigenvectors}. */
export interface LeadingOptions {
  /** Gives the vector to start from. */
  readonly random: Random;
  /** Called often, to give way to other work; what it throws ends the search. */
  readonly pause?: () => Promise<void> | void;
  /** Called now and then with how many eigenvectors are exact enough. */
  readonly onFound?: (found: number) => void;
}

/** Residuals, as a share of the largest eigenvalue, at which eigenvectors are taken as found. */
const TOLERANCE = 1e-10;
/** Matrices up to this size are taken apart as a whole, which finds equal eigenvalues too. */
const SMALL = 128;
/** How often it is looked whether all are found. */
const STEPS_BETWEEN_LOOKS = 16;

/**
 * The largest eigenvalues of a symmetric matrix and their eigenvectors: Lanczos (1950) with full
 * reorthogonalisation, without restarts: for many eigenvectors, very exact, of matrices whose vectors
 * are short ({@link largestEigenvectors} is for few of a huge one). Takes some hundred products, `8 * size` bytes for each. Of
 * exactly equal eigenvalues of a matrix of more than 128 rows, some can be missed.
 *
 * @returns `count` eigenvalues, the largest first, with eigenvectors of length 1.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { Random } from "@/core/random.ts";
 * import { leadingEigenvectors } from "@/numerics/eigen/mod.ts";
 *
 * const times = (x: Float64Array<ArrayBuffer>) => x.map((value, i) => (i + 1) * value);
 * const random = new Random(1);
 * const { values, vectors } = await leadingEigenvectors({ size: 9, times }, 2, { random });
 * assertAlmostEquals(values[1], 8);
 * assertAlmostEquals(Math.abs(vectors[1][7]), 1);
 * ```
 */
export async function leadingEigenvectors(
  operator: SymmetricOperator,
  count: number,
  { random, pause = () => {}, onFound = () => {} }: LeadingOptions,
): Promise<Eigensystem> {
  const { size } = operator;
  const basis: Vector[] = [randomUnit(size, [], random)];
  const diagonal: number[] = [];
  const beside: number[] = [];
  let largest = 0;
  for (let step = 0; step < size; step++) {
    const product = (await operator.times(basis[step])).slice();
    diagonal.push(dot(product, basis[step]));
    largest = Math.max(largest, norm(product));
    addInto(product, basis[step], -diagonal[step]);
    if (step > 0) addInto(product, basis[step - 1], -beside[step - 1]);
    orthogonalise(product, basis);
    const length = norm(product);
    const isExhausted = length <= 8 * size * Number.EPSILON * largest;
    beside.push(isExhausted ? 0 : length);
    const isLook = step + 1 >= count + STEPS_BETWEEN_LOOKS && step % STEPS_BETWEEN_LOOKS === 0;
    if (isLook) {
      await pause();
      const found = await countFound(diagonal, beside, count);
      onFound(found);
      if (found === count && size > SMALL) break;
    }
    if (step + 1 === size) break;
    if (!isExhausted) scale(product, 1 / length);
    basis.push(isExhausted ? randomUnit(size, basis, random) : product);
  }
  const inBasis = await tridiagonalEigensystem(diagonal, beside, "all", pause);
  return await combine(inBasis, basis, count, pause);
}

/** How many of the leading eigenvectors are exact enough, from the first on. */
async function countFound(
  diagonal: readonly number[],
  beside: readonly number[],
  count: number,
): Promise<number> {
  const { values, vectors } = await tridiagonalEigensystem(diagonal, beside, "last");
  const bound = TOLERANCE * values[0];
  const unfound = vectors.slice(0, count)
    .findIndex(([last]) => Math.abs(last) * beside[beside.length - 1] > bound);
  return unfound < 0 ? count : unfound;
}

/** Eigenvectors of the whole from those in the basis. */
async function combine(
  { values, vectors }: Eigensystem,
  basis: readonly Vector[],
  count: number,
  pause: () => Promise<void> | void,
): Promise<Eigensystem> {
  const combined: Vector[] = [];
  for (const weights of vectors.slice(0, count)) {
    const vector = new Float64Array(basis[0].length);
    weights.forEach((weight, i) => addInto(vector, basis[i], weight));
    combined.push(vector);
    await pause();
  }
  return { values: values.slice(0, count), vectors: combined };
}

function randomUnit(size: number, basis: readonly Vector[], random: Random): Vector {
  const vector = Float64Array.from({ length: size }, () => random.normal());
  orthogonalise(vector, basis);
  scale(vector, 1 / norm(vector));
  return vector;
}
