import { type Categorical, categoricalOfCodes, constantCategorical } from "@/core/categorical.ts";
import { allocate, dtypeOf } from "@/core/arrays.ts";
import {
  type AnnDataHandle,
  type Column,
  type Element,
  isCategorical,
  isNumericArray,
  isTexts,
} from "@/formats/anndata/mod.ts";
import { LESS10, NOT_CLUSTERED } from "@/labels/mod.ts";
import { rowTotals } from "@/numerics/normalise/mod.ts";
import type { CombinedChoice } from "./combined_choice.ts";
import type { CombinedRows } from "./combined_rows.ts";
import type { CombinedSpace } from "./combined_space.ts";

/** The shapes that the table's rows annotate. */
export const COMBINED_REGION = "cell_boundaries";
/** What `table_combined` is made of. */
export interface CombinedTableParts {
  readonly slide: string;
  /** The table of nuclei. */
  readonly nuclei: AnnDataHandle;
  readonly rows: CombinedRows;
  readonly space: CombinedSpace;
  readonly choice: CombinedChoice;
  /** Labels of the rows of both tables. */
  readonly finalLabels: { readonly nuclei: Categorical; readonly cells: Categorical };
  readonly label1: { readonly nuclei: Categorical; readonly cells: Categorical };
  /** Quantile of each nucleus's transcripts, as far as it is known. */
  readonly transcriptCat: Categorical | undefined;
  /** Type of each nucleus by Tangram, if there is a reference. */
  readonly tangramTypes: Categorical | undefined;
  /** Tangram's scores of the nuclei. */
  readonly tangramScores: Element | undefined;
  /** What UMAP was asked for. */
  readonly minDist: number;
}

/** The columns of `table_combined`, in the published order. */
export async function obsColumns(
  parts: CombinedTableParts,
  nucleusRows: Int32Array,
  ids: readonly string[],
): Promise<Map<string, Column>> {
  const { nuclei, rows, finalLabels, label1 } = parts;
  const total = ids.length;
  const columns = new Map<string, Column>([
    ["region", constantCategorical(COMBINED_REGION, total)],
    ["slide", constantCategorical(parts.slide, total)],
    ["cell_id", ids],
  ]);
  if (nuclei.columnNames("obs").includes("area")) {
    columns.set("area", takeColumn(await nuclei.column("obs", "area"), nucleusRows));
  }
  if (parts.tangramTypes !== undefined) {
    columns.set("ct_tangram", takeColumn(parts.tangramTypes, nucleusRows));
  }
  columns.set("transcript_counts", transcriptsOf(rows));
  if (parts.transcriptCat !== undefined) {
    columns.set("transcript_cat", takeColumn(parts.transcriptCat, nucleusRows));
  }
  const { nucleusRows: ofNuclei, cellRows: ofCells } = rows;
  columns
    .set("final_label_nuclei", withLeftOut(finalLabels.nuclei, ofNuclei, total, LESS10))
    .set("final_label_cells", withLeftOut(finalLabels.cells, ofCells, total, LESS10))
    .set("label1_nuclei", withLeftOut(label1.nuclei, ofNuclei, total, NOT_CLUSTERED))
    .set("label1_cells", withLeftOut(label1.cells, ofCells, total, NOT_CLUSTERED));
  for (const { name, clusters, count } of parts.space.clusterings) {
    const levels = Array.from({ length: count }, (_, cluster) => String(cluster));
    columns.set(name, { codes: padded(clusters, total), levels, ordered: false });
  }
  const all = Int32Array.from({ length: rows.ids.length }, (_, row) => row);
  return columns.set(
    "final_label_combined",
    withLeftOut(parts.choice.finalLabel, all, total, LESS10),
  );
}

/** Codes of the combined cells, the others missing. */
function padded(codes: Int32Array, total: number): Int32Array {
  const all = new Int32Array(total).fill(-1);
  all.set(codes);
  return all;
}

/** Labels of the combined cells; those without one, and the others, are called `leftOut`. */
function withLeftOut(
  { codes, levels }: Categorical,
  rows: Int32Array,
  total: number,
  leftOut: string,
): Categorical {
  const none = levels.length;
  const all = new Int32Array(total).fill(none);
  rows.forEach((row, i) => all[i] = codes[row] < 0 ? none : codes[row]);
  return categoricalOfCodes(all, [...levels, leftOut]);
}

/** Transcripts of the common genes in each nucleus. */
function transcriptsOf({ nuclei, leftOut: { counts }, commonColumns }: CombinedRows): Float64Array {
  const isCommon = new Uint8Array(counts.shape[1]);
  for (const column of commonColumns) isCommon[column] = 1;
  const totals = new Float64Array(nuclei.shape[0] + counts.shape[0]);
  totals.set(rowTotals(nuclei));
  for (let row = 0; row < counts.shape[0]; row++) {
    let total = 0;
    for (let k = Number(counts.indptr[row]); k < Number(counts.indptr[row + 1]); k++) {
      if (isCommon[Number(counts.indices[k])] === 1) total += Number(counts.data[k]);
    }
    totals[nuclei.shape[0] + row] = total;
  }
  return totals;
}

/** Values of some rows. */
export function takeColumn(column: Column, rows: Int32Array): Column {
  if (isTexts(column)) return Array.from(rows, (row) => column[row]);
  if (isNumericArray(column)) {
    const taken = allocate(dtypeOf(column), rows.length);
    rows.forEach((row, i) => taken[i] = column[row]);
    return taken;
  }
  if (isCategorical(column)) {
    return { ...column, codes: Int32Array.from(rows, (row) => column.codes[row]) };
  }
  const values = takeColumn(column.values, rows);
  if (column.kind === "boolean") return { ...column, values: values as Uint8Array };
  return { ...column, values, mask: takeColumn(column.mask, rows) } as Column;
}
