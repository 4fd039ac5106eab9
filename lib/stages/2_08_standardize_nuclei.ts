import { defineStage } from "@/core/stage.ts";
import { standardizeInputs, standardizeOutputs, standardizeTable } from "./standardize_table.ts";

/**
 * 2-8: the category of every nucleus, by its three labels as published, else by the broad one.
 * Original: the notebook 2-8.
 */
export const standardizeNuclei = defineStage({
  id: "2-08",
  name: "standardize_nuclei",
  version: 1,
  doc: "Categories of nuclei, with their colours.",
  inputs: standardizeInputs("table_nuclei"),
  outputs: standardizeOutputs("table_nuclei", "standardize_nuclei"),
  params: {},
  budget: ({ cells }) => ({ memoryBytes: 300e6 + 300 * cells, seconds: 1 + cells / 500e3 }),
  run: (table, _params, ctx) => standardizeTable(table, "nuclei", ctx),
});
