import { assert, assertEquals } from "@std/assert";
import { decodeCellId, encodeCellId } from "@/core/ids.ts";
import { packPolygons } from "@/core/polygons.ts";
import {
  clipToRectangle,
  closeRing,
  cornersArea,
  polygonAreas,
  polygonCentroids,
  signedRingArea,
} from "@/geometry/mod.ts";
import type { Draw } from "./draw.ts";
import { forAll } from "./for_all.ts";
import { drawRing } from "./random_polygons.ts";

type Corners = (readonly [number, number])[];

/** A convex ring: corners of an ellipse. */
function drawConvex(draw: Draw): Corners {
  const count = draw.integer(3, 4 + draw.size);
  const [cx, cy, rx, ry] = [0, 0, 9, 9].map((limit) => draw.between(limit && 0.1, 10));
  return draw.list(count, (i) => {
    const angle = 2 * Math.PI * i / count;
    return [cx + rx * Math.cos(angle), cy + ry * Math.sin(angle)] as const;
  });
}

function drawRectangle(draw: Draw): [number, number, number, number] {
  const [x, y] = [draw.between(-5, 10), draw.between(-5, 10)];
  return [x, x + draw.between(0, 15), y, y + draw.between(0, 15)];
}

forAll("clip: the part inside is inside, no larger than either, and clipping again keeps it", {
  cases: 500,
}, (draw) => {
  const ring = drawConvex(draw), rectangle = drawRectangle(draw);
  const [xMin, xMax, yMin, yMax] = rectangle;
  const inside = clipToRectangle(ring, rectangle);
  for (const [x, y] of inside) {
    assert(x >= xMin - 1e-9 && x <= xMax + 1e-9 && y >= yMin - 1e-9 && y <= yMax + 1e-9);
  }
  const area = cornersArea(inside), rectangleArea = (xMax - xMin) * (yMax - yMin);
  assert(area <= Math.min(cornersArea(ring), rectangleArea) + 1e-9);
  assert(Math.abs(cornersArea(clipToRectangle(inside, rectangle)) - area) <= 1e-9);
});

forAll("clip: pieces on both sides of a line make up the whole", { cases: 300 }, (draw) => {
  const ring = drawConvex(draw), cut = draw.between(-2, 12);
  const left = clipToRectangle(ring, [-1e3, cut, -1e3, 1e3]);
  const right = clipToRectangle(ring, [cut, 1e3, -1e3, 1e3]);
  const sum = cornersArea(left) + cornersArea(right);
  assert(Math.abs(sum - cornersArea(ring)) <= 1e-9 * (1 + sum), `${sum}`);
});

forAll("clip: a rectangle clipped by itself is itself", { cases: 100 }, (draw) => {
  const rectangle = drawRectangle(draw);
  const [xMin, xMax, yMin, yMax] = rectangle;
  const corners = [[xMin, yMin], [xMax, yMin], [xMax, yMax], [xMin, yMax]] as const;
  assertEquals(clipToRectangle(corners, rectangle), [...corners]);
});

forAll("ring: its area does not depend on where it starts, and turns its sign with it", {
  cases: 300,
}, (draw) => {
  const ring = drawRing(draw, [draw.between(-99, 99), draw.between(-99, 99)], draw.between(1, 30));
  const corners = draw.list(ring.length / 2 - 1, (i) => [ring[2 * i], ring[2 * i + 1]]);
  const areaOf = (list: readonly (readonly number[])[]) =>
    signedRingArea(closeRing(list.flat()), 0, list.length + 1);
  const area = areaOf(corners);
  const start = draw.integer(0, corners.length - 1);
  const turned = [...corners.slice(start), ...corners.slice(0, start)];
  assert(Math.abs(areaOf(turned) - area) <= 1e-9 * (1 + Math.abs(area)));
  assert(Math.abs(areaOf(corners.toReversed()) + area) <= 1e-9 * (1 + Math.abs(area)));
  assertEquals(closeRing(closeRing(ring)), closeRing(ring));
});

forAll(
  "polygons: areas and centroids of the parts of a geometry add up",
  { cases: 200 },
  (draw) => {
    const rings = draw.list(draw.integer(1, 3), (i) => drawRing(draw, [100 * i, 7], 9));
    const whole = packPolygons([rings.map((ring) => [ring])]);
    const parts = packPolygons(rings.map((ring) => [[ring]]));
    const areas = polygonAreas(parts), [total] = polygonAreas(whole);
    assert(Math.abs(areas.reduce((a, b) => a + b) - total) <= 1e-9 * total);
    const centroids = polygonCentroids(parts), [x, y] = polygonCentroids(whole);
    const mean = (axis: number) =>
      areas.reduce((sum, area, i) => sum + area * centroids[2 * i + axis], 0) / total;
    assert(Math.abs(mean(0) - x) <= 1e-6 && Math.abs(mean(1) - y) <= 1e-6);
  },
);

Deno.test("ids: every corner of the 32 bits and of the suffix is read back", () => {
  const corners = [0, 1, 15, 16, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];
  const bits = Array.from({ length: 32 }, (_, bit) => 2 ** bit);
  for (const prefix of [...corners, ...bits]) {
    for (const suffix of [0, 1, 2, 10, 4294967295]) {
      assertEquals(decodeCellId(encodeCellId(prefix, suffix)), { prefix, suffix });
    }
  }
});

forAll("ids: any pair of numbers is read back, and order is kept", { cases: 500 }, (draw) => {
  const [a, b] = [draw.random.integer(2 ** 32), draw.random.integer(2 ** 32)];
  const suffix = draw.random.integer(2 ** 32);
  assertEquals(decodeCellId(encodeCellId(a, suffix)), { prefix: a, suffix });
  assertEquals(encodeCellId(a) < encodeCellId(b), a < b);
});
