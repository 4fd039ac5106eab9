import type { Categorical } from "@/core/categorical.ts";
import type { Input } from "@/core/stage.ts";
import { type AnnDataHandle, isCategorical, isTexts, readElement } from "@/formats/anndata/mod.ts";
import type { GivenDecisions } from "./choose_labels.ts";
import type { DecisionsFile } from "./decisions_input.ts";

/** The type that Tangram gave each nucleus; `undefined` where there was no reference. */
export const tangramTypesInput = {
  kind: "nodes",
  names: ["tables/table_nuclei/obs/ct_tangram"],
  doc: "types by Tangram",
  optional: true,
  async open({ resolve, disk }) {
    const column = await readElement(disk, resolve("tables/table_nuclei/obs/ct_tangram"));
    return isCategorical(column) ? column : undefined;
  },
} as const satisfies Input<Categorical | undefined>;

/** Texts of a column of categories. */
export function textsOf({ codes, levels }: Categorical): (string | undefined)[] {
  return Array.from(codes, (code) => levels[code]);
}

/** Ids of a table's rows in the bundle; a table of others that has none is known by its row names. */
export async function bundleIdsOf(table: AnnDataHandle): Promise<readonly string[]> {
  if (!table.columnNames("obs").includes("xenium_cell_id")) return await table.obsNames();
  const ids = await table.column("obs", "xenium_cell_id");
  return isTexts(ids) ? ids : await table.obsNames();
}

/**
 * What Tangram says of the nucleus of each row: nuclei and cells of one `cell_id` belong together.
 *
 * @param table The table of the rows.
 * @param nuclei The table of nuclei.
 * @param types Types of the nuclei.
 * @returns `undefined` for a table without ids.
 */
export async function typesByCellId(
  table: AnnDataHandle,
  nuclei: AnnDataHandle,
  types: Categorical,
): Promise<(string | undefined)[] | undefined> {
  const [rowIds, nucleusIds] = await Promise.all(
    [table, nuclei].map((each) => each.column("obs", "cell_id")),
  );
  if (!isTexts(rowIds) || !isTexts(nucleusIds)) return undefined;
  const texts = textsOf(types);
  const nucleusOf = new Map<string, number>();
  nucleusIds.forEach((id, nucleus) => nucleusOf.set(id, nucleus));
  return rowIds.map((id) => texts[nucleusOf.get(id) ?? -1]);
}

/** What a person decided about one table. */
export function decisionsAbout(
  unit: "nuclei" | "cells",
  file: DecisionsFile | undefined,
): GivenDecisions | undefined {
  const decisions = file?.[unit];
  return decisions && { decisions, path: file.path };
}
