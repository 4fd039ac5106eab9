import { assertEquals } from "@std/assert";
import { packPolygons } from "@/core/polygons.ts";
import { findSelfCrossing, isPlainlyValid } from "@/geometry/mod.ts";

const one = (...ring: number[]) => packPolygons([[[ring]]]);

Deno.test("findSelfCrossing() names the edges that cross", () => {
  assertEquals(findSelfCrossing(one(0, 0, 2, 2, 2, 0, 0, 2, 0, 0), 0)?.edges, [0, 2]);
  assertEquals(findSelfCrossing(one(0, 0, 4, 0, 4, 4, 2, 0, 0, 4, 0, 0), 0)?.edges, [0, 2]);
  assertEquals(findSelfCrossing(one(0, 0, 4, 0, 4, 4, 0, 0), 0), undefined);
});

Deno.test("a spike and a ring without area are crossings, repeated vertices are none", () => {
  assertEquals(findSelfCrossing(one(0, 0, 4, 0, 4, 2, 7, 2, 4, 2, 4, 4, 0, 0), 0)?.edges, [1, 3]);
  assertEquals(findSelfCrossing(one(0, 0, 2, 2, 0, 0), 0)?.edges, [0, 1]);
  assertEquals(isPlainlyValid(one(0, 0, 0, 0, 4, 0, 4, 0, 4, 4, 0, 0), 0), true);
});

Deno.test("a ring of another polygon is counted on", () => {
  const two = packPolygons([[[[0, 0, 1, 0, 0, 1, 0, 0]], [[5, 5, 7, 7, 7, 5, 5, 7, 5, 5]]]]);
  assertEquals(findSelfCrossing(two, 0), { ring: 1, edges: [0, 2] });
  assertEquals(isPlainlyValid(two, 0), false);
});
