/*
 * Shapes: polygons or circles with ids.
 *
 * | `spatialdata_attrs.version` | zarr | geometries |
 * |-----------------------------|------|------------|
 * | 0.1                         | 2    | ragged arrays `coords`, `offset0` …, `Index`, `radius` |
 * | 0.2                         | 2    | `shapes.parquet` (GeoParquet) |
 * | 0.3 (written)               | 3    | `shapes.parquet` (GeoParquet) |
 */
import type { Disk } from "@/core/disk.ts";
import type { MultiPolygons } from "@/core/polygons.ts";
import {
  type Column,
  countGeometries,
  type GeoTable,
  readGeoParquet,
  writeGeoParquet,
} from "@/formats/parquet/mod.ts";
import { createGroup, openGroup, type ZarrGroup } from "@/formats/zarr/mod.ts";
import { checkVersion } from "./raster_attributes.ts";
import { readRaggedShapes } from "./ragged_shapes.ts";
import type { Transformations } from "./transformation.ts";
import { parseTransformations, serializeTransformations } from "./transformation_json.ts";

/** Polygons with ids and columns. */
export interface Shapes extends GeoTable {
  /** Name of the element. */
  readonly name: string;
  /** Where they lie, by coordinate system. */
  readonly transformations: Transformations;
}

/** Shapes to write. */
export interface ShapesSpec {
  /** A label a geometry: texts or integers. */
  readonly ids: readonly string[] | BigInt64Array;
  /** Name of the labels, none by default. */
  readonly indexName?: string | null;
  /** The geometries. */
  readonly geometries: MultiPolygons;
  /** More columns, by name. */
  readonly columns?: ReadonlyMap<string, Column>;
  /** Where they lie, by coordinate system. */
  readonly transformations: Transformations;
}

const VERSION = "0.3";
const AXES = ["x", "y"] as const;

/**
 * Writes polygons as a shapes element below `storeRoot`.
 *
 * @throws {SthelarError} `InvalidArgument` if numbers of rows differ or a ring is open.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { packPolygons } from "@/core/polygons.ts";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 * import { identity, readShapes, writeShapes } from "@/formats/spatialdata/mod.ts";
 *
 * const disk = new MemoryDisk();
 * await writeShapes(disk, "/a.zarr", "nuclei", {
 *   ids: ["aaaaaaaa-1"],
 *   geometries: packPolygons([[[[0, 0, 2, 0, 0, 2, 0, 0]]]]),
 *   transformations: new Map([["global", identity]]),
 * });
 * assertEquals((await readShapes(disk, "/a.zarr/shapes/nuclei")).ids, ["aaaaaaaa-1"]);
 * ```
 */
export async function writeShapes(
  disk: Disk,
  storeRoot: string,
  name: string,
  spec: ShapesSpec,
): Promise<void> {
  const path = `${storeRoot}/shapes/${name}`;
  await writeGeoParquet(disk, `${path}/shapes.parquet`, {
    ...spec,
    geometries: { kind: "polygons", polygons: spec.geometries },
  });
  await createGroup(disk, path, {
    "encoding-type": "ngff:shapes",
    axes: AXES,
    coordinateTransformations: serializeTransformations(spec.transformations, AXES),
    spatialdata_attrs: { version: VERSION },
  });
}

/**
 * Reads a shapes element whole.
 *
 * @param path Folder of the element: `<store>/shapes/<name>`.
 * @throws {SthelarError} `NotFound`, `CorruptData` or `UnsupportedVersion`.
 */
export async function readShapes(disk: Disk, path: string): Promise<Shapes> {
  const group = await openGroup(disk, path);
  const version = checkVersion(path, group.attributes, ["0.1", "0.2", VERSION]);
  const table = version === "0.1"
    ? await readRaggedShapes(group)
    : await readGeoParquet(disk, `${path}/shapes.parquet`);
  return {
    ...table,
    name: path.slice(path.lastIndexOf("/") + 1),
    transformations: shapesTransformations(group),
  };
}

/** Where a shapes or points element lies. */
export function shapesTransformations({ path, attributes }: ZarrGroup): Transformations {
  return parseTransformations(attributes.coordinateTransformations, path);
}

/** Rows and columns (with the geometry) as geopandas counts them. */
export function shapesExtent(shapes: Shapes): readonly [rows: number, columns: number] {
  return [countGeometries(shapes.geometries), 1 + shapes.columns.names.length];
}
