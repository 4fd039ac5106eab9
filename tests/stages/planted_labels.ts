import { categorical, constantCategorical } from "@/core/categorical.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import { defineStage } from "@/core/stage.ts";
import type { AnnData, Column } from "@/formats/anndata/mod.ts";
import { reportOutput, tableOutput } from "@/formats/spatialdata/stage_elements.ts";
import { definePipeline, type Pipeline } from "@/pipeline/pipeline.ts";
import { Slide } from "@/pipeline/slide.ts";
import type { AddCellsReport } from "@/stages/add_cells_report.ts";
import { addAnnotations } from "@/stages/2_07_add_annotations.ts";
import { standardizeNuclei } from "@/stages/2_08_standardize_nuclei.ts";
import { standardizeCells } from "@/stages/2_09_standardize_cells.ts";
import { budget, linkTo, sourceInput, writeTruth } from "./planting.ts";

/** Three labels of a row; one text stands for a normal cell of that type, `less10` for all three. */
export type RowLabels = string | undefined | readonly (string | undefined)[];

/** A labelled table. */
export interface LabelledRows {
  /** Ids of the rows. */
  readonly ids: readonly string[];
  /** Transcripts of each row. */
  readonly totals: readonly number[];
  /** Labels of each row. */
  readonly labels: readonly RowLabels[];
  /** Sums of the layer of counts, where they are others. */
  readonly layer?: readonly number[];
  /** What each value of X is divided by. */
  readonly divisor?: number;
}

/** What is planted. */
export interface PlantedLabels {
  readonly nuclei?: Partial<LabelledRows>;
  readonly cells?: Partial<LabelledRows>;
  /** Ids and label1 of the table of latent places. */
  readonly scvi?: { readonly ids: readonly string[]; readonly label1: readonly string[] };
  /** What the reports say that clustering left out. */
  readonly minTranscripts?: number;
  /** Nuclei that 2-04 says are no cell. */
  readonly withoutCell?: { readonly count: number; readonly ids: readonly string[] };
  /** Category of each cell `a`, `b`, … in truth. */
  readonly truth?: readonly string[];
}

/** Nuclei: two T cells, a B cell, a mast cell, and two of few transcripts. */
export const NUCLEI: LabelledRows = {
  ids: ["a", "b", "c", "d", "e", "f"],
  totals: [40, 25, 31, 12, 10, 3],
  labels: ["T", ["T", "Treg", "normal_cell"], "B", "Mast", "less10", "less10"],
};
/** Cells: the same in another order. */
export const CELLS: LabelledRows = {
  ids: ["f", "e", "d", "c", "b", "a"],
  totals: [8, 30, 45, 60, 77, 90],
  labels: ["less10", "T", "Mast", "B", "T", ["T", "T_new", "normal_cell"]],
};

function labelOf(labels: RowLabels, place: number): string | undefined {
  if (typeof labels !== "string") return labels?.[place];
  return labels === "less10" || place < 2 ? labels : "normal_cell";
}

function countsOf(totals: readonly number[], divisor = 1): SparseMatrix {
  const halves = totals.flatMap((total) => [Math.ceil(total / 2), Math.floor(total / 2)]);
  const data = Float64Array.from(halves, (count) => count / divisor);
  return {
    format: "csr",
    shape: [totals.length, 2],
    data,
    indices: Int32Array.from(data, (_, i) => i % 2),
    indptr: Int32Array.from({ length: totals.length + 1 }, (_, row) => 2 * row),
  };
}

function tableOf(
  { ids, totals, labels, layer = totals, divisor }: LabelledRows,
  region: string,
): AnnData {
  const texts = (place: number) => categorical(labels.map((row) => labelOf(row, place)));
  return {
    X: countsOf(totals, divisor),
    obs: {
      index: ids.map((_, row) => `${region}${row}`),
      columns: new Map<string, Column>([
        ["region", constantCategorical(region, ids.length)],
        ["cell_id", ids],
        ["xenium_cell_id", ids.map((id) => `x-${id}`)],
        ["transcript_counts", Float64Array.from(totals)],
        ["refine_res", categorical(labels.map((row) => labelOf(row, 0)))],
        ["label1", texts(0)],
        ["label2", texts(1)],
        ["label3", texts(2)],
      ]),
    },
    var: { index: ["G0", "G1"], columns: new Map() },
    layers: { count: countsOf(layer) },
    obsm: {
      spatial: {
        data: Float64Array.from(ids.flatMap((_, i) => [i, i * i])),
        shape: [ids.length, 2],
      },
      X_umap: { data: Float64Array.from(ids.flatMap((_, i) => [i, -i])), shape: [ids.length, 2] },
    },
    ...{ varm: {}, obsp: {}, varp: {}, uns: new Map() },
  };
}

const NONE = { count: 0, ids: [] };

/** The stages 2-07 to 2-09 on planted tables. */
export function labelPipeline(planted: PlantedLabels): Pipeline {
  const { minTranscripts = 10 } = planted;
  const plant = defineStage({
    ...{ id: "1-02", name: "plant", version: 1, doc: "Plants labels.", params: {}, budget },
    inputs: { bundle: sourceInput("bundle") },
    outputs: {
      nuclei: tableOutput("table_nuclei", linkTo("nucleus_boundaries")),
      cells: tableOutput("table_cells", linkTo("cell_boundaries")),
      ofNuclei: reportOutput<{ minTranscripts: number }>("cluster_nuclei"),
      ofCells: reportOutput<{ minTranscripts: number }>("cluster_cells"),
      adding: reportOutput<Pick<AddCellsReport, "nucleiWithoutCell" | "nucleiWithoutPolygon">>(
        "add_cells",
      ),
    },
    run: () =>
      Promise.resolve({
        nuclei: tableOf({ ...NUCLEI, ...planted.nuclei }, "nucleus_boundaries"),
        cells: tableOf({ ...CELLS, ...planted.cells }, "cell_boundaries"),
        ...{ ofNuclei: { minTranscripts }, ofCells: { minTranscripts } },
        adding: {
          nucleiWithoutCell: planted.withoutCell ?? NONE,
          nucleiWithoutPolygon: NONE,
        },
      }),
  });
  const plantScvi = defineStage({
    ...{ id: "2-06", name: "plant_scvi", version: 1, doc: "Plants places.", params: {}, budget },
    inputs: { reference: sourceInput("reference") },
    outputs: { table: tableOutput("table_scvi", linkTo("cell_boundaries")) },
    run: () => {
      const { ids, label1 } = planted.scvi!;
      const totals = ids.map(() => 0);
      const table = tableOf({ ids, totals, labels: label1 }, "cell_boundaries");
      return Promise.resolve({ table });
    },
  });
  return definePipeline([plant, plantScvi, addAnnotations, standardizeNuclei, standardizeCells]);
}

/** Opens a slide of planted labels. */
export async function openLabels(
  folder: string,
  planted: PlantedLabels = {},
  params: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {},
): Promise<Slide> {
  const { truth } = planted;
  if (truth !== undefined) {
    await writeTruth(folder, truth.map((_, i) => `x-${"abcdefgh"[i]}`), truth);
  }
  return await Slide.open("planted", {
    pipeline: labelPipeline(planted),
    out: `${folder}/out`,
    data: folder,
    sources: { bundle: folder, ...(planted.scvi === undefined ? {} : { reference: folder }) },
    params,
    limits: { memoryBytes: 2e9, threads: 2 },
  });
}
