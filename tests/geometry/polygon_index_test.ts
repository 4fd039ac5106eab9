import { assert, assertEquals, assertThrows } from "@std/assert";
import { isSthelarError, SthelarError } from "@/core/errors.ts";
import { geometryCount, type MultiPolygons, packPolygons } from "@/core/polygons.ts";
import { Random } from "@/core/random.ts";
import { closeRing, geometryIntersects, PolygonIndex } from "@/geometry/mod.ts";

function randomPolygons(random: Random, count: number, scale: number): MultiPolygons {
  const lattice = () => Math.round(random.uniform() * 40) * scale;
  const ring = (x: number, y: number, size: number) =>
    closeRing(
      Array.from({ length: 2 * (3 + random.integer(6)) }, (_, k) =>
        (k % 2 === 0 ? x : y) + Math.round(random.uniform() * size) * scale),
    );
  return packPolygons(
    Array.from({ length: count }, (_, g) =>
      Array.from({ length: g % 7 === 0 ? 2 : 1 }, () => {
        const x = lattice(), y = lattice(), size = g % 11 === 0 ? 30 : 5;
        return g % 5 === 0 ? [ring(x, y, size), ring(x, y, size / 2)] : [ring(x, y, size)];
      })),
  );
}

for (const scale of [1, 0.2125, 1e9, 1e-9]) {
  for (const type of [Float32Array, Float64Array]) {
    Deno.test(`PolygonIndex answers as the plain test of each pair: scale ${scale}, ${type.name}`, () => {
      const random = new Random(`index ${scale}`);
      const polygons = randomPolygons(random, 150, scale);
      const onLattice = (i: number) => i % 2 === 0 ? Math.round(random.uniform() * 48) : 0;
      const coordinate = (_: unknown, i: number) =>
        (onLattice(i) || random.uniform() * 50 - 1) * scale;
      const xs = new type(Float64Array.from({ length: 3000 }, coordinate));
      const ys = new type(Float64Array.from({ length: 3000 }, coordinate));
      const expected: string[] = [];
      for (let i = 0; i < xs.length; i++) {
        for (let g = 0; g < geometryCount(polygons); g++) {
          if (geometryIntersects(polygons, g, xs[i], ys[i])) expected.push(`${i} ${g}`);
        }
      }
      const index = new PolygonIndex(polygons);
      const matches: string[] = [];
      index.forEachMatch(xs, ys, (point, geometry) => matches.push(`${point} ${geometry}`));
      assertEquals(matches, expected);
      assert(matches.length > 1000);

      const first = new Map(
        expected.toReversed().map((pair) =>
          pair.split(" ").map(Number) as [
            number,
            number,
          ]
        ),
      );
      assertEquals([...index.locate(xs, ys)], Array.from(xs, (_, i) => first.get(i) ?? -1));
    });
  }
}

for (const vertices of [3, 7, 24, 31, 32, 33, 200]) {
  Deno.test(`PolygonIndex answers as the plain test for stars and strips of ${vertices} vertices`, () => {
    const random = new Random(`stars ${vertices}`);
    const star = (x: number, y: number, width: number, height: number) =>
      closeRing(
        Array.from({ length: vertices }, (_, k) => {
          const angle = 2 * Math.PI * k / vertices, radius = 0.3 + 0.7 * random.uniform();
          return [x + width * radius * Math.cos(angle), y + height * radius * Math.sin(angle)];
        }).flat(),
      );
    const polygons = packPolygons([
      ...Array.from({ length: 40 }, (_, k) => [[star(5 * (k % 8), 5 * (k >> 3), 3, 3)]]),
      [[star(20, 12, 30, 1e-4)]],
      [[star(20, 12, 1e-9, 30)]],
      [[star(20, 12, 15, 15), star(20, 12, 4, 4)]],
    ]);
    const onVertex = (axis: number) =>
      polygons.xy[2 * random.integer(polygons.xy.length / 2) + axis];
    const points = Array.from({ length: 4000 }, (_, i) => {
      if (i % 3 === 0) {
        const k = random.integer(polygons.xy.length / 2);
        return [polygons.xy[2 * k], polygons.xy[2 * k + 1]];
      }
      if (i % 3 === 1) return [onVertex(0), onVertex(1)];
      return [50 * random.uniform() - 5, 35 * random.uniform() - 5];
    });
    const xs = Float64Array.from(points, ([x]) => x), ys = Float64Array.from(points, ([, y]) => y);
    const expected = points.flatMap(([x, y], i) =>
      Array.from({ length: geometryCount(polygons) }, (_, g) => g)
        .filter((g) => geometryIntersects(polygons, g, x, y)).map((g) => `${i} ${g}`)
    );
    const matches: string[] = [];
    new PolygonIndex(polygons).forEachMatch(xs, ys, (i, g) => matches.push(`${i} ${g}`));
    assertEquals(matches, expected);
  });
}

Deno.test("PolygonIndex counts a point on a shared edge for both geometries, locates it in the first", () => {
  const left = [0, 0, 1, 0, 1, 1, 0, 1, 0, 0], right = [1, 0, 2, 0, 2, 1, 1, 1, 1, 0];
  const index = new PolygonIndex(packPolygons([[[left]], [[right]]]));
  const matches: number[][] = [];
  index.forEachMatch(
    Float64Array.of(1, 1),
    Float64Array.of(0.5, 1),
    (p, g) => matches.push([p, g]),
  );
  assertEquals(matches, [[0, 0], [0, 1], [1, 0], [1, 1]]);
  assertEquals([...index.locate(Float64Array.of(1), Float64Array.of(0.5))], [0]);
});

Deno.test("PolygonIndex matches a geometry once where two of its polygons overlap", () => {
  const one = [0, 0, 2, 0, 2, 2, 0, 2, 0, 0], other = [1, 1, 3, 1, 3, 3, 1, 3, 1, 1];
  const index = new PolygonIndex(packPolygons([[[one], [other]]]));
  let matches = 0;
  index.forEachMatch(Float64Array.of(1.5), Float64Array.of(1.5), () => matches++);
  assertEquals(matches, 1);
});

Deno.test("PolygonIndex finds nothing for points that are not numbers, far away, or without polygons", () => {
  const square = packPolygons([[[[0, 0, 1, 0, 1, 1, 0, 1, 0, 0]]], []]);
  const xs = Float64Array.of(NaN, 0.5, Infinity, 1e300), ys = Float64Array.of(0.5, NaN, 0, -1e300);
  assertEquals([...new PolygonIndex(square).locate(xs, ys)], [-1, -1, -1, -1]);
  assertEquals([...new PolygonIndex(packPolygons([])).locate(xs, ys)], [-1, -1, -1, -1]);
});

Deno.test("PolygonIndex keeps its memory linear however the polygons lie", () => {
  const square = (x: number, y: number, size: number) => [[[
    ...[x, y, x + size, y, x + size, y + size, x, y + size, x, y],
  ]]];
  const layouts = {
    "one giant among many": Array.from(
      { length: 2000 },
      (_, i) => square(i % 50, Math.floor(i / 50), i === 7 ? 1e6 : 0.5),
    ),
    "two far apart": [square(0, 0, 1e-3), square(1e9, 1e9, 1e-3)],
    "half giant": Array.from({ length: 2000 }, (_, i) => square(i, i, i % 2 ? 1e5 : 0.1)),
    "thin and long": Array.from(
      { length: 2000 },
      (_, i) => [[[0, i, 1e6, i, 1e6, i + 1e-3, 0, i]]],
    ),
    "all at one point": Array.from({ length: 2000 }, () => [[[3, 3, 3, 3, 3, 3, 3, 3]]]),
  };
  for (const [name, geometries] of Object.entries(layouts)) {
    const index = new PolygonIndex(packPolygons(geometries));
    const perPolygon = index.byteLength / geometries.length;
    assert(perPolygon < 1000, `${name}: ${perPolygon} bytes a polygon`);
  }
});

for (
  const [found, ring] of [
    ["an open ring", [0, 0, 1, 0, 1, 1]],
    ["not finite", [0, 0, NaN, 0, 1, 1, 0, 0]],
  ] as const
) {
  Deno.test(`PolygonIndex refuses ${found}`, () => {
    const error = assertThrows(
      () => new PolygonIndex(packPolygons([[[[0, 0, 1, 0, 1, 1, 0, 0]]], [[ring]]])),
      SthelarError,
      found,
    );
    assert(isSthelarError(error, "InvalidArgument"));
    assert(error.message.includes("polygon 1"));
  });
}
