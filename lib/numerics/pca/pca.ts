import type { DenseArray } from "@/core/arrays.ts";
import { SthelarError } from "@/core/errors.ts";
import { type Progress, silentProgress } from "@/core/progress.ts";
import type { Random } from "@/core/random.ts";
import { requireRows, type SparseMatrix } from "@/core/sparse.ts";
import { Turns } from "@/core/turns.ts";
import { leadingEigenvectors } from "@/numerics/eigen/mod.ts";
import { type Blocks, openBlocks, STOPPED } from "./block_pool.ts";
import { covarianceOperator, denseCovariance, scaleColumns } from "./scaled_covariance.ts";

/** Options of {@link pca}. */
export interface PcaOptions {
  /** How many components (default 50); fewer if there are no more cells or genes than these. */
  readonly components?: number;
  /** Scaled values are cut to `[-clip, clip]` (default 10). */
  readonly clip?: number;
  /** Gives the vector that the search starts from; the result hardly depends on it. */
  readonly random: Random;
  /**
   * Whether the covariance of genes is made, or only applied (default made up to 1,024 genes). The
   * results agree.
   */
  readonly covariance?: "made" | "applied";
  /** Workers (default 1); the result does not depend on them. */
  readonly threads?: number;
  readonly progress?: Progress;
  /** Stops it. */
  readonly signal?: AbortSignal;
}

/** Principal components of scaled expression. */
export interface Pca {
  /** `(n_cells, n_components)` */
  readonly scores: DenseArray<Float32Array<ArrayBuffer>>;
  /** `(n_genes, n_components)`, columns of length 1; the largest of each column is positive. */
  readonly loadings: DenseArray<Float32Array<ArrayBuffer>>;
  /** Variance of each component's scores, falling. */
  readonly variance: Float64Array<ArrayBuffer>;
  /** Its share of the variance of all scaled genes. */
  readonly varianceRatio: Float64Array<ArrayBuffer>;
  /** Mean of each gene before it was scaled. */
  readonly mean: Float64Array<ArrayBuffer>;
  /** What each gene was divided by: its standard deviation, 1 if it is constant. */
  readonly std: Float64Array<ArrayBuffer>;
}

const ACTION = "Cannot find principal components";
/** A larger covariance takes longer to make than to apply some hundred times. */
const MADE_UP_TO_GENES = 1024;

/**
 * Scales genes to unit variance, cuts them at `clip`, and finds their principal components: what
 * `sc.pp.scale(max_value=10)` and `sc.pp.pca(svd_solver="arpack")` of scanpy 1.11.5 give, with the
 * same signs (variances to 1e-6, scores to 1e-5 of the largest: tests/numerics/pca). The scaled matrix,
 * which has no zeros, is never made: what is held besides the input is a copy of it and the scores.
 *
 * @param logNorm `(n_cells, n_genes)` by rows: normalised, logarithmic.
 * @returns `min(components, n_cells - 1, n_genes - 1)` components.
 * @throws {SthelarError} `InvalidArgument` for a matrix that is not by rows, holds values that are no
 *   numbers, or does not vary; `Aborted`.
 *
 * @example
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { Random } from "@/core/random.ts";
 * import { pca } from "@/numerics/pca/mod.ts";
 *
 * // Two kinds of cells, three genes.
 * const matrix = {
 *   format: "csr" as const,
 *   shape: [4, 3] as const,
 *   data: Float32Array.of(2, 3, 3, 2, 1, 4, 1, 5),
 *   indices: Int32Array.of(0, 1, 0, 1, 0, 2, 0, 2),
 *   indptr: Int32Array.of(0, 2, 4, 6, 8),
 * };
 * const { scores, varianceRatio } = await pca(matrix, { random: new Random(1) });
 * assertEquals(scores.shape, [4, 2]);
 * assert(scores.data[0] * scores.data[2] > 0 && scores.data[0] * scores.data[4] < 0);
 * assert(varianceRatio[0] > 0.8);
 * ```
 */
export async function pca(logNorm: SparseMatrix, options: PcaOptions): Promise<Pca> {
  const { clip = 10, random, progress = silentProgress, signal } = options;
  const [rows, genes] = logNorm.shape;
  const count = componentCount(logNorm, options);
  const turns = new Turns(STOPPED, signal);
  using blocks = await openBlocks(logNorm, turns, options);
  const { scaling: { mean, std }, centre, totalVariance } = await scaleColumns(
    blocks,
    logNorm,
    clip,
  );
  const isMade =
    (options.covariance ?? (genes <= MADE_UP_TO_GENES ? "made" : "applied")) === "made";
  const operator = isMade
    ? await denseCovariance(blocks, centre, rows)
    : covarianceOperator(blocks, centre, rows);
  const { values, vectors } = await leadingEigenvectors(operator, count, {
    random,
    pause: () => turns.next(),
    onFound: (found) => progress.update(found, count, "components"),
  });
  const axes = signed(vectors);
  const variance = values.map((value) => Math.max(0, value));
  return {
    scores: { data: await project(blocks, axes, centre, rows), shape: [rows, count] },
    loadings: { data: transpose(axes), shape: [genes, count] },
    variance,
    varianceRatio: variance.map((value) => value / totalVariance),
    mean,
    std,
  };
}

function componentCount(logNorm: SparseMatrix, { components = 50, clip = 10 }: PcaOptions): number {
  requireRows(ACTION, logNorm);
  const [rows, genes] = logNorm.shape;
  const isSound = Number.isSafeInteger(components) && components > 0 && clip > 0;
  if (isSound && rows > 1 && genes > 1) return Math.min(components, rows - 1, genes - 1);
  throw new SthelarError("InvalidArgument", {
    action: ACTION,
    found: `${components} components cut at ${clip}, ${rows} cells and ${genes} genes`,
    expected: "at least 1 component, a positive cut, 2 cells and 2 genes",
  });
}

/** The largest component becomes positive (scikit-learn's `svd_flip` by loadings). */
function signed(vectors: readonly Float64Array[]): Float64Array<ArrayBuffer>[] {
  return vectors.map((vector) => {
    let largest = 0;
    for (const value of vector) if (Math.abs(value) > Math.abs(largest)) largest = value;
    return Float64Array.from(vector, (value) => largest < 0 ? -value : value);
  });
}

async function project(
  blocks: Blocks,
  vectors: readonly Float64Array[],
  centre: Float64Array,
  rows: number,
): Promise<Float32Array<ArrayBuffer>> {
  const genes = centre.length;
  const axes = new Float64Array(vectors.length * genes);
  vectors.forEach((vector, axis) => axes.set(vector, axis * genes));
  const offset = Float64Array.from(
    vectors,
    (vector) => vector.reduce((sum, value, gene) => sum + value * centre[gene], 0),
  );
  const scores = new Float32Array(rows * vectors.length);
  let filled = 0;
  await blocks.ask("project", { axes, offset }, (part) => {
    scores.set(part, filled);
    filled += part.length;
  });
  return scores;
}

function transpose(vectors: readonly Float64Array[]): Float32Array<ArrayBuffer> {
  const [count, length] = [vectors.length, vectors[0].length];
  const result = new Float32Array(count * length);
  vectors.forEach((vector, axis) => vector.forEach((value, k) => result[k * count + axis] = value));
  return result;
}
