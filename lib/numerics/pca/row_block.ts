import { SthelarError } from "@/core/errors.ts";
import type { SparseMatrix } from "@/core/sparse.ts";

/** Consecutive rows of a sparse matrix, with memory of their own. */
export interface RowBlock {
  /** The first row. */
  readonly firstRow: number;
  readonly columns: number;
  readonly values: Float32Array<ArrayBuffer>;
  /** Ascending in each row. */
  readonly indices: Int32Array<ArrayBuffer>;
  /** Start of each row in `values`, and the end of the last. */
  readonly indptr: Int32Array<ArrayBuffer>;
}

/** Sums are made for each block and added in order: their number must not depend on threads. */
const BLOCKS = 16;

/** First rows of blocks of about equal numbers of values, and the number of rows. */
export function blockBounds({ shape: [rows], indptr }: SparseMatrix): number[] {
  const stored = Number(indptr[rows]);
  const bounds = [0];
  for (let row = 0; row < rows; row++) {
    // A row weighs a little by itself, so that blocks of empty rows end too.
    const weight = Number(indptr[row]) + row;
    if (row > bounds.at(-1)! && weight * BLOCKS >= bounds.length * (stored + rows)) {
      bounds.push(row);
    }
  }
  return [...bounds, rows];
}

/**
 * Copies rows of a matrix.
 *
 * @throws {SthelarError} `InvalidArgument` if a row has two values for a column.
 */
export function copyBlock(matrix: SparseMatrix, firstRow: number, endRow: number): RowBlock {
  const { data, indices, indptr, shape: [, columns] } = matrix;
  const [start, end] = [Number(indptr[firstRow]), Number(indptr[endRow])];
  const block = {
    firstRow,
    columns,
    values: new Float32Array(end - start),
    indices: new Int32Array(end - start),
    indptr: Int32Array.from(
      { length: endRow - firstRow + 1 },
      (_, row) => Number(indptr[firstRow + row]) - start,
    ),
  };
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) {
    for (let k = start; k < end; k++) block.values[k - start] = Number(data[k]);
  } else block.values.set(data.subarray(start, end));
  if (indices instanceof BigInt64Array) {
    for (let k = start; k < end; k++) block.indices[k - start] = Number(indices[k]);
  } else block.indices.set(indices.subarray(start, end));
  sortRows(block);
  return block;
}

function sortRows({ values, indices, indptr, firstRow }: RowBlock): void {
  for (let row = 0; row + 1 < indptr.length; row++) {
    const [start, end] = [indptr[row], indptr[row + 1]];
    if (!isAscending(indices, start, end)) sortRow(values, indices, start, end);
    if (isAscending(indices, start, end)) continue;
    throw new SthelarError("InvalidArgument", {
      action: "Cannot find principal components",
      found: `two values for the same gene in row ${firstRow + row}`,
      expected: "one value for each gene",
    });
  }
}

function isAscending(indices: Int32Array, start: number, end: number): boolean {
  for (let k = start + 1; k < end; k++) if (indices[k] <= indices[k - 1]) return false;
  return true;
}

function sortRow(values: Float32Array, indices: Int32Array, start: number, end: number): void {
  const order = Array.from({ length: end - start }, (_, k) => start + k)
    .sort((a, b) => indices[a] - indices[b]);
  values.set(order.map((k) => values[k]), start);
  indices.set(order.map((k) => indices[k]), start);
}
