import type { Categorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import { defineStage, type StageContext } from "@/core/stage.ts";
import type { AnnDataHandle } from "@/formats/anndata/mod.ts";
import { reportOutput, tableInput, tableOutput } from "@/formats/spatialdata/stage_elements.ts";
import { categoryInput, optional } from "@/formats/spatialdata/table_part_input.ts";
import { combinedAgreement } from "./combined_agreement.ts";
import { chooseCombined } from "./combined_choice.ts";
import { COMBINED_REGION } from "./combined_columns.ts";
import { combinedDecisionsInput } from "./decisions_input.ts";
import { combinedParams } from "./combined_params.ts";
import type { CombinedReport } from "./combined_report.ts";
import { type CombinedRows, combinedRows, type Unpartnered } from "./combined_rows.ts";
import { combinedSpace } from "./combined_space.ts";
import { combinedTable } from "./combined_table.ts";
import { bundleIdsOf, tangramTypesInput } from "./label_inputs.ts";
import { truthInput } from "./simulated_truth.ts";
import { tangramScoresInput } from "./tangram_scores_input.ts";

export type { CombinedReport } from "./combined_report.ts";

const outputs = {
  table: tableOutput("table_combined", {
    region: COMBINED_REGION,
    regionKey: "region",
    instanceKey: "cell_id",
  }),
  report: reportOutput<CombinedReport>("combined_labels"),
};

type Context = StageContext<typeof outputs>;

/**
 * 2-10: nuclei and cytoplasm of the same cells in one space, clusters in it, and one label for each cell
 * from the labels of nuclei and cells. Original: the notebooks 2-10.
 *
 * The original counts genes per nucleus in all transcripts and per cell in those of good quality, so that
 * cytoplasm can be negative; it is cut at 0, and the report says how much.
 */
export const combinedLabels = defineStage({
  id: "2-10",
  name: "combined_labels",
  version: 1,
  doc: "Labels of nuclei and cells combined, by clusters of both.",
  inputs: {
    nuclei: tableInput("table_nuclei"),
    cells: tableInput("table_cells"),
    nucleusLabels: categoryInput("table_nuclei", "final_label"),
    cellLabels: categoryInput("table_cells", "final_label"),
    nucleusLabel1: categoryInput("table_nuclei", "label1"),
    cellLabel1: categoryInput("table_cells", "label1"),
    transcriptCat: optional(categoryInput("table_nuclei", "transcript_cat")),
    tangramTypes: tangramTypesInput,
    tangramScores: tangramScoresInput,
    decisions: combinedDecisionsInput,
    truth: truthInput,
  },
  outputs,
  params: combinedParams,
  budget: ({ cells, transcripts }) => ({
    memoryBytes: 400e6 + 2000 * cells + 15 * transcripts,
    seconds: 3 + cells / 1500,
  }),
  async run({ nuclei, cells, decisions, truth, ...given }, params, ctx) {
    const rows = await combinedRows(nuclei, cells, params.minTranscripts);
    await requireRows(nuclei, "table_nuclei", [given.nucleusLabels, given.nucleusLabel1]);
    await requireRows(cells, "table_cells", [given.cellLabels, given.cellLabel1]);
    tell(rows, params.minTranscripts, ctx);
    const space = await combinedSpace(rows.cells, rows.nuclei, params, ctx);
    const xeniumIds = await bundleIdsOf(cells);
    const ids = Array.from(rows.cellRows, (row) => xeniumIds[row]);
    const labels = {
      cells: takeRows(given.cellLabels, rows.cellRows),
      nuclei: takeRows(given.nucleusLabels, rows.nucleusRows),
      cellLabel1: takeRows(given.cellLabel1, rows.cellRows),
      nucleusLabel1: takeRows(given.nucleusLabel1, rows.nucleusRows),
    };
    const { clusterings } = space;
    const { resolution } = params, flagAbove = params.flagAbove / 100;
    const choice = await chooseCombined(
      { ids, clusterings, labels, counts: rows.cells, genes: rows.genes },
      { resolution, flagAbove },
      decisions,
      ctx,
    );
    ctx.note("combinedLabels", choice.by === "rule" ? "automatic" : "decided");
    const { finalLabel, ranked: _, ...chosen } = choice;
    return {
      table: await combinedTable({
        slide: ctx.slide.id,
        ...{ nuclei, rows, space, choice, minDist: params.minDist },
        finalLabels: { nuclei: given.nucleusLabels, cells: given.cellLabels },
        label1: { nuclei: given.nucleusLabel1, cells: given.cellLabel1 },
        transcriptCat: given.transcriptCat,
        tangramTypes: given.tangramTypes,
        tangramScores: await given.tangramScores?.(),
      }),
      report: {
        ...sizesOf(rows, params.minTranscripts),
        ...{ cytoplasm: space.cytoplasm, emptyNuclei: space.emptyNuclei, blocks: space.blocks },
        varianceRatio: [...space.analysed.varianceRatio],
        ...{ principalComponents: space.principalComponents, neighbours: space.neighbours },
        graph: space.graph,
        clusterings: clusterings.map(({ name, resolution, clusters, count }) => ({
          ...{ name, resolution, sizes: sizesOfClusters(clusters, count) },
        })),
        ...chosen,
        ...{ cellCategories: labels.cells.levels, nucleusCategories: labels.nuclei.levels },
        flagAbove,
        agreement: truth === undefined
          ? null
          : combinedAgreement({ ...labels, combined: finalLabel }, ids, truth),
      },
    };
  },
});

function takeRows(column: Categorical, rows: Int32Array): Categorical {
  return { ...column, codes: Int32Array.from(rows, (row) => column.codes[row]) };
}

function sizesOfClusters(clusters: Int32Array, count: number): number[] {
  const sizes = new Array<number>(count).fill(0);
  for (const cluster of clusters) sizes[cluster]++;
  return sizes;
}

function sizesOf(rows: CombinedRows, minTranscripts: number) {
  const { ids, leftOut, genes, onlyNuclei, onlyCells } = rows;
  return {
    ...{ rows: ids.length + leftOut.ids.length, kept: ids.length, minTranscripts },
    ...{ cellsWithoutNucleus: rows.cellsWithoutNucleus, nucleiWithoutCell: rows.nucleiWithoutCell },
    genes: { common: genes.length, onlyNuclei, onlyCells },
  };
}

/** Tells what is not combined. */
function tell(rows: CombinedRows, minTranscripts: number, ctx: Context): void {
  const { ids, leftOut, genes, onlyNuclei, onlyCells } = rows;
  const total = ids.length + leftOut.ids.length;
  const text = ({ count, first }: Unpartnered) =>
    `${count} (${first.join(", ")}${count > first.length ? ", …" : ""})`;
  if (leftOut.ids.length > 0) {
    ctx.inform(
      `${leftOut.ids.length} of ${total} have no cell with more than ${minTranscripts} transcripts`,
    );
  }
  if (onlyNuclei.length + onlyCells.length > 0) {
    ctx.inform(
      `${genes.length} common genes; of nuclei alone ${onlyNuclei.length} features, of cells alone ` +
        `${onlyCells.length}`,
    );
  }
  if (rows.cellsWithoutNucleus.count > 0) {
    ctx.warn(`cells without nucleus, left out: ${text(rows.cellsWithoutNucleus)}`);
  }
  if (rows.nucleiWithoutCell.count > 0) {
    ctx.warn(`nuclei without cell, left out: ${text(rows.nucleiWithoutCell)}`);
  }
}

async function requireRows(
  table: AnnDataHandle,
  name: string,
  columns: readonly Categorical[],
): Promise<void> {
  const rows = (await table.obsNames()).length;
  const wrong = columns.find(({ codes }) => codes.length !== rows);
  if (wrong === undefined) return;
  throw new SthelarError("IdMismatch", {
    action: `Cannot use the labels of "${name}"`,
    found: `${wrong.codes.length} labels`,
    expected: `one for each of ${rows} rows`,
    path: `tables/${name}`,
  });
}
