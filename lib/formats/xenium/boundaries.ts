import { type Categorical, categorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import type { MultiPolygons } from "@/core/polygons.ts";
import type { DuckDb } from "../parquet/mod.ts";
import { arrangePolygons } from "./arrange_polygons.ts";
import { cellIdSql } from "./id_suffix.ts";
import { readAhead } from "./read_ahead.ts";
import { type CollectedRings, type Coordinates, RingCollector } from "./ring_collector.ts";
import { isTable, openTable } from "./table_schema.ts";
import type { XeniumBundle } from "./xenium_bundle.ts";
import { readZarrRings } from "./zarr_polygons.ts";

/** A polygon that was left out. */
export interface DroppedPolygon {
  /** Its cell. */
  readonly cellId: string;
  /** Its mask value, `undefined` where the file has none. */
  readonly labelId: number | undefined;
  /** What is wrong with it. */
  readonly reason: string;
}

/** The polygons of a bundle's cells or nuclei. */
export interface Boundaries {
  /** Cells that have a polygon, by row of `polygons`, sorted by code unit. */
  readonly cellIds: readonly string[];
  /**
   * Mask value of each polygon (not of each cell: a cell may have several nuclei), ascending in
   * each cell; `undefined` for versions without the column `label_id`.
   */
  readonly labelIds: Uint32Array | undefined;
  /** One geometry a cell, in µm; closed rings. */
  readonly polygons: MultiPolygons;
  /** Polygons that were left out. */
  readonly dropped: readonly DroppedPolygon[];
}

/** How boundaries are read. */
export interface BoundaryOptions {
  /**
   * What becomes of a polygon with fewer than three distinct vertices or one that is not a number:
   * `error` (the default) refuses the file, `drop` leaves the polygon out and lists it.
   */
  readonly invalid?: "error" | "drop";
}

/** Rings of a file, in its order. */
interface ReadRings {
  readonly path: string;
  readonly rings: CollectedRings;
  /** Cells that the rings speak of, sorted. */
  readonly ids: readonly string[];
  /** Whether the file numbers its polygons. */
  readonly hasLabels: boolean;
}

/**
 * Reads the polygons of the cells or of the nuclei.
 *
 * | analysis | one polygon is |
 * |---|---|
 * | 2.0 on | the rows of one `label_id` |
 * | 2.0 preview, 1.x (no `label_id`) | the rows up to the one that repeats the first |
 *
 * Without a table (parquet, csv) they are taken from `cells.zarr.zip`.
 *
 * @param kind Which polygons.
 * @throws {SthelarError} `NotFound` for the file or a column, `CorruptData` for a damaged file or
 *   invalid polygons.
 *
 * @example A cell with two nuclei is one geometry of two polygons
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { localDisk } from "@/formats/disk/mod.ts";
 * import { openDuckDb } from "@/formats/parquet/mod.ts";
 * import { openXeniumBundle, readBoundaries } from "@/formats/xenium/mod.ts";
 *
 * const folder = await Deno.makeTempDir();
 * using db = await openDuckDb({ memoryBytes: 256e6, threads: 1 });
 * await db.copyToParquet(
 *   `select 'aaaaaaaa-1' cell_id, (x + 9 * label)::float vertex_x, y::float vertex_y, label label_id
 *    from (values (0, 0), (1, 0), (0, 1), (0, 0)) corners(x, y), (values (1), (2)) labels(label)
 *    order by label`,
 *   `${folder}/nucleus_boundaries.parquet`,
 * );
 * const nuclei = await readBoundaries(await openXeniumBundle(folder, localDisk), db, "nucleus");
 * assertEquals(nuclei.cellIds, ["aaaaaaaa-1"]);
 * assertEquals([...nuclei.polygons.geometryStart], [0, 2]);
 * assertEquals(nuclei.labelIds, Uint32Array.of(1, 2));
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function readBoundaries(
  bundle: XeniumBundle,
  db: DuckDb,
  kind: "cell" | "nucleus",
  { invalid = "error" }: BoundaryOptions = {},
): Promise<Boundaries> {
  const role = kind === "cell" ? "cellBoundaries" : "nucleusBoundaries";
  const isZarr = bundle.files.has(role) && !isTable(bundle, role);
  const { rings, ids, path, hasLabels } = isZarr
    ? await readZarrRings(bundle, kind)
    : await readTableRings(bundle, db, role);
  const dropped = [...rings.invalid].map(([ring, reason]) => ({
    cellId: ids[rings.cells[ring]],
    labelId: hasLabels ? rings.labels[ring] : undefined,
    reason,
  }));
  if (invalid === "error" && dropped.length > 0) throw invalidPolygons(kind, path, dropped);
  return { ...arrangePolygons(rings, ids, { path, hasLabels }), dropped };
}

async function readTableRings(
  bundle: XeniumBundle,
  db: DuckDb,
  role: "cellBoundaries" | "nucleusBoundaries",
): Promise<ReadRings> {
  const table = await openTable(bundle, role, ["cell_id", "vertex_x", "vertex_y"]);
  const cellId = await cellIdSql(bundle, db, role, table);
  const hasLabels = table.columns.has("label_id");
  const collector = new RingCollector(table.rowCount, hasLabels);
  const runs = new CellRuns();
  const rows = db.stream(
    `select ${cellId} as cell_id,
       coalesce(vertex_x, 'nan') as x, coalesce(vertex_y, 'nan') as y,
       ${hasLabels ? "label_id" : "0"}::uinteger as label from ${table.sql}`,
    { coded: ["cell_id"] },
  );
  for await (const block of readAhead(rows)) {
    collector.add(
      runs.add(block.categories("cell_id")),
      block.numbers("x") as Coordinates,
      block.numbers("y") as Coordinates,
      block.numbers("label") as Uint32Array,
    );
  }
  if (collector.rowsWithoutCell > 0) {
    throw new SthelarError("CorruptData", {
      action: `Cannot read polygons from "${table.path}"`,
      found: `${collector.rowsWithoutCell} rows without cell_id`,
      expected: "a cell for each vertex",
      path: table.path,
    });
  }
  const { codes, levels } = categorical(runs.cellIds);
  return { path: table.path, rings: collector.finish(codes), ids: levels, hasLabels };
}

/** Finds where the rows of another cell start, over blocks. */
class CellRuns {
  /** Cell of each run, in the order of the file. */
  readonly cellIds: string[] = [];
  #last: string | undefined;

  /** 1 for each row that starts a run of one cell, 2 for a row without cell. */
  add({ codes, levels }: Categorical): Uint8Array {
    const starts = new Uint8Array(codes.length);
    for (let row = 0; row < codes.length; row++) {
      if (row > 0 && codes[row] === codes[row - 1] && codes[row] >= 0) continue;
      const id = levels[codes[row]] as string | undefined;
      if (id === undefined) starts[row] = 2;
      else if (row > 0 || id !== this.#last) {
        starts[row] = 1;
        this.cellIds.push(id);
      }
      this.#last = id;
    }
    return starts;
  }
}

function invalidPolygons(
  kind: string,
  path: string,
  dropped: readonly DroppedPolygon[],
): SthelarError {
  const first = dropped.slice(0, 10).map(({ cellId, labelId, reason }) =>
    `${cellId}${labelId === undefined ? "" : ` label ${labelId}`} (${reason})`
  );
  return new SthelarError("CorruptData", {
    action: `Cannot read ${kind} polygons from "${path}"`,
    found: `${dropped.length} invalid: ${first.join(", ")}${dropped.length > 10 ? ", …" : ""}`,
    expected: "at least 3 distinct vertices that are numbers in each",
    remedy: 'pass { invalid: "drop" } to leave them out and list them',
    path,
  });
}
