import { assertEquals } from "@std/assert";
import type { MultiPolygons } from "@/core/polygons.ts";
import { geometryCount, packPolygons } from "@/core/polygons.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import { type OverlapRule, polygonIntersects } from "@/geometry/mod.ts";
import { countInPolygons, type PointBatch } from "@/numerics/count_in_polygons.ts";
import type { Draw } from "./draw.ts";
import { forAll } from "./for_all.ts";
import { drawPolygons, ringsOf } from "./random_polygons.ts";

const FEATURES = 5;

interface Points {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly feature: Int32Array;
}

/** Points, many of them on a lattice where polygons have their corners and edges. */
function drawPoints(draw: Draw, count: number, step: number): Points {
  const place = () => {
    const value = draw.between(-3, 23);
    return draw.chance(0.5) ? Math.round(value / step) * step : value;
  };
  return {
    x: Float64Array.from({ length: count }, place),
    y: Float64Array.from({ length: count }, place),
    feature: Int32Array.from({ length: count }, () => draw.integer(0, FEATURES - 1)),
  };
}

async function* inBatches({ x, y, feature }: Points, size: number): AsyncGenerator<PointBatch> {
  for (let at = 0; at < x.length; at += size) {
    const [from, to] = [at, Math.min(x.length, at + size)];
    const columns = {
      x: x.slice(from, to),
      y: y.slice(from, to),
      feature_code: feature.slice(from, to),
    };
    yield await Promise.resolve({ rowCount: to - from, columns });
  }
}

function count(points: Points, polygons: MultiPolygons, rule: OverlapRule, batch = 64) {
  return countInPolygons(inBatches(points, batch), polygons, FEATURES, { rule });
}

function permuted(points: Points, order: Int32Array): Points {
  return {
    x: Float64Array.from(order, (i) => points.x[i]),
    y: Float64Array.from(order, (i) => points.y[i]),
    feature: Int32Array.from(order, (i) => points.feature[i]),
  };
}

function dense({ shape, data, indices, indptr }: SparseMatrix): number[][] {
  return Array.from({ length: shape[0] }, (_, row) => {
    const values = new Array<number>(shape[1]).fill(0);
    for (let k = Number(indptr[row]); k < Number(indptr[row + 1]); k++) {
      values[Number(indices[k])] += Number(data[k]);
    }
    return values;
  });
}

/** Counts by asking every polygon about every point. */
function plainCounts({ x, y, feature }: Points, polygons: MultiPolygons, rule: OverlapRule) {
  const rows = Array.from({ length: geometryCount(polygons) }, () => new Array(FEATURES).fill(0));
  let assigned = 0;
  const { geometryStart } = polygons;
  x.forEach((_, i) => {
    let hits = 0;
    for (let g = 0; g < rows.length && (rule === "all" || hits === 0); g++) {
      const isIn = Array.from(
        { length: geometryStart[g + 1] - geometryStart[g] },
        (_, p) => polygonIntersects(polygons, geometryStart[g] + p, x[i], y[i]),
      ).some((inside) => inside);
      if (!isIn) continue;
      rows[g][feature[i]]++;
      hits++;
    }
    if (hits > 0) assigned++;
  });
  return { rows, assigned };
}

function drawCase(draw: Draw) {
  const step = draw.pick([1, 0.25]);
  const polygons = drawPolygons(draw, draw.integer(0, 2 * draw.size), draw.pick([0, step]));
  const points = drawPoints(draw, draw.integer(0, 40 * draw.size), step);
  return { polygons, points, rule: draw.pick(["first", "all"] as const) };
}

forAll("counting: every point is assigned or unassigned, and counted where it lies (sopa #389)", {
  cases: 120,
  size: 10,
}, async (draw) => {
  const { polygons, points, rule } = drawCase(draw);
  const { matrix, assigned, unassigned, counted } = await count(points, polygons, rule);
  const plain = plainCounts(points, polygons, rule);
  assertEquals(dense(matrix), plain.rows);
  assertEquals([assigned, unassigned], [plain.assigned, points.x.length - plain.assigned]);
  assertEquals(counted, plain.rows.flat().reduce((a, b) => a + b, 0));
  if (rule === "first") assertEquals(counted, assigned);
});

forAll("counting: the order of the points and their batches change nothing", {
  cases: 60,
  size: 10,
}, async (draw) => {
  const { polygons, points, rule } = drawCase(draw);
  const shuffled = permuted(points, draw.permutation(points.x.length));
  assertEquals(
    await count(shuffled, polygons, rule, draw.integer(1, 100)),
    await count(points, polygons, rule, 64),
  );
});

forAll("counting: permuted cells give permuted rows", { cases: 60, size: 10 }, async (draw) => {
  const { polygons, points } = drawCase(draw);
  const order = draw.permutation(geometryCount(polygons));
  const other = packPolygons(Array.from(order, (g) => ringsOf(polygons, g)));
  const rows = dense((await count(points, polygons, "all")).matrix);
  assertEquals(
    dense((await count(points, other, "all")).matrix),
    Array.from(order, (g) => rows[g]),
  );
});

forAll("counting: permuted features give permuted columns", { cases: 40 }, async (draw) => {
  const { polygons, points, rule } = drawCase(draw);
  const place = draw.permutation(FEATURES);
  const renamed = { ...points, feature: points.feature.map((code) => place[code]) };
  const rows = dense((await count(points, polygons, rule)).matrix);
  const moved = dense((await count(renamed, polygons, rule)).matrix);
  assertEquals(moved.map((row) => Array.from(place, (to) => row[to])), rows);
});

forAll("counting: scaling everything by a power of two changes nothing", {
  cases: 40,
}, async (draw) => {
  const { polygons, points, rule } = drawCase(draw);
  const factor = 2 ** draw.integer(-30, 30);
  const scaled = { ...polygons, xy: polygons.xy.map((value) => value * factor) };
  const far = {
    ...points,
    x: points.x.map((value) => value * factor),
    y: points.y.map((value) => value * factor),
  };
  assertEquals(await count(far, scaled, rule), await count(points, polygons, rule));
});
