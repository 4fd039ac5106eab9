import type { DenseArray } from "@/core/arrays.ts";
import { SthelarError } from "@/core/errors.ts";
import type { SparseMatrix } from "@/core/sparse.ts";

/** Counts of cells by genes, sparse by rows or dense. */
export type Counts = SparseMatrix | DenseArray;

/** How many rows and columns there are. */
export function countsShape({ shape }: Counts): readonly [rows: number, genes: number] {
  return [shape[0], shape[1]];
}

/** Calls `visit` with every stored value of the rows, in the order of rows. */
export function eachCount(
  counts: Counts,
  visit: (row: number, gene: number, value: number) => void,
): void {
  const [rows, genes] = countsShape(counts);
  if (!("indptr" in counts)) {
    for (let k = 0; k < rows * genes; k++) {
      visit(Math.floor(k / genes), k % genes, Number(counts.data[k]));
    }
    return;
  }
  requireCsr(counts);
  const { data, indices, indptr } = counts;
  for (let row = 0; row < rows; row++) {
    for (let k = Number(indptr[row]), end = Number(indptr[row + 1]); k < end; k++) {
      visit(row, Number(indices[k]), Number(data[k]));
    }
  }
}

/**
 * Counts as dense rows of genes, with one more column.
 *
 * @param what For messages: `cell`, `nucleus`.
 * @param last Value of each row in the last column.
 * @throws {SthelarError} `InvalidArgument` at the first value that is negative or no number.
 */
export function denseRows(
  counts: Counts,
  what: string,
  last: Float32Array,
): Float32Array<ArrayBuffer> {
  const [rows, genes] = countsShape(counts);
  const dense = new Float32Array(rows * (genes + 1));
  eachCount(counts, (row, gene, value) => {
    requireCount(what, row, gene, value);
    dense[row * (genes + 1) + gene] += value;
  });
  for (let row = 0; row < rows; row++) dense[row * (genes + 1) + genes] = last[row];
  return dense;
}

/** Counts as dense rows of cells, one for each gene, and one of zeros. */
export function denseColumns(counts: Counts, what: string): Float32Array<ArrayBuffer> {
  const [rows, genes] = countsShape(counts);
  const dense = new Float32Array((genes + 1) * rows);
  eachCount(counts, (row, gene, value) => {
    requireCount(what, row, gene, value);
    dense[gene * rows + row] += value;
  });
  return dense;
}

function requireCsr({ format }: SparseMatrix): void {
  if (format === "csr") return;
  throw new SthelarError("InvalidArgument", {
    action: "Cannot read counts by rows",
    found: "a matrix that is stored by columns",
    expected: "csr",
  });
}

function requireCount(what: string, row: number, gene: number, value: number): void {
  if (value >= 0 && value < Infinity) return;
  throw new SthelarError("InvalidArgument", {
    action: "Cannot map counts",
    found: `${value} in ${what} ${row}, gene ${gene}`,
    expected: "0 or more",
  });
}
