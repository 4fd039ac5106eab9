import { allocate, dtypeOf } from "@/core/arrays.ts";
import { SthelarError } from "@/core/errors.ts";
import { requireRows, type SparseMatrix } from "@/core/sparse.ts";

const ACTION = "Cannot take rows";

/**
 * Rows of a matrix, in the order given; a row can be taken twice.
 *
 * @param matrix `(n_rows, n_columns)` by rows.
 * @param rows Which rows, from 0 on.
 * @returns A matrix of its own, values of the same type.
 * @throws {SthelarError} `InvalidArgument` for a row that is not there, a matrix by columns, or a faulty one.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { takeRows } from "@/numerics/normalise/mod.ts";
 *
 * const matrix = {
 *   format: "csr" as const,
 *   shape: [3, 2] as const,
 *   data: Int32Array.of(5, 6, 7),
 *   indices: Int32Array.of(0, 1, 1),
 *   indptr: Int32Array.of(0, 1, 1, 3),
 * };
 * assertEquals(takeRows(matrix, [2, 1]).data, Int32Array.of(6, 7));
 * ```
 */
export function takeRows(matrix: SparseMatrix, rows: ArrayLike<number>): SparseMatrix {
  const { format, shape: [count, columns], data, indices, indptr } = matrix;
  requireRows(ACTION, matrix);
  const starts = new Int32Array(rows.length + 1);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i];
    if (!Number.isInteger(row) || row < 0 || row >= count) {
      throw invalid(`row ${row}`, `rows from 0 to ${count - 1}`);
    }
    starts[i + 1] = starts[i] + Number(indptr[row + 1]) - Number(indptr[row]);
  }
  const stored = starts[rows.length];
  const taken = allocate(dtypeOf(data), stored) as Float32Array;
  const places = allocate(dtypeOf(indices), stored) as Int32Array;
  for (let i = 0; i < rows.length; i++) {
    const [start, end] = [Number(indptr[rows[i]]), Number(indptr[rows[i] + 1])];
    taken.set((data as Float32Array).subarray(start, end), starts[i]);
    places.set((indices as Int32Array).subarray(start, end), starts[i]);
  }
  return { format, shape: [rows.length, columns], data: taken, indices: places, indptr: starts };
}

function invalid(found: string, expected: string): SthelarError {
  return new SthelarError("InvalidArgument", { action: ACTION, found, expected });
}
