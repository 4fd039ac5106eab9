import type { Categorical } from "@/core/categorical.ts";
import { numberParam } from "@/core/params.ts";
import { defineStage, type StageContext } from "@/core/stage.ts";
import { type AnnDataHandle, isCategorical } from "@/formats/anndata/mod.ts";
import { reportInput, reportOutput, tableInput } from "@/formats/spatialdata/stage_elements.ts";
import { categoryInput, layerInput, optional } from "@/formats/spatialdata/table_part_input.ts";
import type { AddCellsReport } from "./add_cells_report.ts";
import { requireSameLabels } from "./annotate_checks.ts";
import { requireSameIds } from "./annotate_ids.ts";
import {
  type AnnotatedTable,
  type AnnotatedTableReport,
  annotateOutputs,
  annotateTable,
  labelledTableInput,
} from "./annotate_table.ts";
import type { ClusteringReport } from "./clustering_report.ts";
import { cellIdsOf } from "./row_ids.ts";

/** What adding annotations found, once it refused nothing. */
export interface AnnotationReport {
  /** The table of nuclei. */
  readonly nuclei: AnnotatedTableReport;
  /** The table of cells. */
  readonly cells: AnnotatedTableReport;
  /** Ids that both tables have, once each. */
  readonly sharedIds: number;
  /** Nuclei that stage 2-04 found no cell of, and no others are not among the cells. */
  readonly nucleiWithoutCell: number;
  /** Whether there is a table of latent places, which was compared as well. */
  readonly comparedScvi: boolean;
}

const NUCLEI = "table_nuclei", CELLS = "table_cells", SCVI = "table_scvi";
const nuclei = annotateOutputs(NUCLEI), cells = annotateOutputs(CELLS);

const outputs = {
  nucleiCategory: nuclei.category,
  nucleiLog: nuclei.log,
  cellsCategory: cells.category,
  cellsLog: cells.log,
  report: reportOutput<AnnotationReport>("add_annotations"),
};

/**
 * 2-7: how deeply each nucleus and cell was seen, once it is sure that the tables belong together: the
 * same cells by `cell_id`, the same rows called `less10` as were left out, the same counts. Original:
 * the notebooks 2-7, which put the annotations into the store, here written by the stages that make them.
 */
export const addAnnotations = defineStage({
  id: "2-07",
  name: "add_annotations",
  version: 1,
  doc: "Depth of nuclei and cells, and checks that the annotated tables fit together.",
  inputs: {
    nuclei: labelledTableInput(NUCLEI),
    cells: labelledTableInput(CELLS),
    nucleiClusters: optional(categoryInput(NUCLEI, "refine_res")),
    cellsClusters: optional(categoryInput(CELLS, "refine_res")),
    nucleiCounts: optional(layerInput(NUCLEI, "count")),
    cellsCounts: optional(layerInput(CELLS, "count")),
    nucleiClustering: optional(reportInput<ClusteringReport>("cluster_nuclei")),
    cellsClustering: optional(reportInput<ClusteringReport>("cluster_cells")),
    adding: optional(reportInput<AddCellsReport>("add_cells")),
    scvi: optional(tableInput(SCVI)),
  },
  outputs,
  params: {
    quantiles: numberParam(7, "Bins of transcript_cat, with equally many rows", {
      min: 2,
      max: 100,
      integer: true,
    }),
  },
  budget: ({ cells, transcripts }) => ({
    memoryBytes: 400e6 + 600 * cells + 25 * transcripts,
    seconds: 2 + cells / 100e3,
  }),
  async run({ scvi, adding, ...given }, { quantiles }, ctx) {
    const ofNuclei = await annotateTable(given.nuclei, {
      ...{ quantiles, clusters: given.nucleiClusters },
      ...{ counts: given.nucleiCounts, clustering: given.nucleiClustering },
    });
    const ofCells = await annotateTable(given.cells, {
      ...{ quantiles, clusters: given.cellsClusters },
      ...{ counts: given.cellsCounts, clustering: given.cellsClustering },
    });
    const nucleiWithoutCell = requireSameIds(ofNuclei, ofCells, [
      ...adding === undefined ? [] : [adding.nucleiWithoutCell, adding.nucleiWithoutPolygon],
    ]);
    if (scvi !== undefined) requireSameLabels(ofCells, await latentLabels(scvi));
    for (const table of [ofNuclei, ofCells]) tellTies(table, ctx);
    const part = <T>({ rowIds }: AnnotatedTable, value: T) => ({ rowIds, value });
    return {
      nucleiCategory: part(ofNuclei, ofNuclei.category),
      nucleiLog: part(ofNuclei, ofNuclei.log),
      cellsCategory: part(ofCells, ofCells.category),
      cellsLog: part(ofCells, ofCells.log),
      report: {
        nuclei: ofNuclei.report,
        cells: ofCells.report,
        sharedIds: ofCells.ids.length,
        nucleiWithoutCell,
        comparedScvi: scvi !== undefined,
      },
    };
  },
});

/** Ids and broad labels of the table of latent places. */
async function latentLabels(table: AnnDataHandle) {
  const label1 = table.columnNames("obs").includes("label1")
    ? await table.column("obs", "label1")
    : undefined;
  return {
    name: SCVI,
    ids: await cellIdsOf(table, SCVI),
    label1: label1 !== undefined && isCategorical(label1) ? label1 as Categorical : undefined,
  };
}

function tellTies(
  { name, report: { bins, quantiles, tied } }: AnnotatedTable,
  ctx: Pick<StageContext<typeof outputs>, "warn">,
): void {
  if (tied.length === 0) return;
  ctx.warn(
    `transcript_cat of ${name} has ${bins.length} bin${bins.length === 1 ? "" : "s"} in place of ` +
      `${quantiles}: many rows have ${tied.join(", ")} transcripts`,
  );
}
