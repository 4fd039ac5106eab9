import { type Categorical, categorical } from "@/core/categorical.ts";
import type { DenseArray } from "@/core/arrays.ts";
import type { AnnDataHandle } from "@/formats/anndata/mod.ts";
import { reportInput, tableInput } from "@/formats/spatialdata/stage_elements.ts";
import { categoryInput, numbersInput } from "@/formats/spatialdata/table_part_input.ts";
import { finalLabelOf, labelOfType, NOT_CLUSTERED, tissueOf } from "@/labels/mod.ts";
import type { Slide } from "@/pipeline/slide.ts";
import type { FigureNote } from "@/plots/mod.ts";
import type { ClusteringReport } from "@/stages/clustering_report.ts";
import { bundleIdsOf, typesByCellId } from "@/stages/label_inputs.ts";
import type { LabelReport } from "@/stages/label_report.ts";
import { truthInput } from "@/stages/simulated_truth.ts";
import { type Places, placesInput, placesOf } from "./places.ts";

/** Which of a slide's two clustered tables. */
export type ClusteredRows = "nuclei" | "cells";

/** Rows of a table that were clustered, with what is known of each. */
export interface ClusterData {
  /** What a row is. */
  readonly unit: ClusteredRows;
  /** How they were clustered; not known of a store that others made. */
  readonly clustering: ClusteringReport | undefined;
  /** How clusters were labelled; not known of a store that others made. */
  readonly labelling: LabelReport | undefined;
  /** Clusterings of the rows, by name, and `refine_res`. */
  readonly clusterings: ReadonlyMap<string, Categorical>;
  /** Labels of the rows: `label1`, `label2`, `label3` and the category. */
  readonly labels: Readonly<Record<"label1" | "label2" | "label3" | "finalLabel", Categorical>>;
  /** Label that Tangram gives each row, if there is a reference. */
  readonly tangram: Categorical | undefined;
  /** Category of each row, if they are simulated. */
  readonly truth: Categorical | undefined;
  /** Transcripts of each row. */
  readonly transcripts: Float64Array;
  /** Bin of transcripts of each row, once there are bins. */
  readonly transcriptCat: Categorical | undefined;
  /** UMAP. */
  readonly umap: Places;
  /** Places on the slide, µm. */
  readonly slide: Places;
  /** Marks that the figures carry. */
  readonly notes: readonly FigureNote[];
}

/** Names of the reports about nuclei and cells. */
export const REPORTS = {
  nuclei: { clustering: "cluster_nuclei", labelling: "refine_tangram" },
  cells: { clustering: "cluster_cells", labelling: "annotate_cells" },
} as const;

/** Whether a slide's nuclei or cells have labels. */
export function hasLabels(slide: Slide, unit: ClusteredRows): boolean {
  const parts = ["obs/label1", "obs/refine_res", "obsm/X_umap"];
  return parts.every((part) => slide.has(`tables/table_${unit}/${part}`));
}

/**
 * Opens the clustered nuclei or cells of a slide.
 *
 * @throws {SthelarError} `NotFound` if they were not labelled yet.
 */
export async function openClusters(slide: Slide, unit: ClusteredRows): Promise<ClusterData> {
  const name = `table_${unit}`;
  const table = await slide.open(tableInput(name));
  const column = (column: string) => slide.open(categoryInput(name, column));
  const refined = await column("refine_res");
  const rows = Int32Array.from(refined.codes.keys()).filter((row) => refined.codes[row] >= 0);
  const taken = async (name: string) => takeCodes(await column(name), rows);
  const reportOf = async <T>(report: string) =>
    slide.has(`reports/${report}`) ? await slide.open(reportInput<T>(report)) : undefined;
  const clustering = await reportOf<ClusteringReport>(REPORTS[unit].clustering);
  const labelling = await reportOf<LabelReport>(REPORTS[unit].labelling);
  const names = clustering?.clusterings.map(({ name }) => name) ??
    table.columnNames("obs").filter((name) => /_leiden_res/.test(name));
  const label1 = await taken("label1");
  const clusterings = new Map<string, Categorical>();
  for (const name of [...names, "refine_res"]) clusterings.set(name, await taken(name));
  return {
    ...{ unit, clustering, labelling, clusterings },
    labels: {
      label1,
      label2: await taken("label2"),
      label3: await taken("label3"),
      finalLabel: mapLevels(label1, finalLabelOf),
    },
    tangram: await tangramOf(slide, table, rows),
    truth: await truthOf(slide, table, rows),
    transcripts: await transcriptsOf(slide, name, rows),
    transcriptCat: await isThere(slide, `tables/${name}/obs/transcript_cat`)
      ? await taken("transcript_cat")
      : undefined,
    umap: placesOf(await slide.open(placesInput(name, "X_umap")), rows),
    slide: placesOf(await table.element("obsm/spatial") as DenseArray, rows),
    notes: [
      ...slide.manifest.simulated ? ["simulated" as const] : [],
      ...labelling?.by === "rule" ? ["automatic" as const] : [],
    ],
  };
}

/** Whether a part of a table is on disk, whichever stage it would be of. */
async function isThere(slide: Slide, node: string): Promise<boolean> {
  return slide.has(node) && await slide.disk.stat(slide.resolve(node)) !== undefined;
}

async function tangramOf(
  slide: Slide,
  table: AnnDataHandle,
  rows: Int32Array,
): Promise<Categorical | undefined> {
  if (!slide.has("tables/table_nuclei/obs/ct_tangram")) return undefined;
  const types = await slide.open(categoryInput("table_nuclei", "ct_tangram"));
  const nuclei = await slide.open(tableInput("table_nuclei"));
  const byRow = await typesByCellId(table, nuclei, types);
  if (byRow === undefined) return undefined;
  const tissue = tissueOf(slide.folder.slide);
  const labelOf = new Map(types.levels.map((type) => [type, labelOfType(type, tissue).label1]));
  return categorical(Array.from(rows, (row) => labelOf.get(byRow[row] ?? "")));
}

/** What rows of a simulated table are. */
export async function truthOf(
  slide: Slide,
  table: AnnDataHandle,
  rows: Int32Array,
): Promise<Categorical | undefined> {
  const truth = slide.manifest.simulated ? await slide.open(truthInput) : undefined;
  if (truth === undefined) return undefined;
  const ids = await bundleIdsOf(table);
  return categorical(
    Array.from(rows, (row) => truth.finalLabel[truth.rowOf.get(ids[row]) ?? -1]),
  );
}

async function transcriptsOf(slide: Slide, table: string, rows: Int32Array) {
  const totals = await slide.open(numbersInput(table, "transcript_counts"));
  return Float64Array.from(rows, (row) => Number(totals[row]));
}

/** Values of rows that were clustered: what the others are called is no level of theirs. */
function takeCodes({ codes, levels, ordered }: Categorical, rows: Int32Array): Categorical {
  const other = levels.indexOf(NOT_CLUSTERED);
  const codeOf = levels.map((_, code) =>
    code === other ? -1 : code - Number(0 <= other && other < code)
  );
  return {
    codes: Int32Array.from(rows, (row) => codeOf[codes[row]] ?? -1),
    levels: levels.filter((_, code) => code !== other),
    ordered,
  };
}

/** A column with other names of its categories; those of one name become one. */
function mapLevels(column: Categorical, nameOf: (level: string) => string): Categorical {
  const names = column.levels.map(nameOf);
  const levels = [...new Set(names)].sort();
  const codeOf = names.map((name) => levels.indexOf(name));
  return { ...column, levels, codes: column.codes.map((code) => code < 0 ? -1 : codeOf[code]) };
}
