import type { Categorical } from "@/core/categorical.ts";
import { defineStage } from "@/core/stage.ts";
import type { AnnDataHandle } from "@/formats/anndata/mod.ts";
import { modelOutput } from "@/formats/safetensors/mod.ts";
import {
  reportInput,
  reportOutput,
  tableInput,
  tableOutput,
} from "@/formats/spatialdata/stage_elements.ts";
import { NOT_CLUSTERED } from "@/labels/mod.ts";
import { categoryInput, optional } from "@/formats/spatialdata/table_part_input.ts";
import { takeRows } from "@/numerics/normalise/mod.ts";
import { scviLatent, sparseCounts } from "@/numerics/scvi/mod.ts";
import { readCellTable } from "./count_table.ts";
import { bundleIdsOf } from "./label_inputs.ts";
import type { LabelReport } from "./label_report.ts";
import { cellIdsOf, rowsById } from "./row_ids.ts";
import { latentComposition, scviAgreement, truthAgreement } from "./scvi_agreement.ts";
import { cellClusteringsInput } from "./scvi_inputs.ts";
import { type LatentSpace, scviLatentSpace } from "./scvi_latent_space.ts";
import { scviParams } from "./scvi_params.ts";
import type { ScviReport } from "./scvi_report.ts";
import { requireRowsOf, scviRows } from "./scvi_rows.ts";
import { SCVI_REGION, scviTable } from "./scvi_table.ts";
import { modelFile, trainedScvi } from "./scvi_training.ts";
import { type SimulatedTruth, truthInput } from "./simulated_truth.ts";

export type { ScviReport } from "./scvi_report.ts";

const CELLS = "table_cells";

/** Where labels do not tell which resolution they are of. */
const USUAL_RESOLUTION = 0.4;

const outputs = {
  table: tableOutput("table_scvi", {
    region: SCVI_REGION,
    regionKey: "region",
    instanceKey: "cell_id",
  }),
  report: reportOutput<ScviReport>("scvi"),
  model: modelOutput("scvi"),
};

/**
 * 2-6: a generative model of the cells' counts, their places in its latent space, and how these agree
 * with the clusters by RNA. Original: the notebooks and the script 2-6, which compare by eye.
 *
 * Beside the published keys the table has the latent clusters and `uns/label1_colors`. Ids of the model
 * follow from the counts and parameters, where scvi-tools draws them by chance.
 */
export const scvi = defineStage({
  id: "2-06",
  name: "scvi",
  version: 1,
  doc: "Cells in the latent space of scVI, compared with their RNA clusters.",
  inputs: {
    cells: tableInput(CELLS),
    clusterings: cellClusteringsInput,
    refined: optional(categoryInput(CELLS, "refine_res")),
    label1: optional(categoryInput(CELLS, "label1")),
    labelling: optional(reportInput<LabelReport>("annotate_cells")),
    truth: truthInput,
  },
  outputs,
  params: scviParams,
  budget: ({ cells, transcripts }) => ({
    memoryBytes: 600e6 + 1500 * cells + 25 * transcripts,
    seconds: 5 + cells * scviParams.epochs.default / 14e3 + cells / 1500,
  }),
  async run({ cells, clusterings, refined, label1, labelling, truth }, given, ctx) {
    const table = await readCellTable(cells);
    rowsById(CELLS, await cellIdsOf(cells, CELLS));
    const columns = comparedColumns(clusterings, refined, label1);
    const total = table.rowIds.length;
    for (const [name, column] of columns) requireRowsOf(name, column, total);
    if (label1 === undefined) ctx.warn("there are no labels of cells: nothing to compare with");
    const resolution = given.resolution ?? resolutionOf(labelling);
    const params = { ...given, resolution };
    const { rows, withoutCounts } = scviRows(table, params.minTranscripts);
    tellLeftOut(total, rows.length, withoutCounts, params.minTranscripts, ctx);
    const { features } = table;
    const kept = rows.length === total ? table.counts : takeRows(table.counts, rows);
    const counts = sparseCounts(kept);
    const { model, training } = await trainedScvi(counts, features, params, ctx);
    const { threads } = ctx.limits;
    const latent = await scviLatent(model, counts, features, { threads, signal: ctx.signal });
    const space = await scviLatentSpace(latent, params, ctx);
    const taken = new Map([...columns].map(([name, column]) => [name, takeLabels(column, rows)]));
    const clusterColumn = `scvi_leiden_res${resolution}`;
    const sizes = new Array<number>(space.count).fill(0);
    for (const cluster of space.clusters) sizes[cluster]++;
    const labels = taken.get("label1");
    const made = { cells, table, rows, kept, label1, latent, space, clusterColumn };
    return {
      table: await scviTable({
        ...{ ...made, minDist: params.minDist },
        identity: JSON.stringify([ctx.slide.id, given]),
      }),
      model: modelFile(model),
      report: {
        ...{ rows: total, cells: rows.length, minTranscripts: params.minTranscripts },
        ...{ withoutCounts, genes: features.length, latent: model.latent, training },
        clusters: {
          name: clusterColumn,
          neighbours: space.nearest.neighbours,
          ...{ resolution, sizes },
        },
        agreement: [...taken].map(([name, { codes }]) => scviAgreement(name, space, codes)),
        composition: labels === undefined ? null : latentComposition(space, labels),
        truth: truth === undefined
          ? null
          : await againstTruth(cells, rows, { truth, space, clusterColumn, taken }),
      },
    };
  },
});

type Context = Parameters<typeof scvi.run>[2];

/** The columns that the latent space is compared with, by name. */
function comparedColumns(
  clusterings: ReadonlyMap<string, Categorical> | undefined,
  refined: Categorical | undefined,
  label1: Categorical | undefined,
): Map<string, Categorical> {
  const columns = new Map(clusterings ?? []);
  if (refined !== undefined) columns.set("refine_res", refined);
  if (label1 !== undefined) columns.set("label1", label1);
  return columns;
}

/** The resolution of the clusters that the labels are of: `pca_n10_pcs16_leiden_res0.4` -> 0.4. */
function resolutionOf(labelling: LabelReport | undefined): number {
  const resolution = Number(labelling?.clustering.replace(/^.*_res/, ""));
  return resolution > 0 ? resolution : USUAL_RESOLUTION;
}

function tellLeftOut(
  total: number,
  kept: number,
  withoutCounts: number,
  minTranscripts: number,
  ctx: Context,
): void {
  const few = total - kept - withoutCounts;
  if (few > 0) ctx.inform(`${few} of ${total} have no more than ${minTranscripts} transcripts`);
  if (withoutCounts > 0) {
    ctx.warn(`${withoutCounts} cells with transcripts, but without counts of genes, are left out`);
  }
}

/** Labels of some rows; too few transcripts is no label. */
function takeLabels({ codes, levels, ordered }: Categorical, rows: Int32Array): Categorical {
  const tooFew = levels.indexOf(NOT_CLUSTERED);
  const taken = Int32Array.from(rows, (row) => codes[row] === tooFew ? -1 : codes[row]);
  return { codes: taken, levels, ordered };
}

interface Compared {
  readonly truth: SimulatedTruth;
  readonly space: LatentSpace;
  readonly clusterColumn: string;
  readonly taken: ReadonlyMap<string, Categorical>;
}

/** How well clusters, latent and others, find the categories of simulated cells. */
async function againstTruth(
  cells: AnnDataHandle,
  rows: Int32Array,
  { truth, space, clusterColumn, taken }: Compared,
): Promise<ScviReport["truth"]> {
  const ids = await bundleIdsOf(cells);
  const categories = [...new Set(truth.finalLabel)].sort();
  const codeOf = new Map(categories.map((category, code) => [category, code]));
  const codes = Int32Array.from(rows, (row) => {
    const known = truth.rowOf.get(ids[row]);
    return known === undefined ? -1 : codeOf.get(truth.finalLabel[known])!;
  });
  return {
    cells: codes.filter((code) => code >= 0).length,
    knnAccuracy: scviAgreement("truth", space, codes).knnAccuracy,
    clusterings: [
      truthAgreement(clusterColumn, space.clusters, codes),
      ...[...taken].map(([name, column]) => truthAgreement(name, column.codes, codes)),
    ],
  };
}
