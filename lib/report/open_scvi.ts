import { type Categorical, categorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import { type AnnDataHandle, isCategorical } from "@/formats/anndata/mod.ts";
import { reportInput, tableInput } from "@/formats/spatialdata/stage_elements.ts";
import { numbersInput } from "@/formats/spatialdata/table_part_input.ts";
import type { Slide } from "@/pipeline/slide.ts";
import { colourOf, freeColours, type LevelColours } from "@/plots/colours.ts";
import type { FigureNote } from "@/plots/mod.ts";
import { bundleIdsOf } from "@/stages/label_inputs.ts";
import type { ScviReport } from "@/stages/scvi_report.ts";
import { truthInput } from "@/stages/simulated_truth.ts";
import { placedRows, type Places, placesInput, placesOf } from "./places.ts";

const TABLE = "table_scvi";

/** Cells in the latent space, with what is known of each. */
export interface ScviData {
  /** What stage 2-06 found; not known of a store that others made. */
  readonly report: ScviReport | undefined;
  /** UMAP of the latent space. */
  readonly umap: Places;
  /** Broad label of each cell, by RNA; `undefined` where there are none. */
  readonly label1: Categorical | undefined;
  /** Their colours. */
  readonly colours: LevelColours;
  /** Cluster of each cell in the latent space; not in a store that others made. */
  readonly clusters: Categorical | undefined;
  /** Transcripts of each cell. */
  readonly transcripts: Float64Array;
  /** Category of each cell, if they are simulated. */
  readonly truth: Categorical | undefined;
  /** Marks that the figures carry. */
  readonly notes: readonly FigureNote[];
}

/** Whether a slide's cells are in a latent space. */
export function hasScvi(slide: Slide): boolean {
  return slide.has(`tables/${TABLE}`);
}

/**
 * Opens the cells of a slide in the latent space; those without a place in it are left out.
 *
 * @throws {SthelarError} `NotFound` if there is no latent space yet.
 */
export async function openScvi(slide: Slide): Promise<ScviData> {
  const table = await slide.open(tableInput(TABLE));
  const report = slide.has("reports/scvi")
    ? await slide.open(reportInput<ScviReport>("scvi"))
    : undefined;
  const layout = await slide.open(placesInput(TABLE, "X_umap"));
  const rows = placedRows(layout);
  const label1 = await columnOf(table, "label1", rows);
  const latentClusters = table.columnNames("obs").find((name) => /^scvi_leiden_res/.test(name));
  const clusters = latentClusters === undefined
    ? undefined
    : await columnOf(table, latentClusters, rows);
  const totals = await slide.open(numbersInput(TABLE, "transcript_counts"));
  return {
    ...{ report, label1, clusters },
    umap: placesOf(layout, rows),
    colours: await coloursOf(table),
    transcripts: Float64Array.from(rows, (row) => totals[row]),
    truth: await truthOf(slide, rows),
    notes: slide.manifest.simulated ? ["simulated"] : [],
  };
}

/** A column of categories; `undefined` if it is not there, or empty. */
async function columnOf(
  table: AnnDataHandle,
  name: string,
  rows: Int32Array,
): Promise<Categorical | undefined> {
  if (!table.columnNames("obs").includes(name)) return undefined;
  const column = await table.column("obs", name);
  if (!isCategorical(column)) throw unexpected(`obs/${name}`, "categories");
  if (column.levels.length === 0) return undefined;
  return { ...column, codes: Int32Array.from(rows, (row) => column.codes[row]) };
}

/** The colours that the table gives its labels, else scanpy's palette. */
async function coloursOf(table: AnnDataHandle): Promise<LevelColours> {
  if (!table.columnNames("obs").includes("label1")) return new Map();
  const column = await table.column("obs", "label1");
  const levels = isCategorical(column) ? column.levels : [];
  const uns = await table.element("uns");
  const given = uns instanceof Map ? uns.get("label1_colors") : undefined;
  const palette = freeColours(levels);
  return new Map(levels.map((level, i) => [
    level,
    Array.isArray(given) && given.length === levels.length ? given[i] : colourOf(palette, level),
  ]));
}

async function truthOf(slide: Slide, rows: Int32Array): Promise<Categorical | undefined> {
  const isKnown = slide.manifest.simulated && slide.has("tables/table_cells");
  const truth = isKnown ? await slide.open(truthInput) : undefined;
  if (truth === undefined) return undefined;
  const ids = await bundleIdsOf(await slide.open(tableInput("table_cells")));
  return categorical(
    Array.from(rows, (row) => truth.finalLabel[truth.rowOf.get(ids[row]) ?? -1]),
  );
}

function unexpected(part: string, expected: string): SthelarError {
  return new SthelarError("CorruptData", {
    action: `Cannot read "${part}" of "${TABLE}"`,
    found: "another kind of element",
    expected,
    path: `tables/${TABLE}/${part}`,
  });
}
