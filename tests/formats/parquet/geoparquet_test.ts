import { assertEquals, assertRejects } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { packPolygons } from "@/core/polygons.ts";
import { localDisk, MemoryDisk } from "@/formats/disk/mod.ts";
import {
  type Column,
  parquetSchema,
  readGeoParquet,
  writeGeoParquet,
} from "@/formats/parquet/mod.ts";

const FIXTURES = new URL("../../fixtures/parquet", import.meta.url).pathname;
const square = [0, 0, 1, 0, 1, 1, 0, 1, 0, 0];

Deno.test("readGeoParquet() reads polygons, ids and columns of geopandas", async () => {
  const table = await readGeoParquet(localDisk, `${FIXTURES}/polygons.parquet`);
  assertEquals(table.ids, ["aaaaaaaa-1", "aaaaaaab-1"]);
  assertEquals(table.indexName, "cell_id");
  assertEquals(table.columns.names, ["area", "kind"]);
  assertEquals(table.columns.text("kind"), ["T", "B"]);
  if (table.geometries.kind !== "polygons") throw new Error("no polygons");
  const { geometryStart, polygonStart, ringStart } = table.geometries.polygons;
  assertEquals([...geometryStart], [0, 1, 3]);
  assertEquals([...polygonStart], [0, 2, 3, 4]);
  assertEquals([...ringStart], [0, 5, 10, 14, 18]);
});

Deno.test("readGeoParquet() reads circles and integer ids of geopandas", async () => {
  const table = await readGeoParquet(localDisk, `${FIXTURES}/circles.parquet`);
  assertEquals(table.ids, BigInt64Array.of(4n, 9n));
  assertEquals(table.indexName, null);
  assertEquals(table.geometries, { kind: "points", xy: Float64Array.of(1, 2, 3.5, 4) });
  assertEquals([...table.columns.numbers("radius")], [2, 3]);
});

Deno.test("readGeoParquet() refuses GeoArrow encoding with a remedy", async () => {
  const path = `${FIXTURES}/polygons_geoarrow.parquet`;
  const error = await assertRejects(() => readGeoParquet(localDisk, path), SthelarError);
  assertEquals([error.tag, error.path], ["UnsupportedVersion", path]);
});

Deno.test("readGeoParquet() refuses a parquet file without geometries", async () => {
  const path = `${FIXTURES}/types_zstd.parquet`;
  const error = await assertRejects(() => readGeoParquet(localDisk, path), SthelarError);
  assertEquals(error.tag, "CorruptData");
});

Deno.test("writeGeoParquet() and readGeoParquet() keep all, block by block", async () => {
  const disk = new MemoryDisk();
  const count = 50_003;
  const polygons = packPolygons(
    Array.from({ length: count }, (_, i) => [[square.map((value) => value + i)]]),
  );
  const ids = Array.from({ length: count }, (_, i) => `cell-${i}`);
  const columns = new Map<string, Column>([
    ["area", { kind: "numbers", values: Float64Array.from(ids, (_, i) => i) }],
  ]);
  await writeGeoParquet(disk, "/n.parquet", {
    ids,
    indexName: "cell_id",
    geometries: { kind: "polygons", polygons },
    columns,
  });
  const table = await readGeoParquet(disk, "/n.parquet");
  assertEquals(table.ids.length, count);
  assertEquals(table.ids[count - 1], `cell-${count - 1}`);
  assertEquals(table.geometries, { kind: "polygons", polygons });
  assertEquals(table.columns.numbers("area")[count - 1], count - 1);
  const { keyValueMetadata } = await parquetSchema(disk, "/n.parquet");
  const geo = JSON.parse(keyValueMetadata.get("geo") as string);
  assertEquals(geo.columns.geometry.crs, null);
  assertEquals(geo.columns.geometry.geometry_types, ["Polygon"]);
  assertEquals(geo.columns.geometry.bbox, [0, 0, count, count]);
});

Deno.test("writeGeoParquet() refuses fewer geometries than ids", async () => {
  const error = await assertRejects(
    () =>
      writeGeoParquet(new MemoryDisk(), "/n.parquet", {
        ids: ["a", "b"],
        geometries: { kind: "polygons", polygons: packPolygons([[[square]]]) },
      }),
    SthelarError,
    "1 geometries for 2 ids",
  );
  assertEquals(error.path, "/n.parquet");
});
