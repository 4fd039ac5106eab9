import { assertEquals } from "@std/assert";
import { packPolygons } from "@/core/polygons.ts";
import { MemoryDisk } from "@/formats/disk/mod.ts";
import {
  type Column,
  decodeWkb,
  encodeWkb,
  type Geometries,
  readGeoParquet,
  writeGeoParquet,
} from "@/formats/parquet/mod.ts";
import type { Draw } from "./draw.ts";
import { forAll } from "./for_all.ts";
import { drawPolygons, ringsOf } from "./random_polygons.ts";

/** Geometries of which some have no polygon. */
function drawGeometries(draw: Draw, count: number) {
  const whole = drawPolygons(draw, count);
  return packPolygons(draw.list(count, (g) => draw.chance(0.15) ? [] : ringsOf(whole, g)));
}

function drawColumn(draw: Draw, rows: number): Column {
  const missing = Uint8Array.from({ length: rows }, () => draw.integer(0, 1));
  const dtype = draw.pick(["int32", "int64", "float32", "float64", "uint8"] as const);
  return draw.pick<() => Column>([
    () => ({ kind: "numbers", values: draw.numbers(dtype, rows) }),
    () => ({
      kind: "text",
      values: draw.list(rows, () => draw.text().replaceAll("\ufeff", "") + "."),
    }),
    () => ({ kind: "booleans", values: missing }),
  ])();
}

async function checkRoundTrip(draw: Draw, rows: number, geometries: Geometries): Promise<void> {
  const disk = new MemoryDisk();
  const ids = draw.chance(0.3)
    ? BigInt64Array.from({ length: rows }, (_, i) => BigInt(i) * 3n - 9n)
    : draw.list(rows, (i) => `cell ${i}`);
  const columns = new Map([["extra", drawColumn(draw, rows)]]);
  const indexName = draw.pick([null, "cell_id"]);
  await writeGeoParquet(disk, "/a.parquet", { ids, indexName, geometries, columns });
  const table = await readGeoParquet(disk, "/a.parquet");
  assertEquals([table.ids, table.indexName], [ids, indexName]);
  assertEquals(table.columns.byName.get("extra"), columns.get("extra"));
  // A table without rows does not say what its geometries would be.
  if (rows > 0) assertEquals(table.geometries, geometries);
}

forAll("geoparquet: polygons with holes, several parts or none are read back", {
  cases: 60,
}, async (draw) => {
  const rows = draw.length();
  await checkRoundTrip(draw, rows, { kind: "polygons", polygons: drawGeometries(draw, rows) });
});

forAll("geoparquet: points are read back", { cases: 40 }, async (draw) => {
  const rows = draw.length();
  const xy = Float64Array.from({ length: 2 * rows }, () => draw.between(-1e6, 1e6));
  await checkRoundTrip(draw, rows, { kind: "points", xy });
});

forAll("wkb: any part of the geometries is read back", { cases: 80 }, (draw) => {
  const count = draw.length();
  const polygons = drawGeometries(draw, count);
  assertEquals(decodeWkb(encodeWkb(polygons)), polygons);
  const from = draw.integer(0, count), to = draw.integer(from, count);
  const part = packPolygons(draw.list(to - from, (i) => ringsOf(polygons, from + i)));
  assertEquals(decodeWkb(encodeWkb(polygons, from, to)), part);
});
