import { categorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import { type Columns, type DuckDb, quoteIdentifier } from "../parquet/mod.ts";
import { cellIdSql } from "./id_suffix.ts";
import { readZarrCells } from "./cells_from_zarr.ts";
import { distinctIds } from "./distinct_ids.ts";
import { isTable, openTable, type TableSchema, textSql } from "./table_schema.ts";
import type { XeniumBundle } from "./xenium_bundle.ts";
import type { XeniumCells } from "./xenium_cells.ts";

/**
 * Reads the table of cells.
 *
 * A bundle without one (a subset for Xenium Explorer) has the same in `cells.zarr.zip`, but for the
 * counts: these are in the count matrix.
 *
 * @param bundle The bundle.
 * @param db The DuckDB instance to read with.
 * @throws {SthelarError} `NotFound` for the file or a column, `CorruptData` for a damaged file,
 *   `IdMismatch` if an id is missing or there twice.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { localDisk } from "@/formats/disk/mod.ts";
 * import { openDuckDb } from "@/formats/parquet/mod.ts";
 * import { openXeniumBundle, readCells } from "@/formats/xenium/mod.ts";
 *
 * const folder = await Deno.makeTempDir();
 * using db = await openDuckDb({ memoryBytes: 256e6, threads: 1 });
 * await db.copyToParquet(
 *   "select 'aaaaaaaa-1' cell_id, 1.5::double x_centroid, 2.5::double y_centroid, 7 total_counts",
 *   `${folder}/cells.parquet`,
 * );
 * const cells = await readCells(await openXeniumBundle(folder, localDisk), db);
 * assertEquals(cells.cellIds, ["aaaaaaaa-1"]);
 * assertEquals(cells.counts.get("total_counts"), Int32Array.of(7));
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function readCells(bundle: XeniumBundle, db: DuckDb): Promise<XeniumCells> {
  if (bundle.files.has("cells") && !isTable(bundle, "cells")) return await readZarrCells(bundle);
  const table = await openTable(bundle, "cells", ["cell_id", "x_centroid", "y_centroid"]);
  if (table.rowCount === 0) {
    throw new SthelarError("CorruptData", {
      action: `Cannot read the cells of "${table.path}"`,
      found: "no rows",
      expected: "one a cell",
      path: table.path,
    });
  }
  const counts = [...table.columns.keys()].filter((name) => name.endsWith("_counts"));
  const method = table.columns.has("segmentation_method");
  const columns = await db.query(
    `select ${
      [
        `${await cellIdSql(bundle, db, "cells", table)} as cell_id`,
        ...["x_centroid", "y_centroid", "cell_area", "nucleus_area", "nucleus_count"]
          .map((name) => `${doubleSql(table, name)} as ${name}`),
        ...counts.map((name) => `coalesce(${quoteIdentifier(name)}, 0)::integer as "${name}"`),
        ...(method ? [`${textSql(table, "segmentation_method")} as segmentation_method`] : []),
      ].join(", ")
    } from ${table.sql}`,
    { text: ["cell_id", ...(method ? ["segmentation_method"] : [])] },
  );
  return {
    cellIds: distinctIds(columns.text("cell_id"), table.path),
    xUm: doubles(columns, "x_centroid"),
    yUm: doubles(columns, "y_centroid"),
    counts: new Map(counts.map((name) => [name, columns.numbers(name) as Int32Array])),
    cellAreaUm2: doubles(columns, "cell_area"),
    nucleusAreaUm2: doubles(columns, "nucleus_area"),
    nucleusCount: table.columns.has("nucleus_count")
      ? Int32Array.from(doubles(columns, "nucleus_count"))
      : undefined,
    segmentationMethod: method ? categorical(columns.text("segmentation_method")) : undefined,
  };
}

function doubleSql(table: TableSchema, name: string): string {
  return table.columns.has(name)
    ? `coalesce(${quoteIdentifier(name)}, 'nan')::double`
    : `'nan'::double`;
}

function doubles(columns: Columns, name: string): Float64Array {
  return columns.numbers(name) as Float64Array;
}
