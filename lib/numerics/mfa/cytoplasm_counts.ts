import { SthelarError } from "@/core/errors.ts";
import { requireRows, type SparseMatrix } from "@/core/sparse.ts";
import type { FloatMatrix } from "@/numerics/normalise/mod.ts";

/** What lies in cells and outside of their nuclei. */
export interface Cytoplasm {
  /** `(n_cells, n_genes)` by rows, no zeros stored. */
  readonly counts: FloatMatrix;
  /** What was negative, and became 0. */
  readonly clipped: {
    /** Counts that nuclei have above their cells. */
    readonly transcripts: number;
    /** Pairs of cell and gene. */
    readonly values: number;
    /** Cells. */
    readonly rows: number;
  };
}

const ACTION = "Cannot take nuclei from cells";

/**
 * Counts of cells without those of their nuclei, 0 where a nucleus has more: nuclei are counted in all
 * transcripts, cells by 10x in those of good quality only. No dense matrix is made.
 *
 * @param cells Counts in cells, `(n_cells, n_genes)` by rows.
 * @param nuclei Counts in the nuclei of these cells, genes in the same order.
 * @throws {SthelarError} `InvalidArgument` for other shapes, matrices by columns, or a value that is no
 *   count.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cytoplasmCounts } from "@/numerics/mfa/mod.ts";
 *
 * const row = (data: number[]) => ({
 *   format: "csr" as const,
 *   shape: [1, 3] as const,
 *   data: Int32Array.from(data),
 *   indices: Int32Array.of(0, 1, 2),
 *   indptr: Int32Array.of(0, 3),
 * });
 * const { counts, clipped } = cytoplasmCounts(row([5, 2, 1]), row([2, 2, 4]));
 * assertEquals([...counts.data], [3]);
 * assertEquals(clipped, { transcripts: 3, values: 1, rows: 1 });
 * ```
 */
export function cytoplasmCounts(cells: SparseMatrix, nuclei: SparseMatrix): Cytoplasm {
  requireSameShape(cells, nuclei);
  const [rows, genes] = cells.shape;
  const left = new Float64Array(genes);
  const indptr = new Int32Array(rows + 1);
  let clipped = { transcripts: 0, values: 0, rows: 0 };
  for (let row = 0; row < rows; row++) {
    addRow(cells, row, 1, left);
    addRow(nuclei, row, -1, left);
    const taken = takePositive(cells, row, left);
    const excess = takeNegative(nuclei, row, left);
    indptr[row + 1] = indptr[row] + taken;
    clipped = {
      transcripts: clipped.transcripts + excess.transcripts,
      values: clipped.values + excess.values,
      rows: clipped.rows + (excess.values > 0 ? 1 : 0),
    };
  }
  const data = new Float32Array(indptr[rows]), indices = new Int32Array(indptr[rows]);
  for (let row = 0; row < rows; row++) {
    addRow(cells, row, 1, left);
    addRow(nuclei, row, -1, left);
    takePositive(cells, row, left, { data, indices, start: indptr[row] });
    takeNegative(nuclei, row, left);
  }
  return { counts: { format: "csr", shape: [rows, genes], data, indices, indptr }, clipped };
}

function addRow(
  { data, indices, indptr }: SparseMatrix,
  row: number,
  sign: 1 | -1,
  into: Float64Array,
): void {
  for (let k = Number(indptr[row]), end = Number(indptr[row + 1]); k < end; k++) {
    const count = Number(data[k]);
    if (!(count >= 0 && count < Infinity)) throw notCount(count, row, Number(indices[k]));
    into[Number(indices[k])] += sign * count;
  }
}

/** Where the values of a row go. */
interface Room {
  readonly data: Float32Array;
  readonly indices: Int32Array;
  readonly start: number;
}

/** Takes what is left of a row of cells, and how many values that is. */
function takePositive(
  { indices, indptr }: SparseMatrix,
  row: number,
  left: Float64Array,
  room?: Room,
): number {
  let taken = 0;
  for (let k = Number(indptr[row]), end = Number(indptr[row + 1]); k < end; k++) {
    const gene = Number(indices[k]);
    if (left[gene] <= 0) continue;
    if (room !== undefined) {
      room.data[room.start + taken] = left[gene];
      room.indices[room.start + taken] = gene;
    }
    taken++;
    left[gene] = 0;
  }
  return taken;
}

/** Takes what a nucleus has above its cell; nothing of the row is left then. */
function takeNegative({ indices, indptr }: SparseMatrix, row: number, left: Float64Array) {
  let [transcripts, values] = [0, 0];
  for (let k = Number(indptr[row]), end = Number(indptr[row + 1]); k < end; k++) {
    const gene = Number(indices[k]);
    if (left[gene] >= 0) continue;
    transcripts -= left[gene];
    values++;
    left[gene] = 0;
  }
  return { transcripts, values };
}

function requireSameShape(cells: SparseMatrix, nuclei: SparseMatrix): void {
  requireRows(ACTION, cells);
  requireRows(ACTION, nuclei);
  if (cells.shape.join() === nuclei.shape.join()) return;
  throw new SthelarError("InvalidArgument", {
    action: ACTION,
    found: `cells x genes ${cells.shape.join(" x ")} and ${nuclei.shape.join(" x ")}`,
    expected: "one shape",
  });
}

function notCount(count: number, row: number, gene: number): SthelarError {
  return new SthelarError("InvalidArgument", {
    action: ACTION,
    found: `${count} in row ${row}, column ${gene}`,
    expected: "0 or more",
  });
}
