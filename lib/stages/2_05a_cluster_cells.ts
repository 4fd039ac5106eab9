import { defineStage } from "@/core/stage.ts";
import { tableInput } from "@/formats/spatialdata/stage_elements.ts";
import { clusteringBudget, clusteringOutputs, clusterTable } from "./cluster_table.ts";
import { clusteringParams } from "./clustering_params.ts";
import { readCellTable } from "./count_table.ts";

/**
 * 2-5, first part: cells with enough transcripts are clustered by their genes. Original: the notebooks
 * 2-5, before a person looks. 2-05b labels them.
 */
export const clusterCells = defineStage({
  id: "2-05a",
  name: "cluster_cells",
  version: 1,
  doc: "Clusters of cells, their marker genes and a UMAP.",
  inputs: { cells: tableInput("table_cells") },
  outputs: clusteringOutputs("table_cells", "cluster_cells"),
  params: clusteringParams,
  budget: clusteringBudget,
  async run({ cells }, params, ctx) {
    return await clusterTable(await readCellTable(cells), params, ctx);
  },
});
