import { SthelarError } from "@/core/errors.ts";
import { type AnnDataHandle, isTexts } from "@/formats/anndata/mod.ts";

/** Ids that a message names. */
const SHOWN = 5;

/** The row of each id of a table; every id belongs to one row. */
export type RowOfId = ReadonlyMap<string, number>;

/**
 * The ids that join the rows of a slide's tables.
 *
 * @param name The table's name, for messages.
 * @throws {SthelarError} `CorruptData` for a table without ids.
 */
export async function cellIdsOf(table: AnnDataHandle, name: string): Promise<readonly string[]> {
  const ids = table.columnNames("obs").includes("cell_id")
    ? await table.column("obs", "cell_id")
    : undefined;
  if (ids !== undefined && isTexts(ids)) return ids;
  throw new SthelarError("CorruptData", {
    action: `Cannot use "tables/${name}"`,
    found: "no texts in obs/cell_id",
    expected: "the id of each row, by which tables are joined",
    path: `tables/${name}`,
  });
}

/**
 * The row of each id of a table.
 *
 * @param name The table's name, for messages.
 * @throws {SthelarError} `IdMismatch` for rows without id, or of one id, with their number and the first.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { rowsById } from "@/stages/row_ids.ts";
 *
 * assertEquals(rowsById("table_cells", ["a-1", "b-1"]).get("b-1"), 1);
 * ```
 */
export function rowsById(name: string, ids: readonly string[]): RowOfId {
  const rowOf = new Map<string, number>();
  ids.forEach((id, row) => rowOf.set(id, row));
  if (rowOf.size === ids.length && !rowOf.has("")) return rowOf;
  const repeated = new Set(ids.filter((id, row) => id !== "" && rowOf.get(id) !== row));
  const unnamed = ids.filter((id) => id === "").length;
  throw new SthelarError("IdMismatch", {
    action: `Cannot use "tables/${name}"`,
    found: [
      ...repeated.size === 0 ? [] : [`${listed("cell_id", repeated)} in several rows`],
      ...unnamed === 0 ? [] : [`no cell_id in ${unnamed} rows, first row ${ids.indexOf("")}`],
    ].join(", "),
    expected: "an id of its own for every row",
    remedy: `make the table again: deno task stage ${MAKER[name] ?? "2-04"} <slide> --force`,
    path: `tables/${name}`,
  });
}

/** The stages that make tables. */
const MAKER: Readonly<Record<string, string>> = { table_nuclei: "1-02", table_scvi: "2-06" };

/** Ids for a message: `cell_id "a", "b", … (12 in all)`. */
export function listed(what: string, ids: Iterable<string>): string {
  const all = [...ids];
  const shown = all.slice(0, SHOWN).map((id) => `"${id}"`).join(", ");
  return `${what} ${shown}${all.length > SHOWN ? ", …" : ""} (${all.length} in all)`;
}
