import type { SparseMatrix } from "@/core/sparse.ts";

/**
 * Adds rows below a matrix that is compressed by columns.
 *
 * @param added Their values, (n_rows, n_columns); a 0 is not stored.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { appendRows } from "@/simulate/append_rows.ts";
 *
 * const matrix = {
 *   format: "csc" as const,
 *   shape: [1, 2] as const,
 *   data: Int32Array.of(7),
 *   indices: Int32Array.of(0),
 *   indptr: Int32Array.of(0, 0, 1),
 * };
 * const { shape, data, indices, indptr } = appendRows(matrix, Int32Array.of(5, 0));
 * assertEquals([shape, [...data]], [[2, 2], [5, 7]]);
 * assertEquals([[...indices], [...indptr]], [[1n, 0n], [0n, 1n, 2n]]);
 * ```
 */
export function appendRows(matrix: SparseMatrix, added: Int32Array): SparseMatrix {
  const [rows, columns] = matrix.shape;
  const addedRows = added.length / columns;
  const count = matrix.data.length + added.reduce((n, value) => n + (value === 0 ? 0 : 1), 0);
  const data = new Int32Array(count);
  const indices = new BigInt64Array(count);
  const indptr = new BigInt64Array(columns + 1);
  let at = 0;
  for (let column = 0; column < columns; column++) {
    for (let k = Number(matrix.indptr[column]); k < Number(matrix.indptr[column + 1]); k++) {
      data[at] = Number(matrix.data[k]);
      indices[at++] = BigInt(matrix.indices[k]);
    }
    for (let row = 0; row < addedRows; row++) {
      const value = added[row * columns + column];
      if (value === 0) continue;
      data[at] = value;
      indices[at++] = BigInt(rows + row);
    }
    indptr[column + 1] = BigInt(at);
  }
  return { format: "csc", shape: [rows + addedRows, columns], data, indices, indptr };
}
