import { defineStage } from "@/core/stage.ts";
import { standardizeInputs, standardizeOutputs, standardizeTable } from "./standardize_table.ts";

/**
 * 2-9: the category of every cell, by its three labels as published, else by the broad one.
 * The same as 2-08 does with nuclei. Original: the notebook 2-9.
 */
export const standardizeCells = defineStage({
  id: "2-09",
  name: "standardize_cells",
  version: 1,
  doc: "Categories of cells, with their colours.",
  inputs: standardizeInputs("table_cells"),
  outputs: standardizeOutputs("table_cells", "standardize_cells"),
  params: {},
  budget: ({ cells }) => ({ memoryBytes: 300e6 + 300 * cells, seconds: 1 + cells / 500e3 }),
  run: (table, _params, ctx) => standardizeTable(table, "cells", ctx),
});
