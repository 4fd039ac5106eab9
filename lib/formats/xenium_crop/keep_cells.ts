import { SthelarError } from "@/core/errors.ts";
import type { DuckDb } from "../parquet/mod.ts";
import type { XeniumBundle } from "../xenium/mod.ts";
import { cellIdSql } from "../xenium/id_suffix.ts";
import { openTable } from "../xenium/table_schema.ts";
import type { PixelRectangle } from "./snap_roi.ts";

/** DuckDB's table of the ids of the cells that are kept, as `cellIdSql()` writes them. */
export const KEPT = "kept_cells";

/** Pixels by which a vertex may miss its place: float32 holds 16,000 µm to 0.002 px. */
export const VERTEX_TOLERANCE = 0.01;

/** Which cells of a bundle are kept. */
export interface KeptCells {
  /** Their ids in the order of the table of cells. */
  readonly ids: readonly string[];
  /** Cells whose polygon crosses the edge of the region: left out. */
  readonly cutCount: number;
}

/**
 * Finds the cells whose polygon lies wholly in a region and puts their ids into the table
 * {@link KEPT}. A cell without polygon is not kept.
 *
 * @param region Pixels of the morphology image.
 * @throws {SthelarError} `InvalidArgument` if there is none, `NotFound` or `CorruptData` for files.
 */
export async function keepCells(
  bundle: XeniumBundle,
  db: DuckDb,
  region: PixelRectangle,
  pixelUm: number,
): Promise<KeptCells> {
  const cells = await openTable(bundle, "cells", ["cell_id", "x_centroid", "y_centroid"]);
  const outlines = await openTable(bundle, "cellBoundaries", ["cell_id", "vertex_x", "vertex_y"]);
  const cellId = await cellIdSql(bundle, db, "cells", cells);
  const outlineId = await cellIdSql(bundle, db, "cellBoundaries", outlines);
  const edge = (pixels: number) => doubleSql(pixels * pixelUm);
  const left = edge(region.x - VERTEX_TOLERANCE), top = edge(region.y - VERTEX_TOLERANCE);
  const right = edge(region.x + region.width + VERTEX_TOLERANCE);
  const bottom = edge(region.y + region.height + VERTEX_TOLERANCE);
  await db.run(
    `create table outlines as select id,
       x0 >= ${left} and y0 >= ${top} and x1 <= ${right} and y1 <= ${bottom} as inside
     from (select ${outlineId} as id,
         min(vertex_x)::double as x0, min(vertex_y)::double as y0,
         max(vertex_x)::double as x1, max(vertex_y)::double as y1
       from ${outlines.sql} where cell_id is not null group by all)
     where x0 < ${right} and y0 < ${bottom} and x1 > ${left} and y1 > ${top}`,
  );
  await db.run(
    `create table ${KEPT} as select id from
       (select ${cellId} as id, file_row_number as place from ${cells.numberedSql})
     where id in (select id from outlines where inside) order by place`,
  );
  const cut = await db.query("select count(*)::integer as n from outlines where not inside");
  const cutCount = Number(cut.numbers("n")[0]);
  const kept = await db.query(`select id from ${KEPT} order by rowid`, { text: ["id"] });
  if (kept.rowCount === 0) throw noCell(region, pixelUm, cutCount);
  return { ids: kept.text("id") as readonly string[], cutCount };
}

/** A number for SQL, to the last bit: a bare literal would be a decimal. */
export function doubleSql(value: number): string {
  return `'${value}'::double`;
}

function noCell(region: PixelRectangle, pixelUm: number, cutCount: number): SthelarError {
  const [x, y, width, height] = [region.x, region.y, region.width, region.height]
    .map((pixels) => (pixels * pixelUm).toFixed(1));
  return new SthelarError("InvalidArgument", {
    action: `Cannot crop the bundle to ${width} x ${height} um at (${x}, ${y})`,
    found: `no cell that lies wholly inside, ${cutCount} on the edge`,
    expected: "at least one",
    remedy: "choose a larger region, or one on the tissue",
  });
}
