/*
 * GeoParquet as geopandas writes it.
 *
 * | `version` in key `geo` | differences that matter here |
 * |------------------------|------------------------------|
 * | 0.4, 1.0.0             | encoding "WKB" only |
 * | 1.1.0 (written)        | also GeoArrow encodings, which are refused on reading |
 */
import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { geometryCount, type MultiPolygons } from "@/core/polygons.ts";
import { type Column, columnLength, Columns } from "./columns.ts";
import { parseFileJson } from "./file_json.ts";
import { pandasIndexColumns } from "./pandas_index.ts";
import { pandasType } from "./pandas_metadata.ts";
import { openParquet } from "./parquet_file.ts";
import { readParquetColumns } from "./read_parquet.ts";
import { decodeWkb, decodeWkbPoints, encodeWkb, encodeWkbPoints, isWkbPoint } from "./wkb.ts";
import { type BlockColumn, blockColumn, writeBlockColumns } from "./write_parquet.ts";

/** Geometries of one kind, one a row. */
export type Geometries =
  | { readonly kind: "polygons"; readonly polygons: MultiPolygons }
  | { readonly kind: "points"; readonly xy: Float64Array };

/** A table with a geometry a row. */
export interface GeoTable {
  /** Row labels: texts or integers. */
  readonly ids: readonly string[] | BigInt64Array;
  /** Name of the row labels, `null` if they have none. */
  readonly indexName: string | null;
  /** The geometries. */
  readonly geometries: Geometries;
  /** The other columns. */
  readonly columns: Columns;
}

/** What {@link writeGeoParquet} writes. */
export interface GeoTableSpec {
  /** Row labels. */
  readonly ids: readonly string[] | BigInt64Array;
  /** Name of the row labels, none by default. */
  readonly indexName?: string | null;
  /** The geometries, as many as ids. */
  readonly geometries: Geometries;
  /** More columns, by name. */
  readonly columns?: ReadonlyMap<string, Column>;
}

const GEOMETRY = "geometry";
const UNNAMED_INDEX = "__index_level_0__";
const ROW_GROUP_SIZE = 50_000;

/**
 * Writes geometries with their ids and columns so that `geopandas.read_parquet` gives them back, ids
 * as the index. There is no coordinate reference system: the plane is a slide, not the earth.
 *
 * @throws {SthelarError} `InvalidArgument` if ids, geometries and columns differ in number.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { packPolygons } from "@/core/polygons.ts";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 * import { readGeoParquet, writeGeoParquet } from "@/formats/parquet/mod.ts";
 *
 * const disk = new MemoryDisk();
 * const polygons = packPolygons([[[[0, 0, 2, 0, 0, 2, 0, 0]]]]);
 * await writeGeoParquet(disk, "/nuclei.parquet", {
 *   ids: ["aaaaaaaa-1"],
 *   geometries: { kind: "polygons", polygons },
 * });
 * assertEquals((await readGeoParquet(disk, "/nuclei.parquet")).ids, ["aaaaaaaa-1"]);
 * ```
 */
export async function writeGeoParquet(disk: Disk, path: string, spec: GeoTableSpec): Promise<void> {
  const { ids, indexName = null, geometries, columns = new Map<string, Column>() } = spec;
  checkLengths(path, spec);
  const indexColumn = indexName ?? UNNAMED_INDEX;
  const index: Column = ids instanceof BigInt64Array
    ? { kind: "numbers", values: ids }
    : { kind: "text", values: ids };
  const blocks: BlockColumn[] = [
    geometryColumn(geometries),
    ...[...columns].map(([name, column]) => blockColumn(name, column, ids.length)),
    blockColumn(indexColumn, index, ids.length),
  ];
  await writeBlockColumns(disk, path, blocks, ids.length, {
    index: { column: indexColumn, name: indexName },
    keyValueMetadata: { geo: geoMetadata(geometries) },
    rowGroupSize: ROW_GROUP_SIZE,
  });
}

/**
 * Reads a GeoParquet file of polygons or points.
 *
 * @throws {SthelarError} `NotFound`, `CorruptData` or, for GeoArrow encodings, `UnsupportedVersion`.
 */
export async function readGeoParquet(disk: Disk, path: string): Promise<GeoTable> {
  const { schema } = await openParquet(disk, path);
  const geo = geometryInfo(path, schema.keyValueMetadata.get("geo"));
  const [index] = pandasIndexColumns(path, schema.keyValueMetadata.get("pandas"));
  const all = await readParquetColumns(disk, path);
  const wkb = all.bytes(geo);
  const skipped = new Set([geo, index?.column]);
  const rest = new Map([...all.byName].filter(([name]) => !skipped.has(name)));
  return {
    ids: idsOf(all, index?.column),
    indexName: index?.name ?? null,
    geometries: wkb.length > 0 && isWkbPoint(wkb[0])
      ? { kind: "points", xy: decodeWkbPoints(wkb, path) }
      : { kind: "polygons", polygons: decodeWkb(wkb, path) },
    columns: new Columns(path, rest),
  };
}

/** How many geometries there are. */
export function countGeometries(geometries: Geometries): number {
  return geometries.kind === "points"
    ? geometries.xy.length / 2
    : geometryCount(geometries.polygons);
}

function checkLengths(path: string, { ids, geometries, columns = new Map() }: GeoTableSpec): void {
  const counts: readonly (readonly [string, number])[] = [
    ["geometries", countGeometries(geometries)],
    ...[...columns].map(([name, column]) => [`rows of "${name}"`, columnLength(column)] as const),
  ];
  for (const [what, count] of counts) {
    if (count === ids.length) continue;
    throw new SthelarError("InvalidArgument", {
      action: `Cannot write "${path}"`,
      found: `${count} ${what} for ${ids.length} ids`,
      expected: "as many as ids",
      path,
    });
  }
}

function geometryColumn(geometries: Geometries): BlockColumn {
  return {
    name: GEOMETRY,
    type: pandasType({ kind: "bytes", values: [] }),
    block: (start, end) =>
      geometries.kind === "points"
        ? encodeWkbPoints(geometries.xy.subarray(2 * start, 2 * end))
        : encodeWkb(geometries.polygons, start, end),
  };
}

function geoMetadata(geometries: Geometries): string {
  const xy = geometries.kind === "points" ? geometries.xy : geometries.polygons.xy;
  const bbox = boundingBox(xy);
  return JSON.stringify({
    primary_column: GEOMETRY,
    columns: {
      [GEOMETRY]: {
        encoding: "WKB",
        crs: null,
        geometry_types: geometryTypes(geometries),
        ...(bbox === undefined ? {} : { bbox }),
      },
    },
    version: "1.1.0",
    creator: { library: "sthelar", version: "1" },
  });
}

function geometryTypes(geometries: Geometries): string[] {
  if (geometries.kind === "points") return geometries.xy.length === 0 ? [] : ["Point"];
  const { geometryStart } = geometries.polygons;
  const types = new Set<string>();
  for (let g = 0; g + 1 < geometryStart.length && types.size < 2; g++) {
    types.add(geometryStart[g + 1] - geometryStart[g] === 1 ? "Polygon" : "MultiPolygon");
  }
  return [...types].sort();
}

function boundingBox(xy: Float64Array): number[] | undefined {
  if (xy.length === 0) return undefined;
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < xy.length; i += 2) {
    box[0] = Math.min(box[0], xy[i]);
    box[1] = Math.min(box[1], xy[i + 1]);
    box[2] = Math.max(box[2], xy[i]);
    box[3] = Math.max(box[3], xy[i + 1]);
  }
  return box.every(Number.isFinite) ? box : undefined;
}

function geometryInfo(path: string, json: string | undefined): string {
  if (json === undefined) {
    throw new SthelarError("CorruptData", {
      action: `Cannot read geometries of "${path}"`,
      found: 'no "geo" metadata',
      expected: "a GeoParquet file",
      path,
    });
  }
  const { primary_column: name = GEOMETRY, columns } = parseFileJson(path, "geo", json);
  const described = (columns as Readonly<Record<string, unknown>> | undefined)?.[String(name)];
  const encoding = (described as { readonly encoding?: unknown } | null | undefined)?.encoding;
  if (encoding === "WKB") return String(name);
  throw new SthelarError("UnsupportedVersion", {
    action: `Cannot read geometries of "${path}"`,
    found: `encoding "${encoding}"`,
    expected: "WKB",
    remedy: 'write it again with geometry_encoding="WKB"',
    path,
  });
}

function idsOf(all: Columns, name: string | undefined): readonly string[] | BigInt64Array {
  if (name === undefined) return BigInt64Array.from({ length: all.rowCount }, (_, i) => BigInt(i));
  const column = all.column(name);
  if (column.kind === "text") return column.values.map((value) => value ?? "");
  return BigInt64Array.from(all.numbers(name) as Int32Array, (value) => BigInt(value));
}
