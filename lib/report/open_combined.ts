import { type Categorical, categoricalOfCodes } from "@/core/categorical.ts";
import { reportInput, tableInput } from "@/formats/spatialdata/stage_elements.ts";
import { categoryInput } from "@/formats/spatialdata/table_part_input.ts";
import type { Slide } from "@/pipeline/slide.ts";
import type { FigureNote } from "@/plots/mod.ts";
import type { CombinedReport } from "@/stages/combined_report.ts";
import { placedRows, type Places, placesInput, placesOf } from "./places.ts";

const TABLE = "table_combined";

/** Combined cells, with what they are called. */
export interface CombinedData {
  /** What stage 2-10 found; not known of a store that others made. */
  readonly report: CombinedReport | undefined;
  /** UMAP of nuclei and cytoplasm. */
  readonly umap: Places;
  /** Combined clusterings, by name. */
  readonly clusterings: ReadonlyMap<string, Categorical>;
  /** The clustering that is labelled. */
  readonly chosen: string;
  /** Categories by both, by cells and by nuclei. */
  readonly finalLabels: Readonly<Record<"combined" | "cells" | "nuclei", Categorical>>;
  /** Broad labels. */
  readonly label1: Readonly<Record<"cells" | "nuclei", Categorical | undefined>>;
  /** Quantile of the nucleus's transcripts, if it is known. */
  readonly transcriptCat: Categorical | undefined;
  /** Marks that the figures carry. */
  readonly notes: readonly FigureNote[];
}

/** Whether a slide has combined labels. */
export function hasCombined(slide: Slide): boolean {
  return slide.has(`tables/${TABLE}`);
}

/**
 * Opens the combined cells of a slide; those of too few transcripts are left out.
 *
 * @throws {SthelarError} `NotFound` if they were not combined yet.
 */
export async function openCombined(slide: Slide): Promise<CombinedData> {
  const table = await slide.open(tableInput(TABLE));
  const report = slide.has("reports/combined_labels")
    ? await slide.open(reportInput<CombinedReport>("combined_labels"))
    : undefined;
  const layout = await slide.open(placesInput(TABLE, "X_umap"));
  const rows = placedRows(layout);
  const names = table.columnNames("obs").filter((name) => /_leiden_res/.test(name));
  const clusterings = new Map<string, Categorical>();
  for (const name of names) clusterings.set(name, await categoriesOf(slide, name, rows));
  const column = (name: string) => categoriesOf(slide, name, rows);
  const ifThere = async (name: string) =>
    table.columnNames("obs").includes(name) ? await column(name) : undefined;
  return {
    ...{ report, umap: placesOf(layout, rows), clusterings },
    chosen: report?.clustering ?? names.at(-1) ?? "",
    finalLabels: {
      combined: await column("final_label_combined"),
      cells: await column("final_label_cells"),
      nuclei: await column("final_label_nuclei"),
    },
    label1: { cells: await ifThere("label1_cells"), nuclei: await ifThere("label1_nuclei") },
    transcriptCat: await ifThere("transcript_cat"),
    notes: [
      ...slide.manifest.simulated ? ["simulated" as const] : [],
      ...report?.by === "rule" ? ["automatic" as const] : [],
    ],
  };
}

/** A column of some rows, with the categories that they have. */
async function categoriesOf(slide: Slide, name: string, rows: Int32Array): Promise<Categorical> {
  const { codes, levels } = await slide.open(categoryInput(TABLE, name));
  return categoricalOfCodes(Int32Array.from(rows, (row) => codes[row]), levels);
}
