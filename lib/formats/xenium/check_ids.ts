import { SthelarError } from "@/core/errors.ts";
import { type DuckDb, quoteText } from "../parquet/mod.ts";
import type { BundleRole } from "./bundle_files.ts";
import { readBarcodes } from "./cell_feature_matrix.ts";
import { alignSuffix, cellIdSql } from "./id_suffix.ts";
import { readZarrCellIds } from "./cells_zarr.ts";
import { isTable, openTable } from "./table_schema.ts";
import { openTranscripts } from "./transcripts.ts";
import type { XeniumBundle } from "./xenium_bundle.ts";

/** How many cells each file speaks of; all of them are in the table of cells. */
export interface IdReport {
  /** Cells in the table of cells. */
  readonly cells: number;
  /** Distinct cells in each other file that is there. */
  readonly files: ReadonlyMap<BundleRole, number>;
}

/** Which files are compared. */
export interface IdCheckOptions {
  /** Files that are compared with the table of cells; all by default. */
  readonly roles?: readonly BundleRole[];
}

const TABLES = ["cellBoundaries", "nucleusBoundaries", "transcripts"] as const;
const IN_ROWS = [["matrix", readBarcodes], ["cellsZarr", readZarrCellIds]] as const;

/** Ids that are handed to SQL at once. */
const IDS_A_STATEMENT = 20_000;

/**
 * Checks that the files of a bundle speak of the same cells: an id of the boundaries, the matrix, the
 * transcripts or `cells.zarr.zip` that is no cell is an error, and so are rows of the matrix or of
 * `cells.zarr.zip` in another order than the cells. Files that are not there are not checked. Reads
 * ids alone, in SQL.
 *
 * @throws {SthelarError} `IdMismatch` with counts and the first ten ids of each file.
 */
export async function checkIds(
  bundle: XeniumBundle,
  db: DuckDb,
  { roles }: IdCheckOptions = {},
): Promise<IdReport> {
  const isCompared = (role: BundleRole) => roles === undefined || roles.includes(role);
  const cellIds = await cellIdsSql(bundle, db);
  const ids = (await db.query(cellIds, { text: ["id"] })).text("id") as readonly string[];
  const files = new Map<BundleRole, number>();
  const faults: string[] = [];
  for (const role of TABLES) {
    if (!isCompared(role) || !isTable(bundle, role)) continue;
    const { known, unknown, first } = await compareIds(db, cellIds, await idsSql(bundle, db, role));
    files.set(role, known + unknown);
    if (unknown > 0) faults.push(faultOf(bundle, role, unknown, first));
  }
  for (const [role, read] of IN_ROWS) {
    if (!isCompared(role) || !bundle.files.has(role)) continue;
    if (bundle.files.get(role) === bundle.files.get("cells")) continue;
    const rows = alignSuffix(await read(bundle), ids);
    files.set(role, rows.length);
    faults.push(...orderFaults(bundle, role, rows, ids));
  }
  if (faults.length === 0) return { cells: ids.length, files };
  throw new SthelarError("IdMismatch", {
    action: `Cannot match the cells of the bundle "${bundle.root}"`,
    found: faults.join("; "),
    expected: `only ids of "${bundle.pathOf("cells")}"`,
    remedy: "the files come from different runs: take all of them from one",
    path: bundle.root,
  });
}

/** SQL for the ids of the cells as texts, in order, in the column `id`. */
async function cellIdsSql(bundle: XeniumBundle, db: DuckDb): Promise<string> {
  if (!bundle.files.has("cells") || isTable(bundle, "cells")) {
    const cells = await openTable(bundle, "cells", ["cell_id"]);
    return `select ${await cellIdSql(bundle, db, "cells", cells)} as id from ${cells.sql}`;
  }
  const ids = await readZarrCellIds(bundle);
  await db.run("create or replace table cells_of_zarr (id varchar)");
  for (let i = 0; i < ids.length; i += IDS_A_STATEMENT) {
    const some = ids.slice(i, i + IDS_A_STATEMENT).map(quoteText).join(", ");
    await db.run(`insert into cells_of_zarr select unnest([${some}])`);
  }
  return "select id from cells_of_zarr";
}

async function idsSql(bundle: XeniumBundle, db: DuckDb, role: BundleRole): Promise<string> {
  const table = await openTable(bundle, role, ["cell_id"]);
  const assigned = role === "transcripts"
    ? (await openTranscripts(bundle, db)).assignedSql
    : "cell_id is not null";
  const id = await cellIdSql(bundle, db, role, table);
  return `select distinct ${id} as id from ${table.sql} where ${assigned}`;
}

async function compareIds(
  db: DuckDb,
  cellIds: string,
  ids: string,
): Promise<{ readonly known: number; readonly unknown: number; readonly first: string }> {
  const result = await db.query(
    `with cells as materialized (${cellIds}), seen as materialized (${ids}),
       strange as materialized (select id from seen anti join cells using (id))
     select (select count(*) from seen)::integer as seen,
       (select count(*) from strange)::integer as strange,
       (select string_agg(id, ', ') from (select id from strange order by id limit 10)) as first`,
    { text: ["first"] },
  );
  const unknown = Number(result.numbers("strange")[0]);
  return {
    known: Number(result.numbers("seen")[0]) - unknown,
    unknown,
    first: result.text("first")[0] ?? "",
  };
}

function faultOf(
  bundle: XeniumBundle,
  role: BundleRole,
  count: number,
  first: string,
): string {
  const name = bundle.pathOf(role).slice(bundle.root.length + 1);
  return `${count} unknown ${count === 1 ? "id" : "ids"} in ${name} (${first}${
    count > 10 ? ", …" : ""
  })`;
}

function orderFaults(
  bundle: XeniumBundle,
  role: BundleRole,
  barcodes: readonly string[],
  ids: readonly string[],
): string[] {
  const known = new Set(ids);
  const strange = barcodes.filter((id) => !known.has(id));
  if (strange.length > 0) {
    return [faultOf(bundle, role, strange.length, strange.slice(0, 10).join(", "))];
  }
  const name = bundle.pathOf(role).slice(bundle.root.length + 1);
  if (barcodes.length !== ids.length) {
    return [`${barcodes.length} of ${ids.length} cells in ${name}`];
  }
  const row = ids.findIndex((id, i) => id !== barcodes[i]);
  return row < 0
    ? []
    : [`another order in ${name}: ${barcodes[row]} in row ${row}, where ${ids[row]} should be`];
}
