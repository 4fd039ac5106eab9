import type { Categorical } from "@/core/categorical.ts";
import type { DenseArray } from "@/core/arrays.ts";
import { reportInput, tableInput } from "@/formats/spatialdata/stage_elements.ts";
import {
  combinationsOf,
  type CountedCombination,
  type LabelColumns,
  LESS10,
} from "@/labels/mod.ts";
import type { Slide } from "@/pipeline/slide.ts";
import type { FigureNote } from "@/plots/mod.ts";
import { categoryInput } from "@/formats/spatialdata/table_part_input.ts";
import type { LabelReport } from "@/stages/label_report.ts";
import type { StandardizeReport } from "@/stages/standardize_table.ts";
import { type ClusteredRows, REPORTS, truthOf } from "./open_clusters.ts";
import { type Places, placesInput, placesOf } from "./places.ts";

/** Rows with one combination of labels. */
export interface ListedCombination extends Omit<CountedCombination, "how"> {
  /** How it got its category; not known of a store that others made. */
  readonly how?: CountedCombination["how"];
}

/** Rows of a table with their categories. */
export interface FinalLabelData {
  /** What a row is. */
  readonly unit: ClusteredRows;
  /** Category of every row. */
  readonly column: Categorical;
  /** Combinations of labels, with the rows of each. */
  readonly combinations: readonly ListedCombination[];
  /** UMAP of the rows that were clustered, with their categories. */
  readonly umap: Places & { readonly column: Categorical } | undefined;
  /** Places on the slide, µm. */
  readonly slide: Places;
  /** Share of each category among the same rows in truth, if they are simulated. */
  readonly truth: ReadonlyMap<string, number> | undefined;
  /** Marks that the figures carry. */
  readonly notes: readonly FigureNote[];
}

const PARTS = ["label1", "label2", "label3", "final_label"] as const;

/** Whether a slide's nuclei or cells have categories. */
export function hasFinalLabels(slide: Slide, unit: ClusteredRows): boolean {
  return PARTS.every((part) => slide.has(`tables/table_${unit}/obs/${part}`));
}

/**
 * Opens the categories of a slide's nuclei or cells.
 *
 * @throws {SthelarError} `NotFound` if they have none yet.
 */
export async function openFinalLabels(slide: Slide, unit: ClusteredRows): Promise<FinalLabelData> {
  const name = `table_${unit}`;
  const table = await slide.open(tableInput(name));
  const [label1, label2, label3, column] = await Promise.all(
    PARTS.map((part) => slide.open(categoryInput(name, part))),
  );
  const rows = Int32Array.from(column.codes.keys());
  const clustered = rows.filter((row) =>
    column.codes[row] >= 0 && column.levels[column.codes[row]] !== LESS10
  );
  const reportOf = async <T>(report: string) =>
    slide.has(`reports/${report}`) ? await slide.open(reportInput<T>(report)) : undefined;
  const labelling = await reportOf<LabelReport>(REPORTS[unit].labelling);
  const report = await reportOf<StandardizeReport>(`standardize_${unit}`);
  const truth = await truthOf(slide, table, clustered);
  return {
    ...{ unit, column },
    combinations: report?.combinations ?? listed({ label1, label2, label3 }, column),
    umap: await umapOf(slide, name, column, clustered),
    slide: placesOf(await table.element("obsm/spatial") as DenseArray, rows),
    truth: truth && sharesOf(truth),
    notes: [
      ...slide.manifest.simulated ? ["simulated" as const] : [],
      ...labelling?.by === "rule" ? ["automatic" as const] : [],
    ],
  };
}

async function umapOf(
  slide: Slide,
  table: string,
  { codes, levels, ordered }: Categorical,
  rows: Int32Array,
): Promise<FinalLabelData["umap"]> {
  if (!slide.has(`tables/${table}/obsm/X_umap`) || rows.length === 0) return undefined;
  return {
    ...placesOf(await slide.open(placesInput(table, "X_umap")), rows),
    column: { codes: Int32Array.from(rows, (row) => codes[row]), levels, ordered },
  };
}

/** Combinations with the category that others gave them. */
function listed(columns: LabelColumns, { codes, levels }: Categorical): ListedCombination[] {
  const { codes: numbers, combinations, counts } = combinationsOf(columns);
  const found = new Map<number, string | undefined>();
  numbers.forEach((number, row) => found.has(number) || found.set(number, levels[codes[row]]));
  return combinations.map((combination, number) => ({
    ...{ ...combination, finalLabel: found.get(number) ?? "", count: counts[number] },
  }));
}

function sharesOf({ codes, levels }: Categorical): Map<string, number> {
  const counts = levels.map(() => 0);
  for (const code of codes) if (code >= 0) counts[code]++;
  const total = Math.max(1, counts.reduce((sum, count) => sum + count, 0));
  return new Map(levels.map((level, code) => [level, counts[code] / total]));
}
