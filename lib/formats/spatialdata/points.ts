/*
 * Points: a table of parquet files with columns x, y (, z).
 *
 * | `spatialdata_attrs.version` | zarr |
 * |-----------------------------|------|
 * | 0.1                         | 2    |
 * | 0.2 (written)               | 3    |
 */
import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import type { OutputWriter } from "@/core/stage.ts";
import {
  type DuckDb,
  pandasIndexColumns,
  type ParquetColumnType,
  type ParquetSchema,
  parquetSchema,
  parquetTable,
  pointsMetadata,
  quoteIdentifier,
} from "@/formats/parquet/mod.ts";
import { createGroup, openGroup } from "@/formats/zarr/mod.ts";
import { compareNaturally } from "./natural_order.ts";
import { categoriesAsText, queryColumns } from "./points_columns.ts";
import { checkVersion } from "./raster_attributes.ts";
import { shapesTransformations } from "./shapes.ts";
import type { Axis, Transformations } from "./transformation.ts";
import { serializeTransformations } from "./transformation_json.ts";

/** Points to write. */
export interface PointsSpec {
  /** Axes of the coordinates. */
  readonly axes: readonly ["x", "y"] | readonly ["x", "y", "z"];
  /** Where they lie, by coordinate system. */
  readonly transformations: Transformations;
  /** Column that names what a point is (its gene); written as categories. */
  readonly featureKey?: string;
  /** Column that names the cell of a point. */
  readonly instanceKey?: string;
  /** More columns of texts to write as categories. */
  readonly categories?: readonly string[];
  /** Rows a row group. */
  readonly rowGroupSize?: number;
}

/** Writes a points element. */
export interface PointsWriter extends OutputWriter {
  /**
   * Writes the rows of a query, file to file: no row passes through JavaScript.
   *
   * @param sql A query with columns x, y (, z) and any others.
   * @throws {SthelarError} `InvalidArgument` if a coordinate is missing or has no number type.
   */
  fromQuery(db: DuckDb, sql: string): Promise<void>;
}

/** A points element: what is known without reading its rows. */
export interface Points {
  /** Name of the element. */
  readonly name: string;
  /** Axes of the coordinates. */
  readonly axes: readonly Axis[];
  /** Where they lie, by coordinate system. */
  readonly transformations: Transformations;
  /** Column that names what a point is. */
  readonly featureKey: string | undefined;
  /** Column that names the cell of a point. */
  readonly instanceKey: string | undefined;
  /** Columns, without those that only label rows. */
  readonly columns: readonly ParquetColumnType[];
  /** How many points there are. */
  readonly rowCount: number;
  /** Its parquet files, in order. */
  readonly parquetPaths: readonly string[];
  /** The SQL expression that reads them as one table, for `db.stream`; on the local disk only. */
  readonly table: string;
}

const VERSION = "0.2";

/**
 * Creates a points element below `storeRoot` and returns its writer.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 * import { openDuckDb } from "@/formats/parquet/mod.ts";
 * import { createPointsWriter, identity, openPoints } from "@/formats/spatialdata/mod.ts";
 *
 * const disk = new MemoryDisk();
 * using db = await openDuckDb({ memoryBytes: 256e6, threads: 1 });
 * const writer = createPointsWriter(disk, "/a.zarr", "st", {
 *   axes: ["x", "y"],
 *   featureKey: "feature_name",
 *   transformations: new Map([["global", identity]]),
 * });
 * await writer.fromQuery(db, "select 1::float as x, 2::float as y, 'CD3E' as feature_name");
 * await writer.finish();
 * assertEquals((await openPoints(disk, "/a.zarr/points/st")).rowCount, 1);
 * ```
 */
export function createPointsWriter(
  disk: Disk,
  storeRoot: string,
  name: string,
  spec: PointsSpec,
): PointsWriter {
  const path = `${storeRoot}/points/${name}`;
  return {
    fromQuery: async (db, sql) => {
      const categories = new Set([...(spec.categories ?? [])]);
      if (spec.featureKey !== undefined) categories.add(spec.featureKey);
      const columns = await queryColumns(db, sql, categories);
      checkCoordinates(path, columns, spec.axes);
      const keyValueMetadata = await pointsMetadata(columns);
      await disk.makeDirectory(`${path}/points.parquet`);
      await disk.writeNative(`${path}/points.parquet/part.0.parquet`, async (localPath) => {
        await db.copyToParquet(categoriesAsText(sql, columns), localPath, {
          keyValueMetadata,
          ...(spec.rowGroupSize === undefined ? {} : { rowGroupSize: spec.rowGroupSize }),
        });
      });
    },
    finish: async () => {
      const { axes, transformations, featureKey, instanceKey } = spec;
      await createGroup(disk, path, {
        "encoding-type": "ngff:points",
        axes,
        coordinateTransformations: serializeTransformations(transformations, axes),
        spatialdata_attrs: {
          ...(instanceKey === undefined ? {} : { instance_key: instanceKey }),
          ...(featureKey === undefined ? {} : { feature_key: featureKey }),
          version: VERSION,
        },
      });
    },
  };
}

/**
 * Opens a points element; no row is read.
 *
 * @param path Folder of the element: `<store>/points/<name>`.
 * @throws {SthelarError} `NotFound`, `CorruptData` or `UnsupportedVersion`.
 */
export async function openPoints(disk: Disk, path: string): Promise<Points> {
  const group = await openGroup(disk, path);
  checkVersion(path, group.attributes, ["0.1", VERSION]);
  const keys = group.attributes.spatialdata_attrs as {
    readonly feature_key?: string;
    readonly instance_key?: string;
  };
  const parquetPaths = await partFiles(disk, `${path}/points.parquet`);
  const schemas: ParquetSchema[] = [];
  for (const part of parquetPaths) schemas.push(await parquetSchema(disk, part));
  const columns = withoutIndex(parquetPaths[0], schemas[0]);
  return {
    name: path.slice(path.lastIndexOf("/") + 1),
    axes: (["x", "y", "z"] as const).filter((axis) => columns.some(({ name }) => name === axis)),
    transformations: shapesTransformations(group),
    featureKey: keys.feature_key,
    instanceKey: keys.instance_key,
    columns,
    rowCount: schemas.reduce((sum, { rowCount }) => sum + rowCount, 0),
    parquetPaths,
    table: parquetTable(parquetPaths),
  };
}

/** A rectangle in the points' own coordinates (µm), half open: a point on its right or lower edge is outside. */
export interface PointsBox {
  readonly minX: number;
  readonly minY: number;
  readonly maxX: number;
  readonly maxY: number;
}

/**
 * A query for some columns of points, of all or of those in a rectangle. Row groups whose statistics
 * exclude the rectangle are not read: transcripts that lie by field of view, as the instrument writes
 * them, cost what the fields in view cost.
 *
 * @throws {SthelarError} `InvalidArgument` for a rectangle with an edge that is no number.
 */
export function selectPoints(
  points: Points,
  columns: readonly string[],
  within?: PointsBox,
): string {
  const select = `select ${columns.map(quoteIdentifier).join(", ")} from ${points.table}`;
  if (within === undefined) return select;
  const { minX, minY, maxX, maxY } = within;
  if ([minX, minY, maxX, maxY].every(Number.isFinite)) {
    return `${select} where x >= ${minX} and x < ${maxX} and y >= ${minY} and y < ${maxY}`;
  }
  throw new SthelarError("InvalidArgument", {
    action: `Cannot query the points "${points.name}" by a rectangle`,
    found: `x ${minX} to ${maxX}, y ${minY} to ${maxY}`,
    expected: "finite numbers",
  });
}

/** dask writes a folder of `part.N.parquet`; a single file is read too. */
async function partFiles(disk: Disk, path: string): Promise<readonly string[]> {
  const stat = await disk.stat(path);
  if (stat !== undefined && !stat.isDirectory) return [path];
  const names = (await disk.list(path)).filter((name) => name.endsWith(".parquet"));
  if (names.length > 0) {
    return names.toSorted(compareNaturally).map((name) => `${path}/${name}`);
  }
  throw new SthelarError("NotFound", {
    action: `Cannot read the points "${path}"`,
    found: "no parquet file",
    expected: "part.0.parquet",
    path,
  });
}

function withoutIndex(
  path: string,
  { columns, keyValueMetadata }: ParquetSchema,
): readonly ParquetColumnType[] {
  const index = pandasIndexColumns(path, keyValueMetadata.get("pandas"));
  return columns.filter(({ name }) => index.every(({ column }) => column !== name));
}

function checkCoordinates(
  path: string,
  columns: readonly { readonly name: string; readonly type: { readonly kind: string } }[],
  axes: readonly Axis[],
): void {
  for (const axis of axes) {
    const column = columns.find(({ name }) => name === axis);
    if (column?.type.kind === "numbers") continue;
    throw new SthelarError("InvalidArgument", {
      action: `Cannot write the points "${path}"`,
      found: column === undefined
        ? `no column "${axis}"`
        : `a column "${axis}" of ${column.type.kind}`,
      expected: `numbers in columns ${axes.join(", ")}`,
      path,
    });
  }
}
