import type { DenseArray } from "@/core/arrays.ts";
import { SthelarError } from "@/core/errors.ts";
import { symmetricEigensystem } from "@/numerics/eigen/mod.ts";

/** Principal components of one measurement of the cells. */
export interface ScoreBlock {
  /** `(n_cells, n_components)` */
  readonly scores: DenseArray<Float32Array>;
  /** How many of the components count, from the first on. */
  readonly components: number;
}

/** Options of {@link blockPca}. */
export interface BlockPcaOptions {
  /** How many components at most (default 50). */
  readonly components?: number;
}

/** Principal components of weighted blocks. */
export interface BlockPca {
  /** The weighted columns of all blocks, `(n_cells, n_columns)`: what was analysed, not yet centred. */
  readonly columns: DenseArray<Float32Array<ArrayBuffer>>;
  /** What each block was multiplied by. */
  readonly weights: readonly number[];
  /** `(n_cells, n_components)` */
  readonly scores: DenseArray<Float32Array<ArrayBuffer>>;
  /** `(n_columns, n_components)`, columns of length 1; the largest of each column is positive. */
  readonly loadings: DenseArray<Float32Array<ArrayBuffer>>;
  /** Variance of each component's scores, falling. */
  readonly variance: Float64Array<ArrayBuffer>;
  /** Its share of the variance of all columns. */
  readonly varianceRatio: Float64Array<ArrayBuffer>;
}

type Vector = Float64Array<ArrayBuffer>;

const ACTION = "Cannot combine measurements";

/**
 * Multiple factor analysis of measurements of the same cells (Escofier and Pagès 1994): every block is
 * divided by the root of its largest variance, so that none prevails by its scale, and the blocks side by
 * side are centred and analysed without scaling columns. Variances are those of `prince.MFA` 0.23.0
 * without standardisation to 1e-6, scores and loadings those of scanpy's `pp.pca` of the weighted
 * columns, with the same signs, to 1e-5 of the largest (tests/numerics/mfa).
 *
 * @param blocks Two or more, of the same cells.
 * @returns `min(components, n_columns - 1, n_cells - 1)` components.
 * @throws {SthelarError} `InvalidArgument` for blocks of different cells, of components that are not
 *   there, with values that are no numbers, or without variance.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals, assertEquals } from "@std/assert";
 * import { blockPca } from "@/numerics/mfa/mod.ts";
 *
 * const block = (values: number[]) => ({
 *   scores: { data: Float32Array.from(values), shape: [4, 2] },
 *   components: 2,
 * });
 * // The same structure twice, once a hundred times as large: both weigh the same.
 * const { variance, weights } = blockPca([
 *   block([3, 0, -3, 0, 0, 1, 0, -1]),
 *   block([300, 0, -300, 0, 0, 100, 0, -100]),
 * ]);
 * assertAlmostEquals(variance[0], 2, 1e-6);
 * assertAlmostEquals(weights[0] / weights[1], 100, 1e-4);
 * assertEquals(variance.length, 3);
 * ```
 */
export function blockPca(
  blocks: readonly ScoreBlock[],
  { components = 50 }: BlockPcaOptions = {},
): BlockPca {
  const rows = requireBlocks(blocks, components);
  const weights = blocks.map((block, i) => weightOf(block, i));
  const columns = { data: weighted(blocks, weights, rows), shape: [rows, widthOf(blocks)] };
  const { mean, covariance } = covarianceOf(columns);
  const { values, vectors } = symmetricEigensystem(covariance);
  const count = Math.min(components, columns.shape[1] - 1, rows - 1);
  const axes = vectors.slice(0, count).map(signed);
  const variance = values.slice(0, count).map((value) => Math.max(0, value));
  const total = covariance.reduce((sum, row, i) => sum + row[i], 0);
  return {
    ...{ columns, weights, variance },
    varianceRatio: variance.map((value) => value / total),
    scores: { data: project(columns, mean, axes), shape: [rows, count] },
    loadings: {
      data: Float32Array.from(
        { length: columns.shape[1] * count },
        (_, k) => axes[k % count][Math.floor(k / count)],
      ),
      shape: [columns.shape[1], count],
    },
  };
}

function widthOf(blocks: readonly ScoreBlock[]): number {
  return blocks.reduce((sum, block) => sum + block.components, 0);
}

function requireBlocks(blocks: readonly ScoreBlock[], components: number): number {
  const rows = blocks[0]?.scores.shape[0] ?? 0;
  const isSound = blocks.every(({ scores: { shape, data }, components: kept }) =>
    shape[0] === rows && data.length === rows * shape[1] && Number.isSafeInteger(kept) &&
    kept >= 1 && kept <= shape[1]
  );
  if (isSound && rows >= 2 && widthOf(blocks) >= 2 && components >= 1) return rows;
  const sizes = blocks.map(({ scores: { shape }, components: kept }) =>
    `${kept} of ${shape[1]} components of ${shape[0]} cells`
  );
  throw new SthelarError("InvalidArgument", {
    action: ACTION,
    found: `${sizes.join("; ") || "no block"}; ${components} components wanted`,
    expected: "components of the same two cells or more, two in all, 1 or more wanted",
  });
}

/** One by the root of the variance along the block's longest axis. */
function weightOf({ scores: { data, shape: [rows, width] }, components }: ScoreBlock, i: number) {
  const kept = new Float32Array(rows * components);
  for (let row = 0; row < rows; row++) {
    kept.set(data.subarray(row * width, row * width + components), row * components);
  }
  const { covariance } = covarianceOf({ data: kept, shape: [rows, components] });
  const largest = symmetricEigensystem(covariance).values[0];
  if (largest > 0 && Number.isFinite(largest)) return 1 / Math.sqrt(largest);
  throw new SthelarError("InvalidArgument", {
    action: ACTION,
    found: Number.isNaN(largest)
      ? `values that are no numbers in block ${i}`
      : `block ${i} without variance`,
    expected: "cells that differ",
  });
}

function weighted(
  blocks: readonly ScoreBlock[],
  weights: readonly number[],
  rows: number,
): Float32Array<ArrayBuffer> {
  const columns = widthOf(blocks);
  const data = new Float32Array(rows * columns);
  let left = 0;
  blocks.forEach(({ scores: { data: scores, shape: [, width] }, components }, i) => {
    for (let row = 0; row < rows; row++) {
      for (let k = 0; k < components; k++) {
        data[row * columns + left + k] = weights[i] * scores[row * width + k];
      }
    }
    left += components;
  });
  return data;
}

/** Means and unbiased covariances of columns. */
function covarianceOf({ data, shape: [rows, columns] }: DenseArray<Float32Array>) {
  const mean: Vector = new Float64Array(columns);
  for (let k = 0; k < data.length; k++) mean[k % columns] += data[k];
  for (let i = 0; i < columns; i++) mean[i] /= rows;
  const covariance = Array.from({ length: columns }, () => new Float64Array(columns));
  const centred: Vector = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < columns; i++) centred[i] = data[row * columns + i] - mean[i];
    for (let i = 0; i < columns; i++) {
      const line = covariance[i], own = centred[i];
      for (let j = i; j < columns; j++) line[j] += own * centred[j];
    }
  }
  for (let i = 0; i < columns; i++) {
    for (let j = i; j < columns; j++) {
      covariance[i][j] /= rows - 1;
      covariance[j][i] = covariance[i][j];
    }
  }
  return { mean, covariance };
}

/** The largest component becomes positive (scikit-learn's `svd_flip` by loadings). */
function signed(vector: Float64Array): Float64Array {
  let largest = 0;
  for (const value of vector) if (Math.abs(value) > Math.abs(largest)) largest = value;
  return largest < 0 ? vector.map((value) => -value) : vector;
}

function project(
  { data, shape: [rows, columns] }: DenseArray<Float32Array>,
  mean: Vector,
  axes: readonly Float64Array[],
): Float32Array<ArrayBuffer> {
  const scores = new Float32Array(rows * axes.length);
  const centred: Vector = new Float64Array(columns);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < columns; i++) centred[i] = data[row * columns + i] - mean[i];
    for (let axis = 0; axis < axes.length; axis++) {
      const loading = axes[axis];
      let score = 0;
      for (let i = 0; i < columns; i++) score += loading[i] * centred[i];
      scores[row * axes.length + axis] = score;
    }
  }
  return scores;
}
