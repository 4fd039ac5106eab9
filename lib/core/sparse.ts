import type { NumericArray } from "./arrays.ts";
import { SthelarError } from "./errors.ts";

/**
 * A sparse matrix, compressed by rows (`csr`) or by columns (`csc`), as scipy lays it out.
 *
 * `indptr` has one entry more than there are rows (columns for `csc`); row `i` holds
 * `data[indptr[i] .. indptr[i + 1]]` in columns `indices[...]`.
 */
export interface SparseMatrix {
  /** Compressed axis: rows or columns. */
  readonly format: "csr" | "csc";
  /** `[n_rows, n_columns]`. */
  readonly shape: readonly [number, number];
  /** The stored values. */
  readonly data: NumericArray;
  /** Column (row for `csc`) of each stored value. */
  readonly indices: Int32Array | BigInt64Array;
  /** Start of each row (column for `csc`) in `data`, and the end of the last. */
  readonly indptr: Int32Array | BigInt64Array;
}

/**
 * Says what is wrong with a sparse matrix, or nothing.
 *
 * @returns The first violated rule in words, `undefined` for a valid matrix.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sparseFault } from "@/core/sparse.ts";
 *
 * const matrix = {
 *   format: "csr" as const,
 *   shape: [1, 2] as const,
 *   data: Int32Array.of(7),
 *   indices: Int32Array.of(2),
 *   indptr: Int32Array.of(0, 1),
 * };
 * assertEquals(sparseFault(matrix), "index 2 on an axis of 2");
 * ```
 */
export function sparseFault(matrix: SparseMatrix): string | undefined {
  const [major, minor] = matrix.format === "csr" ? matrix.shape : matrix.shape.toReversed();
  const { data, indices, indptr } = matrix;
  if (indptr.length !== major + 1) {
    return `indptr of length ${indptr.length} for ${major} ${
      matrix.format === "csr" ? "rows" : "columns"
    }`;
  }
  if (indices.length !== data.length) return `${indices.length} indices for ${data.length} values`;
  if (Number(indptr[0]) !== 0) return `indptr that starts at ${indptr[0]}`;
  for (let i = 0; i < major; i++) {
    if (indptr[i + 1] < indptr[i]) return `indptr that falls from ${indptr[i]} to ${indptr[i + 1]}`;
  }
  if (Number(indptr[major]) !== data.length) {
    return `indptr that ends at ${indptr[major]} for ${data.length} values`;
  }
  for (let k = 0; k < indices.length; k++) {
    if (indices[k] < 0 || indices[k] >= minor) return `index ${indices[k]} on an axis of ${minor}`;
  }
  return undefined;
}

/**
 * Refuses what is no matrix by rows.
 *
 * @param action What was to be done with it, for the message.
 * @throws {SthelarError} `InvalidArgument` for a matrix by columns, or a faulty one.
 */
export function requireRows(action: string, matrix: SparseMatrix): void {
  const found = matrix.format === "csr" ? sparseFault(matrix) : "a matrix by columns";
  if (found === undefined) return;
  throw new SthelarError("InvalidArgument", { action, found, expected: "a matrix by rows (csr)" });
}

/**
 * Refuses what is no square matrix by rows.
 *
 * @param action What was to be done with it, for the message.
 * @throws {SthelarError} `InvalidArgument` for another shape, a matrix by columns, or a faulty one.
 */
export function requireSquareRows(action: string, matrix: SparseMatrix): void {
  requireRows(action, matrix);
  const [rows, columns] = matrix.shape;
  if (rows === columns) return;
  throw new SthelarError("InvalidArgument", {
    action,
    found: `a matrix of ${rows} x ${columns}`,
    expected: "a square matrix",
  });
}
