import { SthelarError } from "@/core/errors.ts";
import { requireRows, type SparseMatrix } from "@/core/sparse.ts";

/** Recent values whose logarithm is kept: a power of two. */
const RECENT = 64;
const RECENT_PER_UNIT = 4;

/** A matrix of float32 values. */
export type FloatMatrix = SparseMatrix & { readonly data: Float32Array<ArrayBuffer> };

/**
 * The sum of each row.
 *
 * @param counts `(n_cells, n_genes)` by rows.
 * @throws {SthelarError} `InvalidArgument` if the matrix is not by rows.
 */
export function rowTotals(counts: SparseMatrix): Float64Array<ArrayBuffer> {
  requireRows("Cannot sum rows", counts);
  const { data, indptr, shape: [rows] } = counts;
  const totals = new Float64Array(rows);
  for (let row = 0, k = 0; row < rows; row++) {
    const end = Number(indptr[row + 1]);
    let total = 0;
    for (; k < end; k++) total += Number(data[k]);
    totals[row] = total;
  }
  return totals;
}

/**
 * Scales each row to the sum `target`, as `sc.pp.normalize_total` of scanpy 1.11.5 does (within a unit in
 * float32's last place: tests/numerics/normalise). Rows without counts stay as they are.
 *
 * @param counts `(n_cells, n_genes)` by rows.
 * @param target Sum of each row of the result.
 * @returns A new matrix that shares the places of the values with `counts`.
 * @throws {SthelarError} `InvalidArgument` if the matrix is not by rows, or a count is negative or no
 *   number.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { normaliseTotal } from "@/numerics/normalise/mod.ts";
 *
 * const { data } = normaliseTotal({
 *   format: "csr",
 *   shape: [2, 2],
 *   data: Uint16Array.of(1, 3),
 *   indices: Int32Array.of(0, 1),
 *   indptr: Int32Array.of(0, 2, 2),
 * }, 100);
 * assertEquals(data, Float32Array.of(25, 75));
 * ```
 */
export function normaliseTotal(counts: SparseMatrix, target = 1e4): FloatMatrix {
  const totals = rowTotals(counts);
  const { data, indptr } = counts;
  const scaled = new Float32Array(data.length);
  for (let row = 0, k = 0; row < totals.length; row++) {
    const end = Number(indptr[row + 1]);
    const factor = totals[row] === 0 ? 0 : target / totals[row];
    for (; k < end; k++) {
      const count = Number(data[k]);
      if (!(count >= 0 && count < Infinity)) throw notCount(counts, row, k);
      scaled[k] = count * factor;
    }
  }
  return { ...counts, data: scaled };
}

/**
 * `log(1 + x)` of each value, as `sc.pp.log1p` does.
 *
 * @returns A new matrix that shares the places of the values with `matrix`.
 * @throws {SthelarError} `InvalidArgument` for a value of -1 or less, or no number.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { log1p } from "@/numerics/normalise/mod.ts";
 *
 * const { data } = log1p({
 *   format: "csr",
 *   shape: [1, 2],
 *   data: Int32Array.of(1),
 *   indices: Int32Array.of(0),
 *   indptr: Int32Array.of(0, 1),
 * });
 * assertAlmostEquals(data[0], Math.LN2, 1e-7);
 * ```
 */
export function log1p(matrix: SparseMatrix): FloatMatrix {
  const { data } = matrix;
  const result = new Float32Array(data.length);
  // Rows of counts repeat few values: those of 1, 2, … transcripts.
  const known = new Float64Array(RECENT).fill(NaN);
  const logarithms = new Float64Array(RECENT);
  for (let k = 0; k < result.length; k++) {
    const value = Number(data[k]);
    const slot = (value * RECENT_PER_UNIT) & (RECENT - 1);
    if (known[slot] !== value) {
      if (!(value > -1 && value < Infinity)) throw noLogarithm(k, value);
      known[slot] = value;
      logarithms[slot] = Math.log1p(value);
    }
    result[k] = logarithms[slot];
  }
  return { ...matrix, data: result };
}

function notCount({ data, indices }: SparseMatrix, row: number, k: number): SthelarError {
  return new SthelarError("InvalidArgument", {
    action: "Cannot normalise counts",
    found: `${data[k]} in row ${row}, column ${indices[k]}`,
    expected: "0 or more",
  });
}

function noLogarithm(k: number, value: number): SthelarError {
  return new SthelarError("InvalidArgument", {
    action: "Cannot take logarithms",
    found: `${value} as value ${k}`,
    expected: "values above -1",
  });
}
