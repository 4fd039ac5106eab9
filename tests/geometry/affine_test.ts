import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { packPolygons } from "@/core/polygons.ts";
import { Random } from "@/core/random.ts";
import {
  type Affine,
  affine,
  affineFromMatrix,
  applyAffine,
  composeAffine,
  determinant,
  invertAffine,
  polygonAreas,
  transformPolygons,
} from "@/geometry/mod.ts";

Deno.test("invertAffine() leads back, at any scale", () => {
  const random = new Random("affine");
  for (const scale of [1, 1e9, 1e-9]) {
    for (let k = 0; k < 100; k++) {
      const [a, b, c, d, e, f] = Array.from({ length: 6 }, () => random.normal() * scale);
      const map = affine("a", "b", [a, b, c, d, e, f]);
      const round = composeAffine(map, invertAffine(map)) as Affine;
      const [x, y] = applyAffine(round, 3, -7);
      assertAlmostEquals(x, 3, 1e-9);
      assertAlmostEquals(y, -7, 1e-9);
    }
  }
});

Deno.test("affineFromMatrix() reads a 10x alignment: a quarter turn of 0.274 um pixels", () => {
  const map = affineFromMatrix("he_pixel", "global", [
    [0.0111, 1.2896, 808],
    [-1.2896, 0.0111, 73097.7],
    [0, 0, 1],
  ]);
  assertEquals(applyAffine(map, 0, 0), [808, 73097.7]);
  assertAlmostEquals(Math.sqrt(determinant(map)) * 0.2125, 0.27406, 1e-5);
});

Deno.test("transformPolygons() multiplies areas by the determinant", () => {
  const square = packPolygons([[[[0, 0, 1, 0, 1, 1, 0, 1, 0, 0]]]]);
  const map = affine("micron", "pixel", [2, 1, 5, 0, -3, 5]);
  assertAlmostEquals(polygonAreas(transformPolygons(map, square))[0], Math.abs(determinant(map)));
});

for (
  const coefficients of [
    [0, 0, 1, 0, 0, 1],
    [1, 2, 0, 2, 4, 0],
    [1e-9, 0, 0, 1e-9, 0, 0],
    [1, NaN, 0, 0, 1, 0],
    [1, 0, Infinity, 0, 1, 0],
  ] as const
) {
  Deno.test(`affine() refuses ${coefficients.join(", ")}`, () => {
    assertThrows(() => affine("a", "b", coefficients), SthelarError, "determinant is not 0");
  });
}

Deno.test("affineFromMatrix() refuses a projective last row", () => {
  const rows = [[1, 0, 0], [0, 1, 0], [0, 0.1, 1]];
  assertThrows(() => affineFromMatrix("a", "b", rows), SthelarError, "the last 0, 0, 1");
  assertThrows(() => affineFromMatrix("a", "b", rows.slice(1)), SthelarError, "three rows");
});

Deno.test("composeAffine() refuses maps that do not meet", () => {
  const first: Affine<string, string> = affine("a", "b", [1, 0, 0, 0, 1, 0]);
  assertThrows(
    () => composeAffine(first, affine("c", "d", [1, 0, 0, 0, 1, 0])),
    SthelarError,
    '"c"',
  );
});
