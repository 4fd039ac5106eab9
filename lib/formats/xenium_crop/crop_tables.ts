import type { Disk } from "@/core/disk.ts";
import { type DuckDb, quoteIdentifier } from "../parquet/mod.ts";
import { type BundleRole, openTranscripts, type XeniumBundle } from "../xenium/mod.ts";
import { preferredName } from "../xenium/bundle_files.ts";
import { cellIdSql } from "../xenium/id_suffix.ts";
import { openTable, type TableSchema, textKindOf } from "../xenium/table_schema.ts";
import { doubleSql, KEPT, VERTEX_TOLERANCE } from "./keep_cells.ts";
import { type PixelRectangle, roiOfPixels, umOfPixels } from "./snap_roi.ts";

/** What the tables of a bundle are cropped with; {@link KEPT} holds the cells. */
export interface TableCrop {
  readonly bundle: XeniumBundle;
  readonly db: DuckDb;
  /** Where to write. */
  readonly disk: Disk;
  /** The folder of the new bundle. */
  readonly folder: string;
  /** The region in pixels of the morphology image. */
  readonly region: PixelRectangle;
  /** Side of a pixel, µm. */
  readonly pixelUm: number;
}

const UNASSIGNED = { text: "'UNASSIGNED'", bytes: "'UNASSIGNED'::blob", integer: "-1" } as const;

/** Writes the kept rows of the table of cells, centroids shifted, in their order. */
export async function cropCells(crop: TableCrop): Promise<void> {
  const table = await openTable(crop.bundle, "cells", ["cell_id"]);
  const types = await sqlTypes(crop.db, table);
  const { x, y } = roiOfPixels(crop.region, crop.pixelUm);
  const shifted = replacements(types, {
    x_centroid: `x_centroid::double - ${doubleSql(x)}`,
    y_centroid: `y_centroid::double - ${doubleSql(y)}`,
  });
  await copyTable(crop, "cells", await keptRows(crop, "cells", table, shifted));
}

/**
 * Writes the polygons of the kept cells, shifted, in their order. Vertices lie on the lattice of
 * pixels (k x 0.2125 µm): those that do are shifted by whole pixels, without rounding errors.
 */
export async function cropBoundaries(
  crop: TableCrop,
  role: "cellBoundaries" | "nucleusBoundaries",
): Promise<void> {
  const { region, pixelUm } = crop;
  const table = await openTable(crop.bundle, role, ["cell_id", "vertex_x", "vertex_y"]);
  const types = await sqlTypes(crop.db, table);
  const shift = (column: string, pixels: number) => {
    const place = `(${column}::double / ${doubleSql(pixelUm)})`;
    return `case when abs(${place} - round(${place})) < ${VERTEX_TOLERANCE}
      then (round(${place}) - ${pixels}) * ${doubleSql(pixelUm)}
      else ${column}::double - ${doubleSql(umOfPixels(pixels, pixelUm))} end`;
  };
  const shifted = replacements(types, {
    vertex_x: shift("vertex_x", region.x),
    vertex_y: shift("vertex_y", region.y),
  });
  await copyTable(crop, role, await keptRows(crop, role, table, shifted));
}

/**
 * Writes the transcripts of the region from file to file, shifted, in their order. Those of a cell that is not kept
 * become unassigned and lie in no nucleus.
 */
export async function cropTranscripts(crop: TableCrop): Promise<void> {
  const { assignedSql, cellIdSql: cellId, table } = await openTranscripts(crop.bundle, crop.db);
  const types = await sqlTypes(crop.db, table);
  const kind = textKindOf(table, "cell_id");
  // An unsigned column can't hold -1.
  const idType = types.get("cell_id")?.startsWith("U") ? "BIGINT" : types.get("cell_id");
  const { region, pixelUm } = crop;
  const { x, y } = roiOfPixels(region, pixelUm);
  const right = umOfPixels(region.x + region.width, pixelUm);
  const bottom = umOfPixels(region.y + region.height, pixelUm);
  const changed = [
    `if(lost, ${UNASSIGNED[kind]}, cell_id)::${idType} as cell_id`,
    ...replacements(types, {
      overlaps_nucleus: "if(lost, 0, overlaps_nucleus::integer)",
      x_location: `x_location::double - ${doubleSql(x)}`,
      y_location: `y_location::double - ${doubleSql(y)}`,
    }),
  ];
  await copyTable(
    crop,
    "transcripts",
    `select * exclude (lost, file_row_number) replace (${changed.join(", ")}) from
       (select *, ${assignedSql}
          and ${cellId} not in (select id from ${KEPT}) as lost
        from ${table.numberedSql}
        where x_location >= ${doubleSql(x)} and x_location < ${doubleSql(right)}
          and y_location >= ${doubleSql(y)} and y_location < ${doubleSql(bottom)})
     order by file_row_number`,
  );
}

/** DuckDB's type of each column of a table. */
async function sqlTypes(db: DuckDb, table: TableSchema): Promise<ReadonlyMap<string, string>> {
  const columns = await db.query(
    `select column_name, column_type from (describe select * from ${table.sql})`,
    { text: ["column_name", "column_type"] },
  );
  const types = columns.text("column_type");
  return new Map(columns.text("column_name").map((name, i) => [name ?? "", types[i] ?? ""]));
}

/** New values of columns, in the types of the old ones; a column that is not there is left out. */
function replacements(
  types: ReadonlyMap<string, string>,
  expressions: Readonly<Record<string, string>>,
): string[] {
  return Object.entries(expressions).filter(([name]) => types.has(name)).map(([name, sql]) =>
    `(${sql})::${types.get(name)} as ${quoteIdentifier(name)}`
  );
}

async function keptRows(
  { bundle, db }: TableCrop,
  role: BundleRole,
  table: TableSchema,
  changed: readonly string[],
): Promise<string> {
  const replaced = changed.length === 0 ? "" : `replace (${changed.join(", ")})`;
  return `select * exclude (file_row_number) ${replaced} from ${table.numberedSql}
    where ${await cellIdSql(
    bundle,
    db,
    role,
    table,
  )} in (select id from ${KEPT}) order by file_row_number`;
}

async function copyTable(
  { bundle, db, disk, folder }: TableCrop,
  role: BundleRole,
  sql: string,
): Promise<void> {
  const name = croppedName(bundle, role);
  await disk.writeNative(`${folder}/${name}`, (localPath) => db.copyToParquet(sql, localPath));
}

/** A table keeps its name (which may carry the sample's) if it is a parquet file already. */
export function croppedName(bundle: XeniumBundle, role: BundleRole): string {
  const name = bundle.pathOf(role).slice(bundle.root.length + 1);
  return /\.(parquet|h5)$/.test(name) ? name : preferredName(role);
}
