import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { packPolygons } from "@/core/polygons.ts";
import {
  closeRing,
  geometryIntersects,
  polygonAreas,
  polygonBounds,
  polygonCentroids,
  PolygonIndex,
} from "@/geometry/mod.ts";

interface Case {
  readonly name: string;
  readonly polygons: number[][][];
  readonly area: number;
  readonly centroid: [number, number];
  readonly bounds: number[];
  readonly points: number[];
  readonly intersects: string;
}

const file = new URL("../fixtures/geometry/shapely_golden.json", import.meta.url);
const { cases } = JSON.parse(Deno.readTextFileSync(file)) as { readonly cases: readonly Case[] };

for (const golden of cases) {
  const polygons = packPolygons([golden.polygons.map((rings) => rings.map(closeRing))]);
  const scale = Math.max(...golden.bounds.map(Math.abs));

  Deno.test(`polygonIntersects() agrees with shapely on ${golden.name}`, () => {
    const xs = Float64Array.from(golden.intersects, (_, i) => golden.points[2 * i]);
    const ys = Float64Array.from(golden.intersects, (_, i) => golden.points[2 * i + 1]);
    const plain = Array.from(xs, (x, i) => +geometryIntersects(polygons, 0, x, ys[i])).join("");
    const index = new PolygonIndex(polygons);
    const fast = Array.from(index.locate(xs, ys), (g) => g + 1).join("");
    const all = new Array(xs.length).fill(0);
    index.forEachMatch(xs, ys, (point) => all[point]++);
    assertEquals(plain, golden.intersects);
    assertEquals(fast, golden.intersects);
    assertEquals(all.join(""), golden.intersects);
    assert(new Set(golden.intersects).size === 2, "a case must have points on both sides");
  });

  Deno.test(`areas, centroids and bounds agree with shapely on ${golden.name}`, () => {
    const [x, y] = polygonCentroids(polygons);
    assertAlmostEquals(polygonAreas(polygons)[0], golden.area, 1e-14 * scale * scale);
    assertAlmostEquals(x, golden.centroid[0], 1e-13 * scale);
    assertAlmostEquals(y, golden.centroid[1], 1e-13 * scale);
    assertEquals([...polygonBounds(polygons)], golden.bounds);
  });
}
