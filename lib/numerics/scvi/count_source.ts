import { SthelarError } from "@/core/errors.ts";
import { requireRows, type SparseMatrix } from "@/core/sparse.ts";

/** Counts row by row; rows may lie in memory or in files. */
export interface CountSource {
  /** Cells. */
  readonly rows: number;
  /** Genes of each. */
  readonly genes: number;
  /**
   * Writes rows as dense counts, one after another.
   *
   * @param rows Their numbers.
   * @param into `(rows.length, genes)`: all of it is written, zeros too.
   */
  fill(rows: Int32Array, into: Float32Array): void | Promise<void>;
}

/**
 * Rows of a sparse matrix in memory.
 *
 * @param matrix Counts by rows, `(n_cells, n_genes)`.
 * @throws {SthelarError} `InvalidArgument` for a matrix by columns or a faulty one.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sparseCounts } from "@/numerics/scvi/mod.ts";
 *
 * const counts = sparseCounts({
 *   format: "csr",
 *   shape: [2, 3],
 *   data: Int32Array.of(4, 1),
 *   indices: Int32Array.of(2, 0),
 *   indptr: Int32Array.of(0, 1, 2),
 * });
 * const row = new Float32Array(3);
 * counts.fill(Int32Array.of(0), row);
 * assertEquals(row, Float32Array.of(0, 0, 4));
 * ```
 */
export function sparseCounts(matrix: SparseMatrix): CountSource {
  requireRows("Cannot take counts from a matrix", matrix);
  const [rows, genes] = matrix.shape;
  const { data, indices, indptr } = matrix;
  const isPlain = !(data instanceof BigInt64Array || data instanceof BigUint64Array) &&
    indices instanceof Int32Array && indptr instanceof Int32Array;
  return {
    rows,
    genes,
    fill: isPlain
      ? (wanted, into) => fillRows({ data, indices, indptr }, genes, wanted, into)
      : (wanted, into) => fillRowsOfAnyType(matrix, wanted, into),
  };
}

interface PlainRows {
  readonly data: ArrayLike<number>;
  readonly indices: Int32Array;
  readonly indptr: Int32Array;
}

function fillRows(
  { data, indices, indptr }: PlainRows,
  genes: number,
  rows: Int32Array,
  into: Float32Array,
): void {
  into.fill(0);
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i];
    const start = i * genes;
    for (let k = indptr[row]; k < indptr[row + 1]; k++) into[start + indices[k]] += data[k];
  }
}

function fillRowsOfAnyType(
  { data, indices, indptr, shape: [, genes] }: SparseMatrix,
  rows: Int32Array,
  into: Float32Array,
): void {
  into.fill(0);
  for (let i = 0; i < rows.length; i++) {
    const end = Number(indptr[rows[i] + 1]);
    for (let k = Number(indptr[rows[i]]); k < end; k++) {
      into[i * genes + Number(indices[k])] += Number(data[k]);
    }
  }
}

const LOOK_BYTES = 2 ** 22;

/**
 * Looks at all counts once, a few rows at a time.
 *
 * @returns The largest count of each gene.
 * @throws {SthelarError} `InvalidArgument` at counts that are negative, fractional or no numbers,
 * with the first of them; `Aborted`.
 */
export async function checkCounts(
  counts: CountSource,
  genes: readonly string[],
  signal?: AbortSignal,
): Promise<Float32Array> {
  const block = Math.max(1, Math.min(counts.rows, Math.floor(LOOK_BYTES / (4 * counts.genes))));
  const largest = new Float32Array(counts.genes);
  for (let first = 0; first < counts.rows; first += block) {
    if (signal?.aborted) throw stopped(signal);
    const rows = rowRange(first, Math.min(counts.rows, first + block));
    const values = new Float32Array(rows.length * counts.genes);
    await counts.fill(rows, values);
    for (let i = 0; i < rows.length; i++) {
      const row = values.subarray(i * counts.genes, (i + 1) * counts.genes);
      if (!raiseTo(largest, row)) throw badCount(row, first + i, genes);
    }
  }
  return largest;
}

/** The numbers from `first` to `end`, without it. */
export function rowRange(first: number, end: number): Int32Array {
  return Int32Array.from({ length: end - first }, (_, i) => first + i);
}

/** Whole numbers of float32 end here: larger counts are not told apart. */
const MAX_COUNT = 2 ** 24;

/** Takes a row into account; false where a value is no count. */
function raiseTo(largest: Float32Array, row: Float32Array): boolean {
  for (let gene = 0; gene < row.length; gene++) {
    const value = row[gene];
    if (value === 0) continue;
    if (!isCount(value)) return false;
    if (value > largest[gene]) largest[gene] = value;
  }
  return true;
}

/**
 * Refuses what are no counts.
 *
 * @param values Whole rows.
 * @param firstRow Number of the first.
 */
export function requireCounts(
  values: Float32Array,
  genes: readonly string[],
  firstRow: number,
): void {
  const bad = values.findIndex((value) => !isCount(value));
  if (bad < 0) return;
  const row = Math.floor(bad / genes.length);
  throw badCount(values.subarray(row * genes.length), firstRow + row, genes);
}

function isCount(value: number): boolean {
  return value >= 0 && value <= MAX_COUNT && Math.floor(value) === value;
}

function badCount(row: Float32Array, place: number, genes: readonly string[]): SthelarError {
  const gene = row.findIndex((value) => !isCount(value));
  return new SthelarError("InvalidArgument", {
    action: "Cannot use counts for scVI",
    found: `${row[gene]} of gene "${genes[gene]}" in row ${place}`,
    expected: "counts: whole numbers from 0 to 16,777,216",
    remedy: "give the raw counts, neither normalised nor scaled",
  });
}

function stopped(signal: AbortSignal): SthelarError {
  return new SthelarError("Aborted", { action: "Stopped scVI", cause: signal.reason });
}
