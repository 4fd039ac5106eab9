import type { DenseArray } from "@/core/arrays.ts";
import type { Categorical } from "@/core/categorical.ts";
import type { SparseMatrix } from "@/core/sparse.ts";

/**
 * Places the rows of a matrix among all rows of a table; the others are empty.
 *
 * @param matrix `(n_kept, n_columns)`, CSR; its values are not copied.
 * @param rows Row of the table that each row of the matrix is, rising.
 * @param total Rows of the table.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { spreadSparse } from "@/stages/spread_rows.ts";
 *
 * const [data, indices, indptr] = [[7], [1], [0, 1]].map((list) => Int32Array.from(list));
 * const matrix = { format: "csr" as const, shape: [1, 2] as const, data, indices, indptr };
 * const spread = spreadSparse(matrix, Int32Array.of(1), 3);
 * assertEquals([...spread.indptr], [0, 0, 1, 1]);
 * ```
 */
export function spreadSparse(matrix: SparseMatrix, rows: Int32Array, total: number): SparseMatrix {
  const indptr = new Int32Array(total + 1);
  for (let kept = 0; kept < rows.length; kept++) {
    indptr[rows[kept] + 1] = Number(matrix.indptr[kept + 1]) - Number(matrix.indptr[kept]);
  }
  for (let row = 0; row < total; row++) indptr[row + 1] += indptr[row];
  return { ...matrix, shape: [total, matrix.shape[1]], indptr };
}

/** Places a graph among all rows of a table; the others have no neighbours. */
export function spreadGraph(graph: SparseMatrix, rows: Int32Array, total: number): SparseMatrix {
  const spread = spreadSparse(graph, rows, total);
  const indices = new Int32Array(graph.indices.length);
  for (let edge = 0; edge < indices.length; edge++) {
    indices[edge] = rows[Number(graph.indices[edge])];
  }
  return { ...spread, shape: [total, total], indices };
}

/** Places the rows of a dense matrix among all rows of a table; the others are NaN. */
export function spreadDense(
  { data, shape: [, width] }: DenseArray<Float32Array>,
  rows: Int32Array,
  total: number,
): DenseArray<Float32Array> {
  const spread = new Float32Array(total * width).fill(NaN);
  rows.forEach((row, kept) =>
    spread.set(data.subarray(kept * width, (kept + 1) * width), row * width)
  );
  return { data: spread, shape: [total, width] };
}

/** Clusters as a column of categories `0`, `1`, …; rows that were not clustered have none. */
export function spreadClusters(
  clusters: Int32Array,
  count: number,
  rows: Int32Array,
  total: number,
): Categorical {
  const codes = new Int32Array(total).fill(-1);
  rows.forEach((row, kept) => codes[row] = clusters[kept]);
  return { codes, levels: Array.from({ length: count }, (_, k) => String(k)), ordered: false };
}
