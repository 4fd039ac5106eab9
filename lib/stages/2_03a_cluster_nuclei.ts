import { defineStage } from "@/core/stage.ts";
import { tableInput, tablePartOutput } from "@/formats/spatialdata/stage_elements.ts";
import { clusteringBudget, clusteringOutputs, clusterTable } from "./cluster_table.ts";
import { clusteringParams } from "./clustering_params.ts";
import { readCountTable } from "./count_table.ts";

const outputs = {
  totals: tablePartOutput("table_nuclei", "obs/transcript_counts"),
  ...clusteringOutputs("table_nuclei", "cluster_nuclei"),
};

/**
 * 2-3, first part: nuclei with enough transcripts are clustered by all their features. Original: the
 * notebooks 2-3, before a person looks. It takes long on a large slide, and depends on nothing that
 * a person decides: 2-03b does.
 */
export const clusterNuclei = defineStage({
  id: "2-03a",
  name: "cluster_nuclei",
  version: 1,
  doc: "Clusters of nuclei, their marker genes and a UMAP.",
  inputs: { nuclei: tableInput("table_nuclei") },
  outputs,
  params: clusteringParams,
  budget: clusteringBudget,
  async run({ nuclei }, params, ctx) {
    const table = await readCountTable(nuclei, "table_nuclei");
    const { rowIds, totals } = table;
    return {
      totals: { rowIds, value: totals },
      ...await clusterTable(table, params, ctx),
    };
  },
});
