import { SthelarError } from "@/core/errors.ts";
import { requireRows, type SparseMatrix } from "@/core/sparse.ts";

/** Some genes of a matrix, by columns: the values that are not zero, of rows that have a group. */
export interface GeneBlock {
  /** The first gene. */
  readonly firstGene: number;
  /** Place of each gene's first value. */
  readonly starts: Int32Array<ArrayBuffer>;
  /** Place behind each gene's last value. */
  readonly ends: Int32Array<ArrayBuffer>;
  /** Values; those of a gene in the order of rows. */
  readonly values: Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;
  /** Group of the row of each value. */
  readonly groups: Int32Array<ArrayBuffer>;
}

/** A matrix by rows whose arrays hold numbers. */
interface Rows {
  readonly data: Float32Array | Float64Array;
  readonly indices: Int32Array;
  readonly indptr: Int32Array | Float64Array;
  readonly genes: number;
}

const ACTION = "Cannot rank genes";

/**
 * Cuts a matrix by rows into blocks of genes by columns, of about `blockValues` values each: memory for
 * one block at a time.
 *
 * @param matrix `(n_cells, n_genes)` by rows; indices in any order.
 * @param groups Group of each row, -1 for rows that are left out.
 * @param blockValues Stored values of a block; a gene with more is a block of its own.
 * @throws {SthelarError} `InvalidArgument` for a matrix by columns or out of order, a value that is not
 * finite, or two values for the same gene in a row.
 */
export function* geneBlocks(
  matrix: SparseMatrix,
  groups: Int32Array,
  blockValues: number,
): Generator<GeneBlock, void> {
  requireRows(ACTION, matrix);
  const rows = rowsOf(matrix);
  const { perGene, isSorted } = countPerGene(rows);
  const cursors = isSorted ? Float64Array.from(rows.indptr) : undefined;
  for (let firstGene = 0, end = 0; firstGene < rows.genes; firstGene = end) {
    let size = perGene[end++];
    while (end < rows.genes && size + perGene[end] <= blockValues) size += perGene[end++];
    const starts = new Int32Array(end - firstGene);
    for (let i = 1; i < starts.length; i++) starts[i] = starts[i - 1] + perGene[firstGene + i - 1];
    const block = {
      firstGene,
      starts,
      ends: starts.slice(),
      values: rows.data instanceof Float32Array ? new Float32Array(size) : new Float64Array(size),
      groups: new Int32Array(size),
    };
    if (cursors === undefined) fillFromAnyOrder(block, rows, groups);
    else fillFromSorted(block, rows, groups, cursors);
    yield block;
  }
}

function rowsOf({ data, indices, indptr, shape: [, genes] }: SparseMatrix): Rows {
  return {
    data: data instanceof Float32Array || data instanceof Float64Array
      ? data
      : Float64Array.from(data as ArrayLike<number | bigint>, Number),
    indices: indices instanceof BigInt64Array ? Int32Array.from(indices, Number) : indices,
    indptr: indptr instanceof BigInt64Array ? Float64Array.from(indptr, Number) : indptr,
    genes,
  };
}

function countPerGene({ indices, indptr, genes }: Rows) {
  const perGene = new Int32Array(genes);
  let isSorted = true;
  for (let row = 0, k = 0; row + 1 < indptr.length; row++) {
    for (let previous = -1, end = indptr[row + 1]; k < end; k++) {
      const gene = indices[k];
      perGene[gene]++;
      if (gene <= previous) isSorted = false;
      previous = gene;
    }
  }
  return { perGene, isSorted };
}

/** Each row goes on where the block before ended. */
function fillFromSorted(
  { firstGene, starts, ends, values, groups: places }: GeneBlock,
  { data, indices, indptr }: Rows,
  groups: Int32Array,
  cursors: Float64Array,
): void {
  const endGene = firstGene + starts.length;
  for (let row = 0; row < groups.length; row++) {
    const group = groups[row];
    if (group < 0) continue;
    const end = indptr[row + 1];
    let k = cursors[row];
    for (; k < end; k++) {
      const gene = indices[k];
      if (gene >= endGene) break;
      const value = data[k];
      if (value === 0) continue;
      if (!(value - value === 0)) throw notFinite(value, row, gene);
      const place = ends[gene - firstGene]++;
      values[place] = value;
      places[place] = group;
    }
    cursors[row] = k;
  }
}

/** Each row is looked through for every block. */
function fillFromAnyOrder(
  { firstGene, starts, ends, values, groups: places }: GeneBlock,
  { data, indices, indptr }: Rows,
  groups: Int32Array,
): void {
  const lastRow = new Int32Array(starts.length).fill(-1);
  for (let row = 0; row < groups.length; row++) {
    const group = groups[row];
    if (group < 0) continue;
    for (let k = indptr[row]; k < indptr[row + 1]; k++) {
      const i = indices[k] - firstGene;
      if (i < 0 || i >= starts.length) continue;
      if (lastRow[i] === row) throw twoValues(row, indices[k]);
      lastRow[i] = row;
      const value = data[k];
      if (value === 0) continue;
      if (!(value - value === 0)) throw notFinite(value, row, indices[k]);
      const place = ends[i]++;
      values[place] = value;
      places[place] = group;
    }
  }
}

function notFinite(value: number, row: number, gene: number): SthelarError {
  return new SthelarError("InvalidArgument", {
    action: ACTION,
    found: `${value} in row ${row}, column ${gene}`,
    expected: "finite values",
  });
}

function twoValues(row: number, gene: number): SthelarError {
  return new SthelarError("InvalidArgument", {
    action: ACTION,
    found: `two values in row ${row}, column ${gene}`,
    expected: "one value for each gene",
  });
}
