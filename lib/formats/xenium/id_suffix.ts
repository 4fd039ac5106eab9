import type { DuckDb } from "../parquet/mod.ts";
import type { BundleRole } from "./bundle_files.ts";
import { readZarrCellIds } from "./cells_zarr.ts";
import { isTable, openTable, type TableSchema, textKindOf, textSql } from "./table_schema.ts";
import type { XeniumBundle } from "./xenium_bundle.ts";

/** What some exports leave out of the ids of some files. */
const SUFFIX = "-1";
const BARE_ID = /^[a-p]{8}$/;
const WHOLE_ID = /^[a-p]{8}-1$/;

/** Files whose ids are compared; the transcripts name cells that are none. */
const WITNESSES = ["cells", "cellBoundaries", "nucleusBoundaries"] as const;

/**
 * SQL for the cell ids of a table as text. Where the first id of the file is bare (`aaaachba`) and
 * that of another table of the bundle is not (`aaaachba-1`), all get the suffix, so that all files
 * write ids alike.
 *
 * @param role What the table is.
 */
export async function cellIdSql(
  bundle: XeniumBundle,
  db: DuckDb,
  role: BundleRole,
  table: TableSchema,
): Promise<string> {
  const id = textSql(table, "cell_id");
  if (!BARE_ID.test(await firstId(db, table) ?? "")) return id;
  for (const witness of WITNESSES) {
    if (witness === role || !isTable(bundle, witness)) continue;
    const other = await openTable(bundle, witness, ["cell_id"]);
    if (WHOLE_ID.test(await firstId(db, other) ?? "")) return withSuffix(id);
  }
  const fromZarr = bundle.files.has("cells") && !isTable(bundle, "cells");
  const [zarrId = ""] = fromZarr ? await readZarrCellIds(bundle) : [];
  return WHOLE_ID.test(zarrId) ? withSuffix(id) : id;
}

/** Ids with the suffix, if they are bare and those of the table of cells are not. */
export function alignSuffix(ids: readonly string[], cellIds: readonly string[]): readonly string[] {
  const differ = BARE_ID.test(ids[0] ?? "") && WHOLE_ID.test(cellIds[0] ?? "");
  return differ ? ids.map((id) => id + SUFFIX) : ids;
}

/** Leaves alone what is no id, such as `UNASSIGNED`. */
function withSuffix(id: string): string {
  return `if(length(${id}) = 8, ${id} || '${SUFFIX}', ${id})`;
}

async function firstId(db: DuckDb, table: TableSchema): Promise<string | undefined> {
  if (textKindOf(table, "cell_id") === "integer" || table.rowCount === 0) return undefined;
  const id = textSql(table, "cell_id");
  const first = await db.query(
    `select ${id} as id from ${table.sql} where ${id} not in ('UNASSIGNED', '') limit 1`,
    { text: ["id"] },
  );
  return first.rowCount === 0 ? undefined : first.text("id")[0];
}
