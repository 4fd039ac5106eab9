import { assertEquals, assertRejects } from "@std/assert";
import { packPolygons } from "@/core/polygons.ts";
import { Random } from "@/core/random.ts";
import { countInPolygons, type PointBatch } from "@/numerics/count_in_polygons.ts";

const square = (x: number, y: number, side: number) => [
  [[x, y, x + side, y, x + side, y + side, x, y + side, x, y]],
];
// Two squares that share an edge, and one that overlaps both.
const polygons = packPolygons([square(0, 0, 1), square(1, 0, 1), square(0.5, 0.5, 1)]);

function randomPoints(count: number) {
  const random = new Random("points");
  return {
    x: Float32Array.from({ length: count }, () => 3 * random.uniform() - 0.5),
    y: Float32Array.from({ length: count }, () => 2 * random.uniform() - 0.25),
    feature_code: Int32Array.from({ length: count }, () => random.integer(4)),
  };
}

async function* inBatches(
  { x, y, feature_code }: PointBatch["columns"],
  size: number,
): AsyncGenerator<PointBatch> {
  for (let at = 0; at < x.length; at += size) {
    const end = Math.min(x.length, at + size);
    yield {
      rowCount: end - at,
      columns: {
        x: x.slice(at, end),
        y: y.slice(at, end),
        feature_code: feature_code.slice(at, end),
      },
    };
  }
}

Deno.test("counts do not depend on how points are cut into batches", async () => {
  const points = randomPoints(2000);
  for (const rule of ["first", "all"] as const) {
    const whole = await countInPolygons(inBatches(points, 2000), polygons, 4, { rule });
    const cut = await countInPolygons(inBatches(points, 17), polygons, 4, { rule });
    assertEquals(cut, whole);
  }
});

Deno.test("a point in two polygons, or on their common edge, counts once, or in each", async () => {
  const points = {
    x: Float32Array.of(1, 0.75, 2.4),
    y: Float32Array.of(0.25, 0.75, 0.5),
    feature_code: Int32Array.of(0, 1, 2),
  };
  const once = await countInPolygons(inBatches(points, 9), polygons, 3, { rule: "first" });
  assertEquals([once.assigned, once.unassigned, once.counted], [2, 1, 2]);
  assertEquals([...once.matrix.indptr], [0, 2, 2, 2]);
  const each = await countInPolygons(inBatches(points, 9), polygons, 3, { rule: "all" });
  assertEquals([each.assigned, each.unassigned, each.counted], [2, 1, 4]);
  assertEquals([...each.matrix.indptr], [0, 2, 3, 4]);
});

Deno.test("every batch is reported with the points so far", async () => {
  const seen: number[] = [];
  const onBatch = (points: number) => void seen.push(points);
  await countInPolygons(inBatches(randomPoints(10), 4), polygons, 4, { rule: "first", onBatch });
  assertEquals(seen, [4, 8, 10]);
});

Deno.test("a feature that does not exist is refused", async () => {
  const points = {
    x: Float32Array.of(0.5),
    y: Float32Array.of(0.25),
    feature_code: Int32Array.of(3),
  };
  await assertRejects(
    () => countInPolygons(inBatches(points, 1), polygons, 3, { rule: "first" }),
    RangeError,
  );
});
