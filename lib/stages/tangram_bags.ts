import type { NumericArray } from "@/core/arrays.ts";
import { SthelarError } from "@/core/errors.ts";
import type { Random } from "@/core/random.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import type { Matrix } from "@/formats/anndata/mod.ts";

/** Counts of nuclei, narrowed to the genes of a reference. */
export interface NucleusCounts {
  /** `(n_nuclei, n_shared_genes)`, CSR. */
  readonly counts: SparseMatrix;
  /** Counts of each nucleus over all columns of its table, controls too. */
  readonly totals: Float64Array;
}

/**
 * Takes columns of a table of counts, and sums all of them.
 *
 * @param X `(n_nuclei, n_columns)`, CSR.
 * @param columns Distinct columns that are kept, in this order.
 * @param names Of nuclei and columns, for messages.
 * @throws {SthelarError} `CorruptData` naming the first value that is negative or no number.
 */
export function takeGenes(
  X: Matrix,
  columns: Int32Array,
  names: { readonly nuclei: readonly string[]; readonly features: readonly string[] },
): NucleusCounts {
  if (!("indptr" in X) || X.format !== "csr") throw badTable("a matrix that is not csr", "csr");
  const [rows, width] = X.shape;
  const placeOf = new Int32Array(width).fill(-1);
  columns.forEach((column, place) => placeOf[column] = place);
  const totals = new Float64Array(rows);
  const indptr = new Int32Array(rows + 1);
  const data = new Float32Array(X.data.length), indices = new Int32Array(X.data.length);
  let kept = 0;
  for (let row = 0; row < rows; row++) {
    for (let k = Number(X.indptr[row]), end = Number(X.indptr[row + 1]); k < end; k++) {
      const value = Number(X.data[k]), column = Number(X.indices[k]);
      if (!(value >= 0 && value < Infinity)) {
        const place = `nucleus "${names.nuclei[row]}", "${names.features[column]}"`;
        throw badTable(`${value} in ${place}`, "0 or more");
      }
      totals[row] += value;
      if (placeOf[column] < 0 || value === 0) continue;
      data[kept] = value;
      indices[kept++] = placeOf[column];
    }
    indptr[row + 1] = kept;
  }
  const shape = [rows, columns.length] as const;
  const parts = { data: data.subarray(0, kept), indices: indices.subarray(0, kept), indptr };
  return { counts: { format: "csr", shape, ...parts }, totals };
}

function badTable(found: string, expected: string): SthelarError {
  return new SthelarError("CorruptData", {
    action: 'Cannot map the nuclei of "table_nuclei"',
    found,
    expected,
    path: "tables/table_nuclei",
  });
}

/**
 * Shuffles nuclei into as few bags of at most `bagSize` as there can be, of nearly equal sizes.
 *
 * @returns Rows of each bag.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Random } from "@/core/random.ts";
 * import { splitIntoBags } from "@/stages/tangram_bags.ts";
 *
 * assertEquals(splitIntoBags(10, 4, new Random(1)).map((bag) => bag.length), [4, 3, 3]);
 * ```
 */
export function splitIntoBags(nuclei: number, bagSize: number, random: Random): Int32Array[] {
  const rows = random.shuffle(Int32Array.from({ length: nuclei }, (_, row) => row));
  const bags = Math.ceil(nuclei / bagSize);
  const size = Math.floor(nuclei / bags), larger = nuclei % bags;
  return Array.from({ length: bags }, (_, bag) => {
    const start = bag * size + Math.min(bag, larger);
    return rows.subarray(start, start + size + (bag < larger ? 1 : 0));
  });
}

/** Which columns have a count. */
export function columnsWithCounts({ shape, data, indices }: SparseMatrix): Uint8Array {
  const found = new Uint8Array(shape[1]);
  for (let k = 0; k < data.length; k++) if (Number(data[k]) > 0) found[Number(indices[k])] = 1;
  return found;
}

/**
 * Some rows and columns of a CSR matrix.
 *
 * @param rows In any order.
 * @param columns Ascending.
 */
export function subMatrix(
  matrix: SparseMatrix,
  rows: Int32Array,
  columns: Int32Array,
): SparseMatrix {
  const placeOf = new Int32Array(matrix.shape[1]).fill(-1);
  columns.forEach((column, place) => placeOf[column] = place);
  const indptr = new Int32Array(rows.length + 1);
  const data: number[] = [], indices: number[] = [];
  rows.forEach((row, i) => {
    for (let k = Number(matrix.indptr[row]), end = Number(matrix.indptr[row + 1]); k < end; k++) {
      const place = placeOf[Number(matrix.indices[k])];
      if (place < 0) continue;
      data.push(Number(matrix.data[k]));
      indices.push(place);
    }
    indptr[i + 1] = data.length;
  });
  return {
    format: "csr",
    shape: [rows.length, columns.length],
    data: Float32Array.from(data) as NumericArray,
    indices: Int32Array.from(indices),
    indptr,
  };
}
