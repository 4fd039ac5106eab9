import { type Categorical, categorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import type { Input } from "@/core/stage.ts";
import { isCategorical, isKind, isTexts, readElement } from "@/formats/anndata/mod.ts";

/** What rows of a slide are: nuclei or cells. */
export type Unit = "nuclei" | "cells";

/** Both, in the order in which they are annotated. */
export const UNITS: readonly Unit[] = ["nuclei", "cells"];

/** Label of a row without one, as the published tables hold it after standardizing. */
export const NO_LABEL = "Unknown";

/** Final label of rows with too few transcripts. */
export const LESS10 = "Less10";

/** A column of labels of a table that must be there. */
export function labelInput(table: string, column: string): Input<Categorical> {
  const node = `tables/${table}/obs/${column}`;
  return {
    kind: "nodes",
    names: [node],
    doc: `"${column}" of "${table}"`,
    open: async ({ resolve, disk }) =>
      asLabels(await readElement(disk, resolve(node)), resolve(node)),
  };
}

/** A column of labels that a slide may lack. */
export function optionalLabelInput(
  table: string,
  column: string,
): Input<Categorical> & { readonly optional: true } {
  return { ...labelInput(table, column), optional: true };
}

/**
 * A column as categories.
 *
 * @param path Where it was read, for the message.
 * @throws {SthelarError} `CorruptData` if it holds no texts.
 */
export function asLabels(column: unknown, path: string): Categorical {
  if (isCategorical(column)) return column;
  if (isTexts(column)) return categorical(column);
  if (isKind(column, "nullable-string-array")) {
    const { values, mask } = column as unknown as { values: string[]; mask: Uint8Array };
    return categorical(values.map((value, i) => mask[i] === 1 ? undefined : value));
  }
  throw new SthelarError("CorruptData", {
    action: `Cannot read labels from "${path}"`,
    found: "a column of another kind",
    expected: "categories or texts",
    path,
  });
}

/** The columns of labels of both tables. */
export const LABEL_INPUTS = {
  nuclei1: labelInput("table_nuclei", "label1"),
  nuclei2: labelInput("table_nuclei", "label2"),
  nuclei3: labelInput("table_nuclei", "label3"),
  nucleiFinal: labelInput("table_nuclei", "final_label"),
  cells1: labelInput("table_cells", "label1"),
  cells2: labelInput("table_cells", "label2"),
  cells3: labelInput("table_cells", "label3"),
  cellsFinal: labelInput("table_cells", "final_label"),
} as const;
