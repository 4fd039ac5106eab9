import { geometryCount, type MultiPolygons, packPolygons } from "@/core/polygons.ts";
import {
  columnLength,
  type Columns,
  countGeometries,
  decodeWkb,
  decodeWkbPoints,
  type DuckDb,
  encodeWkb,
  encodeWkbPoints,
  openDuckDb,
  parquetSchema,
  parquetTable,
  quoteIdentifier,
  readGeoParquet,
  readParquetColumns,
} from "@/formats/parquet/mod.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { diskOf, fixture, withLocalFiles } from "../seed_files.ts";
import { expectThat, type NamedSample, type Sample, type Target } from "../target.ts";

const PATH = "/t.parquet";
const CODECS = ["none", "snappy", "gzip", "zstd", "brotli"];

function seedFiles(names: readonly string[]): Promise<NamedSample[]> {
  return Promise.all(names.map(async (name): Promise<NamedSample> => ({
    name,
    files: new Map([[PATH, await fixture(`parquet/${name}.parquet`)]]),
  })));
}

/** Parquet, whole columns. */
export const parquetColumns: Target = {
  name: "parquet_columns",
  seeds: () => seedFiles(CODECS.map((codec) => `types_${codec}`)),
  async read(files) {
    const disk = diskOf(files);
    const { columns, rowCount, keyValueMetadata } = await parquetSchema(disk, PATH);
    const names = columns.filter(({ kind }) => kind !== "other").map(({ name }) => name);
    const read = await readParquetColumns(disk, PATH, names);
    expectThat(
      names.length === 0 || read.rowCount === rowCount,
      `${read.rowCount} of ${rowCount} rows`,
    );
    return [columns, keyValueMetadata, checked(read)];
  },
};

let shared: DuckDb | undefined;

/** One instance for all reads, with little memory. */
export async function sharedDuckDb(): Promise<DuckDb> {
  return shared ??= await openDuckDb({ memoryBytes: 256e6, threads: 1 });
}

/** Parquet by SQL. */
export const parquetSql: Target = {
  name: "parquet_sql",
  seeds: () => seedFiles(CODECS.map((codec) => `types_${codec}`)),
  read: (files) =>
    withLocalFiles(files, async (folder) => {
      const path = folder + PATH;
      const { columns, rowCount } = await parquetSchema(localDisk, path);
      const text = columns.filter(({ kind }) => kind !== "other" && kind !== "lists")
        .map(({ name }) => name);
      if (text.length === 0) return [];
      const selected = text.map((name) =>
        `${quoteIdentifier(name)}::varchar as ${quoteIdentifier(name)}`
      );
      const db = await sharedDuckDb();
      const read = await db.query(
        `select ${selected.join(", ")} from ${parquetTable([path])}`,
        { text },
      );
      expectThat(read.rowCount === rowCount, `${read.rowCount} of ${rowCount} rows`);
      return checked(read);
    }),
};

/** GeoParquet of polygons and of points. */
export const geoParquet: Target = {
  name: "geoparquet",
  seeds: () => seedFiles(["polygons", "circles"]),
  async read(files) {
    const { ids, geometries, columns, indexName } = await readGeoParquet(diskOf(files), PATH);
    const count = countGeometries(geometries);
    expectThat(ids.length === count, `${ids.length} ids for ${count} geometries`);
    if (geometries.kind === "polygons") checkPolygons(geometries.polygons);
    return [ids, geometries, checked(columns), indexName];
  },
};

const GEOMETRY = "/geometry.wkb";

/** Well-known binary by itself. */
export const wkb: Target = {
  name: "wkb",
  isPathless: true,
  seeds() {
    const square = [0, 0, 4, 0, 4, 4, 0, 4, 0, 0];
    const hole = [1, 1, 2, 1, 2, 2, 1, 2, 1, 1];
    const [one, two] = encodeWkb(packPolygons([[[square, hole]], [[square], [hole]]]));
    const [point] = encodeWkbPoints(Float64Array.of(1, 2));
    return Promise.resolve([["polygon", one], ["multi", two], ["point", point]].map(
      ([name, bytes]) => ({
        name: name as string,
        files: new Map([[GEOMETRY, new Uint8Array(bytes as Uint8Array)]]),
      }),
    ));
  },
  // deno-lint-ignore require-await -- targets read asynchronously
  async read(files: Sample, seed: string) {
    const bytes = files.get(GEOMETRY) ?? new Uint8Array();
    if (seed === "point") return decodeWkbPoints([bytes]);
    const polygons = decodeWkb([bytes]);
    checkPolygons(polygons);
    return polygons;
  },
};

/** Columns as they were read, once they agree with one another. */
export function checked(columns: Columns): unknown {
  for (const [name, column] of columns.byName) {
    const length = columnLength(column);
    expectThat(length === columns.rowCount, `"${name}" of ${length} rows for ${columns.rowCount}`);
    if (column.kind === "lists") {
      const last = column.starts[column.starts.length - 1];
      expectThat(last === column.values.length, `lists to ${last} of ${column.values.length}`);
    }
  }
  return columns.byName;
}

/** Polygons whose offsets lead to one another. */
export function checkPolygons(polygons: MultiPolygons): void {
  const { xy, ringStart, polygonStart, geometryStart } = polygons;
  const ends: [Int32Array, number][] = [
    [ringStart, xy.length / 2],
    [polygonStart, ringStart.length - 1],
    [geometryStart, polygonStart.length - 1],
  ];
  for (const [starts, end] of ends) {
    const isRising = starts.every((start, i) => i === 0 || start >= starts[i - 1]);
    expectThat(isRising && starts[0] === 0 && starts[starts.length - 1] === end, "offsets astray");
  }
  expectThat(geometryCount(polygons) >= 0, "no geometries");
}
