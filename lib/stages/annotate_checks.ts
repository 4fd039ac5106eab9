import type { Categorical } from "@/core/categorical.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import { NOT_CLUSTERED } from "@/labels/mod.ts";
import {
  type CheckedTable,
  corrupt,
  type IndexedTable,
  mismatch,
  requireSameIds,
} from "./annotate_ids.ts";
import { listed, rowsById } from "./row_ids.ts";

/** Labels of a table's rows, by which it can be told which rows were clustered. */
export interface CheckedLabels extends CheckedTable {
  /** The three labels. */
  readonly labels: Readonly<Record<"label1" | "label2" | "label3", Categorical>>;
  /** Transcripts of each row. */
  readonly totals: ArrayLike<number>;
  /** Rows with no more were left out of the clustering. */
  readonly minTranscripts: number;
}

/**
 * Refuses labels that call other rows `less10` than those that were left out of the clustering; a row
 * without label counts as one that is called so.
 *
 * @returns Which rows were clustered.
 * @throws {SthelarError} `CorruptData` with how many rows are at odds, and the first.
 */
export function requireLess10(table: CheckedLabels): Uint8Array {
  const { name, ids, labels, totals, minTranscripts } = table;
  for (const [label, { codes }] of Object.entries(labels)) {
    if (codes.length === ids.length) continue;
    throw mismatch(name, {
      found: `${codes.length} values of ${label}`,
      expected: `one for each of ${ids.length} rows`,
    });
  }
  const [is1, is2, is3] = [labels.label1, labels.label2, labels.label3].map(less10Test);
  const isClustered = Uint8Array.from(ids, (_, row) => is1(row) ? 0 : 1);
  const rows = [...ids.keys()];
  const apart = rows.filter((row) => is1(row) !== is2(row) || is1(row) !== is3(row));
  if (apart.length > 0) {
    throw corrupt(name, {
      found: `${listed("cell_id", apart.map((row) => ids[row]))} with some labels ` +
        `"${NOT_CLUSTERED}" and others not`,
      expected: `all three labels "${NOT_CLUSTERED}", or none`,
    });
  }
  const wrong = rows.filter((row) => is1(row) !== totals[row] <= minTranscripts);
  if (wrong.length === 0) return isClustered;
  const few = wrong.filter((row) => !is1(row));
  const [said, odd] = few.length > 0 ? ["a label", few] : [`label1 "${NOT_CLUSTERED}"`, wrong];
  throw corrupt(name, {
    found: `${listed("cell_id", odd.map((row) => ids[row]))} with ${said} and ` +
      `${totals[odd[0]]} transcripts`,
    expected: `"${NOT_CLUSTERED}" where there are no more than ${minTranscripts}, and only there`,
  });
}

/** Whether a row has no label, or says that it was not clustered. */
function less10Test({ codes, levels }: Categorical): (row: number) => boolean {
  const code = levels.indexOf(NOT_CLUSTERED);
  return (row) => codes[row] < 0 || codes[row] === code;
}

/**
 * Refuses a table whose rows have other sums in X and in the layer of counts. In published tables the
 * layer may be empty in rows that were not clustered.
 *
 * @param sums Sums of the rows of X.
 * @param layer The layer of counts.
 * @throws {SthelarError} `CorruptData` with how many rows are at odds, and the first.
 */
export function requireSameCounts(
  { name, ids }: CheckedTable,
  isClustered: Uint8Array,
  sums: Float64Array,
  layer: SparseMatrix,
): void {
  const counts = rowSums(layer);
  const wrong = [...ids.keys()].filter((row) =>
    sums[row] !== counts[row] && (isClustered[row] === 1 || counts[row] !== 0)
  );
  if (wrong.length === 0) return;
  throw corrupt(name, {
    found: `${
      listed(
        "cell_id",
        wrong.map((row) => ids[row]),
      )
    } with ${sums[wrong[0]]} counts in X ` +
      `and ${counts[wrong[0]]} in layers/count`,
    expected: "the same counts in both",
  });
}

/** Sums of the rows of a matrix of counts; `undefined` where it holds other values. */
export function countSums(matrix: SparseMatrix): Float64Array | undefined {
  const { data } = matrix;
  for (let i = 0; i < data.length; i++) {
    const value = Number(data[i]);
    if (!Number.isInteger(value) || value < 0) return undefined;
  }
  return rowSums(matrix);
}

function rowSums({ data, indptr, shape: [rows] }: SparseMatrix): Float64Array {
  const sums = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    for (let k = Number(indptr[row]), end = Number(indptr[row + 1]); k < end; k++) {
      sums[row] += Number(data[k]);
    }
  }
  return sums;
}

/**
 * Refuses a table of latent places whose labels are not those of the cells.
 *
 * @param cells The table of cells, with its label1.
 * @param scvi The table of latent places, with its label1 if there is one.
 * @throws {SthelarError} `IdMismatch` for other cells, `CorruptData` for other labels.
 */
export function requireSameLabels(
  cells: IndexedTable & { readonly label1: Categorical },
  scvi: CheckedTable & { readonly label1: Categorical | undefined },
): void {
  requireSameIds(cells, { ...scvi, rowOf: rowsById(scvi.name, scvi.ids) });
  const { label1 } = scvi;
  if (label1 === undefined || label1.levels.length === 0) return;
  const textOf = ({ codes, levels }: Categorical, row: number) =>
    levels[codes[row]] ?? NOT_CLUSTERED;
  const wrong = scvi.ids.filter((id, row) =>
    textOf(label1, row) !== textOf(cells.label1, cells.rowOf.get(id)!)
  );
  if (wrong.length === 0) return;
  const row = cells.rowOf.get(wrong[0])!;
  throw corrupt(scvi.name, {
    found: `${listed("cell_id", wrong)} with another label1 than in "${cells.name}", where it is ` +
      `"${textOf(cells.label1, row)}"`,
    expected: "the labels of the cells",
    remedy: "make the table again: deno task stage 2-06 <slide> --force",
  });
}
