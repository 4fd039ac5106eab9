import { defineStage } from "@/core/stage.ts";
import { tableInput } from "@/formats/spatialdata/stage_elements.ts";
import { clusteringInput } from "./clustering_input.ts";
import { readCellTable } from "./count_table.ts";
import { decisionsInput } from "./decisions_input.ts";
import { bundleIdsOf, decisionsAbout, tangramTypesInput, typesByCellId } from "./label_inputs.ts";
import { labelOutputs, labelTable } from "./label_table.ts";
import { labellingParams } from "./labelling_params.ts";
import { truthInput } from "./simulated_truth.ts";

/**
 * 2-5, second part: clusters of cells are refined and labelled, as 2-03b does with those of nuclei. What
 * Tangram says of a cell is what it says of the cell's nucleus. Original: the notebooks 2-5.
 */
export const annotateCells = defineStage({
  id: "2-05b",
  name: "annotate_cells",
  version: 2,
  doc: "Labels of cells, by their clusters.",
  inputs: {
    cells: tableInput("table_cells"),
    clustered: clusteringInput("table_cells", "cluster_cells"),
    nuclei: tableInput("table_nuclei"),
    tangram: tangramTypesInput,
    decisions: decisionsInput,
    truth: truthInput,
  },
  outputs: labelOutputs("table_cells", "annotate_cells"),
  params: labellingParams,
  budget: ({ cells }) => ({ memoryBytes: 400e6 + 4e3 * cells, seconds: 1 + cells / 20e3 }),
  async run({ cells, clustered, nuclei, tangram, decisions, truth }, params, ctx) {
    const { rowIds, features, totals } = await readCellTable(cells);
    return await labelTable(
      {
        unit: "cells",
        ...{ clustered, rowIds, features, totals, truth },
        bundleIds: await bundleIdsOf(cells),
        tangramTypes: tangram && await typesByCellId(cells, nuclei, tangram),
        decisions: decisionsAbout("cells", decisions),
      },
      params,
      ctx,
    );
  },
});
