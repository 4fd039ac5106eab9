import { SthelarError } from "@/core/errors.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import type { SymmetricOperator } from "@/numerics/eigen/mod.ts";
import { type Scaling, triangleRow } from "./block_kernels.ts";
import type { Blocks } from "./block_pool.ts";

type Vector = Float64Array<ArrayBuffer>;

/** Variances below this share of the mean square are rounding errors of a constant. */
const ROUNDING = 1e-12;

/** What scaling made of the columns. */
export interface ScaledColumns {
  readonly scaling: Scaling;
  /** Mean of the scaled values above those of zeros. */
  readonly centre: Vector;
  /** Sum of the variances of the scaled values. */
  readonly totalVariance: number;
}

/**
 * Scales the columns of the blocks to unit variance, and cuts them. A zero of a column becomes the
 * same number in all rows, which centring takes out again: the blocks keep what is above it, which is
 * as sparse as before.
 *
 * @throws {SthelarError} `InvalidArgument` for values that are no numbers, or if no column varies.
 */
export async function scaleColumns(
  blocks: Blocks,
  matrix: SparseMatrix,
  clip: number,
): Promise<ScaledColumns> {
  const [rows, columns] = matrix.shape;
  const { sums, squares } = await addedSums(blocks, "sumColumns", null, columns);
  if (!squares.every(Number.isFinite)) throw notFinite(matrix);
  const variance = variances(sums, squares, rows);
  const mean = sums.map((sum) => sum / rows);
  const std = variance.map((value) => value === 0 ? 1 : Math.sqrt(value));
  const scaling = { mean, std, clip };
  const after = await addedSums(blocks, "scale", scaling, columns);
  const totalVariance = variances(after.sums, after.squares, rows)
    .reduce((sum, value) => sum + value, 0);
  if (totalVariance === 0) throw noVariance();
  return { scaling, centre: after.sums.map((sum) => sum / rows), totalVariance };
}

/** The covariance of the columns of scaled blocks as a matrix, made once. */
export async function denseCovariance(
  blocks: Blocks,
  centre: Vector,
  rows: number,
): Promise<SymmetricOperator> {
  const size = centre.length;
  const triangle = new Float64Array(size * (size + 1) / 2);
  await blocks.ask("gram", null, (part) => addInto(triangle, part));
  for (let i = 0; i < size; i++) {
    const base = triangleRow(i, size);
    for (let j = i; j < size; j++) {
      triangle[base + j] = (triangle[base + j] - rows * centre[i] * centre[j]) / (rows - 1);
    }
  }
  return { size, times: (vector) => triangleTimes(triangle, vector) };
}

/** The covariance of the columns of scaled blocks, as what it does to vectors. */
export function covarianceOperator(
  blocks: Blocks,
  centre: Vector,
  rows: number,
): SymmetricOperator {
  const size = centre.length;
  const times = async (vector: Vector): Promise<Vector> => {
    const result = new Float64Array(size);
    await blocks.ask("gramTimes", vector, (part) => addInto(result, part));
    let along = 0;
    for (let i = 0; i < size; i++) along += centre[i] * vector[i];
    return result.map((value, i) => (value - rows * along * centre[i]) / (rows - 1));
  };
  return { size, times };
}

function triangleTimes(triangle: Vector, vector: Vector): Vector {
  const size = vector.length;
  const result = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    const base = triangleRow(i, size);
    const own = vector[i];
    let sum = triangle[base + i] * own;
    for (let j = i + 1; j < size; j++) {
      const value = triangle[base + j];
      sum += value * vector[j];
      result[j] += value * own;
    }
    result[i] += sum;
  }
  return result;
}

async function addedSums<T extends "sumColumns" | "scale">(
  blocks: Blocks,
  task: T,
  input: T extends "scale" ? Scaling : null,
  columns: number,
) {
  const [sums, squares] = [new Float64Array(columns), new Float64Array(columns)];
  await blocks.ask<"sumColumns" | "scale">(task, input as Scaling, (part) => {
    addInto(sums, part.sums);
    addInto(squares, part.squares);
  });
  return { sums, squares };
}

/** Unbiased variances. */
function variances(sums: Vector, squares: Vector, rows: number): Vector {
  return sums.map((sum, column) => {
    const left = squares[column] - sum * sum / rows;
    return left <= ROUNDING * squares[column] ? 0 : left / (rows - 1);
  });
}

function addInto(into: Vector, added: Vector): void {
  for (let i = 0; i < into.length; i++) into[i] += added[i];
}

function notFinite({ data, indices, indptr }: SparseMatrix): SthelarError {
  const k = data.findIndex((value: number | bigint) => !Number.isFinite(Number(value)));
  const row = indptr.findIndex((start: number | bigint) => Number(start) > k) - 1;
  return new SthelarError("InvalidArgument", {
    action: "Cannot find principal components",
    found: `${data[k]} in row ${row}, gene ${indices[k]}`,
    expected: "finite values",
  });
}

function noVariance(): SthelarError {
  return new SthelarError("InvalidArgument", {
    action: "Cannot find principal components",
    found: "that no gene varies",
    expected: "cells that differ",
  });
}
