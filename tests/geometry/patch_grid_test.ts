import { assertEquals, assertThrows } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { isWholePatch, patchBox, patchCandidates, patchGrid, patchPlace } from "@/geometry/mod.ts";
import { forAll } from "../properties/for_all.ts";

/** Grids of published slides. */
const PUBLISHED = [
  { H: 10645, W: 24544, nx: 128, ny: 56, n: 7168 },
  { H: 200, W: 256, nx: 1, ny: 1, n: 1 },
  { H: 257, W: 449, nx: 3, ny: 2, n: 6 },
];

for (const { H, W, nx, ny, n } of PUBLISHED) {
  Deno.test(`patchGrid() lays ${n} patches over ${W} x ${H} px, as published`, () => {
    const { columns, rows, count } = patchGrid(W, H);
    assertEquals([columns, rows, count], [nx, ny, n]);
  });
}

Deno.test("patches are numbered by rows, and those of the last ones hang over", () => {
  const grid = patchGrid(24544, 10645);
  assertEquals(patchPlace(grid, 362), [106, 2]);
  assertEquals(patchBox(grid, 362), [20352, 384, 20608, 640]);
  assertEquals([isWholePatch(grid, 126), isWholePatch(grid, 127)], [true, false]);
  assertEquals(isWholePatch(grid, 7168 - 1), false);
});

Deno.test("patchGrid() takes another size, and refuses what is none", () => {
  assertEquals(patchGrid(1000, 512, { patchWidth: 512, overlap: 0 }).count, 2);
  for (const options of [{ overlap: 256 }, { overlap: -1 }, { patchWidth: 0 }, { overlap: 0.5 }]) {
    assertThrows(() => patchGrid(100, 100, options), SthelarError, "Cannot lay patches");
  }
  assertThrows(() => patchGrid(0, 100), SthelarError, "an image of 0 x 100 px");
});

forAll(
  "patchCandidates() finds the boxes that touch a patch, in table order",
  { cases: 50 },
  (draw) => {
    const grid = patchGrid(draw.integer(20, 90), draw.integer(20, 90), {
      patchWidth: 16,
      overlap: 4,
    });
    const boxes = draw.list(30, () => {
      const snap = (value: number) => draw.chance(0.5) ? Math.round(value / 4) * 4 : value;
      const x = snap(draw.between(-30, 110)), y = snap(draw.between(-30, 110));
      return [x, y, x + snap(draw.between(0, 30)), y + snap(draw.between(0, 30))];
    });
    boxes.push([Infinity, Infinity, -Infinity, -Infinity]);
    const { start, rows } = patchCandidates(grid, Float64Array.from(boxes.flat()));
    for (let patch = 0; patch < grid.count; patch++) {
      const [xMin, yMin, xMax, yMax] = patchBox(grid, patch);
      const expected = [...boxes.keys()].filter((row) => {
        const [left, top, right, bottom] = boxes[row];
        return left <= xMax && right >= xMin && top <= yMax && bottom >= yMin;
      });
      assertEquals([...rows.subarray(start[patch], start[patch + 1])], expected);
    }
  },
);
