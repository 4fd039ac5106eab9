import { defineStage } from "@/core/stage.ts";
import { tableInput } from "@/formats/spatialdata/stage_elements.ts";
import { clusteringInput } from "./clustering_input.ts";
import { readCountTable } from "./count_table.ts";
import { decisionsInput } from "./decisions_input.ts";
import { bundleIdsOf, decisionsAbout, tangramTypesInput, textsOf } from "./label_inputs.ts";
import { labelOutputs, labelTable } from "./label_table.ts";
import { labellingParams } from "./labelling_params.ts";
import { truthInput } from "./simulated_truth.ts";

/**
 * 2-3, second part: clusters of nuclei are refined and labelled as a person decided in
 * `data/decisions/<slide>/clusters.json`, else by rule from Tangram and marker genes. Original: the
 * notebooks 2-3, where a person decides.
 */
export const refineTangram = defineStage({
  id: "2-03b",
  name: "refine_tangram",
  version: 2,
  doc: "Labels of nuclei, by their clusters.",
  inputs: {
    nuclei: tableInput("table_nuclei"),
    clustered: clusteringInput("table_nuclei", "cluster_nuclei"),
    tangram: tangramTypesInput,
    decisions: decisionsInput,
    truth: truthInput,
  },
  outputs: labelOutputs("table_nuclei", "refine_tangram"),
  params: labellingParams,
  budget: ({ cells }) => ({ memoryBytes: 400e6 + 4e3 * cells, seconds: 1 + cells / 20e3 }),
  async run({ nuclei, clustered, tangram, decisions, truth }, params, ctx) {
    const { rowIds, features, totals } = await readCountTable(nuclei, "table_nuclei");
    return await labelTable(
      {
        unit: "nuclei",
        ...{ clustered, rowIds, features, totals, truth },
        bundleIds: await bundleIdsOf(nuclei),
        tangramTypes: tangram && textsOf(tangram),
        decisions: decisionsAbout("nuclei", decisions),
      },
      params,
      ctx,
    );
  },
});
