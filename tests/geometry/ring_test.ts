import { assert, assertEquals } from "@std/assert";
import { packPolygons } from "@/core/polygons.ts";
import {
  closeRing,
  distinctVertexCount,
  polygonAreas,
  polygonBounds,
  polygonCentroids,
  signedRingArea,
} from "@/geometry/mod.ts";

Deno.test("signedRingArea() turns its sign with the ring and keeps precision far from the origin", () => {
  const far = 2 ** 30;
  const ring = Float64Array.of(far, far, far + 1, far, far + 1, far + 1, far, far + 1, far, far);
  assertEquals(signedRingArea(ring, 0, 5), 1);
  const reversed = Float64Array.of(0, 0, 0, 1, 1, 1, 1, 0, 0, 0);
  assertEquals(signedRingArea(reversed, 0, 5), -1);
});

Deno.test("polygonCentroids() falls back to the boundary, then to the points", () => {
  const line = [0, 0, 4, 0, 0, 0], point = [5, 6, 5, 6, 5, 6];
  assertEquals([...polygonCentroids(packPolygons([[[line]], [[point]]]))], [2, 0, 5, 6]);
});

Deno.test("an empty geometry has no area, no centroid and inverted bounds", () => {
  const empty = packPolygons([[]]);
  assertEquals([...polygonAreas(empty)], [0]);
  assert(polygonCentroids(empty).every(Number.isNaN));
  assertEquals([...polygonBounds(empty)], [Infinity, Infinity, -Infinity, -Infinity]);
});

Deno.test("closeRing() leaves a closed ring and an empty one as they are", () => {
  assertEquals([...closeRing([0, 0, 1, 0, 1, 1, 0, 0])], [0, 0, 1, 0, 1, 1, 0, 0]);
  assertEquals([...closeRing([])], []);
  assertEquals([...closeRing([2, 3])], [2, 3, 2, 3]);
});

Deno.test("distinctVertexCount() counts repeated vertices once", () => {
  assertEquals(distinctVertexCount([0, 0, 1, 1, 0, 0, 1, 1, 0, 0], 0, 5), 2);
});
