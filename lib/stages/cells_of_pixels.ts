import { encodeCellId } from "@/core/ids.ts";
import type { NucleusClasses } from "@/formats/predictions/mod.ts";
import type { ClassPixels } from "@/vision/predict/mod.ts";

/** Where the names of cells in masks come from. */
export interface CellNames {
  /** Number of a cell: that of its id and 1, or its row in `nucleus_boundaries` and 1. */
  readonly cellNumbers: "id" | "row";
  /** Ids of the nuclei, by row; asked for only where rows are numbered. */
  readonly nucleusIds: () => Promise<readonly string[]>;
  /** Ids of the cells of the table, where there is one. */
  readonly tableIds: readonly string[] | undefined;
}

/** Pixels of classes under the names of the cells, and the names that the table lacks. */
export async function cellsOfPixels(
  { cells, counts }: ClassPixels,
  classes: readonly string[],
  { cellNumbers, nucleusIds, tableIds }: CellNames,
): Promise<{ readonly nucleusClasses: NucleusClasses; readonly withoutRow: readonly string[] }> {
  const names = cellNumbers === "row" ? await nucleusIds() : undefined;
  const cellIds = Array.from(cells, (cell) => names?.[cell - 1] ?? encodeCellId(cell - 1));
  const inTable = tableIds && new Set(tableIds);
  return {
    nucleusClasses: { cellIds, classes, pixels: counts },
    withoutRow: inTable === undefined ? [] : cellIds.filter((id) => !inTable.has(id)),
  };
}
