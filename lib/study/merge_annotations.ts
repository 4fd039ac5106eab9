import { type Categorical, categorical, categoricalOfCodes } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import { type AnnDataHandle, isNumericArray } from "@/formats/anndata/mod.ts";
import { tableInput } from "@/formats/spatialdata/stage_elements.ts";
import { categoryInput, optional } from "@/formats/spatialdata/table_part_input.ts";
import { bundleIdsOf } from "@/stages/label_inputs.ts";
import { truthInput } from "@/stages/simulated_truth.ts";
import { asLabels, NO_LABEL } from "./annotation_inputs.ts";
import type { StudySlide } from "./study_step.ts";

/** What a comparison of annotations reads of each slide. */
export const COMPARED_INPUTS = {
  nuclei: tableInput("table_nuclei"),
  cells: tableInput("table_cells"),
  combined: optional(tableInput("table_combined")),
  nuclei1: categoryInput("table_nuclei", "label1"),
  nucleiFinal: categoryInput("table_nuclei", "final_label"),
  cells1: categoryInput("table_cells", "label1"),
  cellsFinal: categoryInput("table_cells", "final_label"),
  nucleiPanNuke: optional(categoryInput("table_nuclei", "PanNuke_label")),
  cellsPanNuke: optional(categoryInput("table_cells", "PanNuke_label")),
  truth: truthInput,
} as const;

/** A column of the merged rows; `undefined` where the slide lacks the annotation. */
export interface MergedColumns {
  /** Broad name of the nucleus. */
  readonly label1Nuclei: Categorical;
  /** Category of the nucleus. */
  readonly finalNuclei: Categorical;
  /** Broad name of the cell. */
  readonly label1Cells: Categorical;
  /** Category of the cell. */
  readonly finalCells: Categorical;
  /** Class that a model trained on PanNuke gives. */
  readonly panNuke: Categorical | undefined;
  /** Its probability, NaN where there is none. */
  readonly panNukeProbability: Float64Array | undefined;
  /** Category by nucleus and cytoplasm together. */
  readonly finalCombined: Categorical | undefined;
  /** Category that a simulated cell is of. */
  readonly truth: Categorical | undefined;
}

/** The annotations of a slide, a row for each id that any table has. */
export interface MergedSlide extends MergedColumns {
  /** `heart_s0` */
  readonly slide: string;
  /** Ids: nuclei in the order of their table, then cells without a nucleus. */
  readonly cellIds: readonly string[];
}

/**
 * Puts the annotations of a slide side by side: an outer merge of nuclei, cells and combined labels by
 * `cell_id`.
 *
 * @throws {SthelarError} `IdMismatch` for an id that a table has twice.
 */
export async function mergeAnnotations(
  slide: StudySlide<typeof COMPARED_INPUTS>,
): Promise<MergedSlide> {
  const [nuclei, cells] = [await slide.open("nuclei"), await slide.open("cells")];
  const [nucleusIds, cellIds] = [await idsOf(nuclei), await idsOf(cells)];
  const rowOf = new Map<string, number>();
  const nucleusRows = addIds(rowOf, nucleusIds, slide.name, "table_nuclei");
  const cellRows = addIds(rowOf, cellIds, slide.name, "table_cells");
  const combined = await slide.open("combined");
  const combinedRows = combined &&
    addIds(rowOf, await idsOf(combined), slide.name, "table_combined");
  const rows = rowOf.size;
  const ofNuclei = (column: Categorical) => spread(withNames(column), nucleusRows, rows);
  const ofCells = (column: Categorical) => spread(withNames(column), cellRows, rows);
  return {
    slide: slide.name,
    cellIds: [...rowOf.keys()],
    label1Nuclei: ofNuclei(await slide.open("nuclei1")),
    finalNuclei: ofNuclei(await slide.open("nucleiFinal")),
    label1Cells: ofCells(await slide.open("cells1")),
    finalCells: ofCells(await slide.open("cellsFinal")),
    ...await panNukeOf(slide, { nuclei, cells, nucleusRows, cellRows, rows }),
    finalCombined: combined && spread(
      withNames(asLabels(await combined.column("obs", "final_label_combined"), combined.path)),
      combinedRows!,
      rows,
    ),
    truth: await truthOf(slide, [[nuclei, nucleusRows], [cells, cellRows]], rows),
  };
}

async function idsOf(table: AnnDataHandle): Promise<readonly (string | undefined)[]> {
  const { codes, levels } = asLabels(await table.column("obs", "cell_id"), table.path);
  return Array.from(codes, (code) => levels[code]);
}

/** Row of each id among the merged rows; new ids are added at the end. */
function addIds(
  rowOf: Map<string, number>,
  ids: readonly (string | undefined)[],
  slide: string,
  table: string,
): Int32Array {
  const rows = Int32Array.from(ids, (id) => {
    if (id === undefined) return -1;
    const row = rowOf.get(id) ?? rowOf.size;
    rowOf.set(id, row);
    return row;
  });
  const taken = new Uint8Array(rowOf.size);
  for (const [i, row] of rows.entries()) {
    if (row < 0 || taken[row] === 1) throw doubled(slide, table, ids[i]);
    taken[row] = 1;
  }
  return rows;
}

/** A column of a table as a column of the merged rows. */
function spread(column: Categorical, rowOfRow: Int32Array, rows: number): Categorical {
  const codes = new Int32Array(rows).fill(-1);
  rowOfRow.forEach((row, i) => codes[row] = column.codes[i]);
  return { ...column, codes };
}

/** Rows of a table without a label are `Unknown`, rows that it lacks stay without one. */
function withNames({ codes, levels }: Categorical): Categorical {
  const other = levels.length;
  return categoricalOfCodes(codes.map((code) => code < 0 ? other : code), [...levels, NO_LABEL]);
}

async function panNukeOf(
  slide: StudySlide<typeof COMPARED_INPUTS>,
  place: {
    nuclei: AnnDataHandle;
    cells: AnnDataHandle;
    nucleusRows: Int32Array;
    cellRows: Int32Array;
    rows: number;
  },
): Promise<Pick<MergedColumns, "panNuke" | "panNukeProbability">> {
  const ofNuclei = await slide.open("nucleiPanNuke");
  const column = ofNuclei ?? await slide.open("cellsPanNuke");
  if (column === undefined) return { panNuke: undefined, panNukeProbability: undefined };
  const [table, rowOfRow] = ofNuclei === undefined
    ? [place.cells, place.cellRows]
    : [place.nuclei, place.nucleusRows];
  let probability: Float64Array | undefined;
  if (table.columnNames("obs").includes("PanNuke_proba")) {
    const values = await table.column("obs", "PanNuke_proba");
    if (isNumericArray(values)) {
      probability = new Float64Array(place.rows).fill(NaN);
      for (const [i, row] of rowOfRow.entries()) probability[row] = Number(values[i]);
    }
  }
  return { panNuke: spread(column, rowOfRow, place.rows), panNukeProbability: probability };
}

async function truthOf(
  slide: StudySlide<typeof COMPARED_INPUTS>,
  tables: readonly (readonly [AnnDataHandle, Int32Array])[],
  rows: number,
): Promise<Categorical | undefined> {
  const truth = slide.simulated ? await slide.open("truth") : undefined;
  if (truth === undefined) return undefined;
  const labels = new Array<string | undefined>(rows).fill(undefined);
  for (const [table, rowOfRow] of tables) {
    const ids = await bundleIdsOf(table);
    rowOfRow.forEach((row, i) => labels[row] ??= truth.finalLabel[truth.rowOf.get(ids[i]) ?? -1]);
  }
  return categorical(labels);
}

function doubled(slide: string, table: string, id: string | undefined): SthelarError {
  return new SthelarError("IdMismatch", {
    action: `Cannot compare annotations of slide "${slide}"`,
    found: id === undefined ? `a row of "${table}" without an id` : `"${id}" twice in "${table}"`,
    expected: "each cell_id once",
  });
}
