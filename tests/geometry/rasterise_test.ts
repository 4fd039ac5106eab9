import { assertEquals, assertThrows } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { type MultiPolygons, packPolygons } from "@/core/polygons.ts";
import { polygonIntersects, rasterise, Rasteriser } from "@/geometry/mod.ts";
import { forAll } from "../properties/for_all.ts";
import { drawPolygons } from "../properties/random_polygons.ts";
import { goldenCases } from "./golden_files.ts";

interface Case {
  readonly rings: number[][];
  readonly runs: number[];
}

const WINDOW = { width: 24, height: 20 };

function runsOf(mask: Uint8Array): number[] {
  const runs: number[] = [];
  for (let first = mask.indexOf(1); first >= 0;) {
    const zero = mask.indexOf(0, first);
    const end = zero < 0 ? mask.length : zero;
    runs.push(first, end - first);
    first = mask.indexOf(1, end);
  }
  return runs;
}

Deno.test("parity draws the pixels that scikit-image draws, bit for bit", () => {
  const cases = goldenCases<Case>("skimage_golden.json");
  const raster = new Rasteriser(WINDOW.width, WINDOW.height);
  cases.forEach(({ rings, runs }, i) => {
    raster.begin(0, 0);
    for (const ring of rings) raster.addRing(ring, 0, ring.length / 2);
    const pixels = raster.draw("parity");
    const mask = new Uint8Array(WINDOW.width * WINDOW.height);
    raster.paint(mask, 1);
    assertEquals(runsOf(mask), runs, `case ${i}: ${rings}`);
    assertEquals(pixels, mask.reduce((sum, value) => sum + value, 0));
  });
});

const SPEC: readonly { xy: number[][]; rows: number[]; columns: number[] }[] = [
  {
    xy: [[2.5, 2.5], [2.5, 5.5], [5.5, 5.5], [5.5, 2.5], [2.5, 2.5]],
    rows: [3, 3, 3, 4, 4, 4, 5, 5, 5],
    columns: [3, 4, 5, 3, 4, 5, 3, 4, 5],
  },
  {
    xy: [[-3, -3], [-3, 2.2], [2.2, 2.2], [2.2, -3], [-3, -3]],
    rows: [0, 0, 0, 1, 1, 1, 2, 2, 2],
    columns: [0, 1, 2, 0, 1, 2, 0, 1, 2],
  },
  { xy: [[3.1, 3.1], [3.1, 3.4], [3.4, 3.4], [3.4, 3.1], [3.1, 3.1]], rows: [], columns: [] },
  {
    xy: [[2, 2], [2, 5], [5, 5], [5, 2], [2, 2]],
    rows: [2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5],
    columns: [2, 3, 4, 5, 2, 3, 4, 5, 2, 3, 4, 5, 2, 3, 4, 5],
  },
];

Deno.test("parity draws the pixels of known polygons", () => {
  for (const { xy, rows, columns } of SPEC) {
    const mask = rasterise(packPolygons([[[xy.flat()]]]), 0, { width: 8, height: 8 }, "parity");
    const drawn = [...mask.keys()].filter((pixel) => mask[pixel] === 1);
    assertEquals(drawn, rows.map((row, i) => 8 * row + columns[i]));
  }
});

forAll("centre draws the pixels whose centre is inside", { cases: 60 }, (draw) => {
  const polygons = drawPolygons(draw, 3, draw.pick([0, 0.25, 0.5, 1]));
  const [x, y] = [draw.integer(-3, 6), draw.integer(-3, 6)];
  for (let g = 0; g < 3; g++) {
    const mask = rasterise(polygons, g, { width: 17, height: 13, x, y });
    mask.forEach((value, pixel) => {
      const [centreX, centreY] = [x + pixel % 17 + 0.5, y + Math.floor(pixel / 17) + 0.5];
      const near = [-1e-9, 0, 1e-9].flatMap((dx) => [-1e-9, 0, 1e-9].map((dy) => [dx, dy]))
        .map(([dx, dy]) => parityOf(polygons, g, centreX + dx, centreY + dy));
      // On an edge either answer will do.
      if (new Set(near).size === 1) assertEquals(value, near[0]);
    });
  }
});

/** Even-odd over all rings of a geometry: polygons that overlap leave their overlap out. */
function parityOf(polygons: MultiPolygons, g: number, x: number, y: number): number {
  let parity = 0;
  for (let p = polygons.geometryStart[g]; p < polygons.geometryStart[g + 1]; p++) {
    parity ^= Number(polygonIntersects(polygons, p, x, y));
  }
  return parity;
}

Deno.test("polygons that share edges share no pixel, and leave none between them", () => {
  const [a, b, c, d] = [[0, 0], [9.5, 0.5], [9, 9.5], [0.5, 8.5]];
  const centre = [4.5, 4.5];
  const triangles = [[a, b], [b, c], [c, d], [d, a]].map((
    [p, q],
  ) => [[[...p, ...q, ...centre, ...p].flat()]]);
  const whole = rasterise(packPolygons([[[[...a, ...b, ...c, ...d, ...a]]]]), 0, {
    width: 10,
    height: 10,
  });
  const sum = new Uint8Array(100);
  for (let g = 0; g < 4; g++) {
    rasterise(packPolygons(triangles), g, { width: 10, height: 10 }).forEach((v, k) => sum[k] += v);
  }
  assertEquals(sum, whole);
});

Deno.test("a window without extent is refused", () => {
  assertThrows(() => new Rasteriser(0, 5), SthelarError, "a window of 0 x 5 px");
});
