import type { Categorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import type { Element } from "@/formats/anndata/mod.ts";
import { asCategories, categoryInput } from "@/formats/spatialdata/table_part_input.ts";

/** What rows of a slide are: nuclei or cells. */
export type Unit = "nuclei" | "cells";

/** Both, in the order in which they are annotated. */
export const UNITS: readonly Unit[] = ["nuclei", "cells"];

/** Label of a row without one, as the published tables hold it after standardizing. */
export const NO_LABEL = "Unknown";

/**
 * A column as categories.
 *
 * @param path Where it was read, for the message.
 * @throws {SthelarError} `CorruptData` if it holds no texts.
 */
export function asLabels(column: Element, path: string): Categorical {
  const labels = asCategories(column);
  if (labels !== undefined) return labels;
  throw new SthelarError("CorruptData", {
    action: `Cannot read labels from "${path}"`,
    found: "a column of another kind",
    expected: "categories or texts",
    path,
  });
}

/** The columns of labels of both tables. */
export const LABEL_INPUTS = {
  nuclei1: categoryInput("table_nuclei", "label1"),
  nuclei2: categoryInput("table_nuclei", "label2"),
  nuclei3: categoryInput("table_nuclei", "label3"),
  nucleiFinal: categoryInput("table_nuclei", "final_label"),
  cells1: categoryInput("table_cells", "label1"),
  cells2: categoryInput("table_cells", "label2"),
  cells3: categoryInput("table_cells", "label3"),
  cellsFinal: categoryInput("table_cells", "final_label"),
} as const;
