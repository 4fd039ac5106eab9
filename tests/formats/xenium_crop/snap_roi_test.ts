import { assertEquals, assertThrows } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { roiOfPixels, snapRoi } from "@/formats/xenium_crop/mod.ts";

const IMAGE = { width: 2000, height: 1000 };
const PIXEL_UM = 0.2125;

Deno.test("snapRoi() grows to whole pixels", () => {
  const pixels = snapRoi({ x: 100, y: 100, width: 150, height: 50 }, IMAGE, PIXEL_UM);
  assertEquals(pixels, { x: 470, y: 470, width: 707, height: 236 });
  assertEquals(roiOfPixels(pixels, PIXEL_UM), {
    x: 99.875,
    y: 99.875,
    width: 150.2375,
    height: 50.15,
  });
});

Deno.test("snapRoi() keeps edges that lie on the lattice, in spite of rounding errors", () => {
  for (let k = 1; k < 900; k++) {
    const roi = { x: k * PIXEL_UM, y: 0, width: 3 * PIXEL_UM, height: k * PIXEL_UM };
    assertEquals(snapRoi(roi, IMAGE, PIXEL_UM), { x: k, y: 0, width: 3, height: k });
  }
});

Deno.test("snapRoi() ends where the image ends, and gives at least one pixel", () => {
  assertEquals(snapRoi({ x: 424, y: 0, width: 1e9, height: 1e-9 }, IMAGE, PIXEL_UM), {
    x: 1995,
    y: 0,
    width: 5,
    height: 1,
  });
});

for (
  const [name, roi] of Object.entries({
    "NaN": [NaN, 0, 1, 1],
    "an infinite width": [0, 0, Infinity, 1],
    "a negative x": [-1, 0, 10, 10],
    "a negative height": [0, 0, 10, -10],
    "no width": [0, 0, 0, 10],
    "a place right of the image": [425, 0, 10, 10],
    "a place below the image": [0, 212.5, 10, 10],
  })
) {
  Deno.test(`snapRoi() refuses ${name}`, () => {
    const [x, y, width, height] = roi;
    const error = assertThrows(
      () => snapRoi({ x, y, width, height }, IMAGE, PIXEL_UM),
      SthelarError,
    );
    assertEquals(error.tag, "InvalidArgument");
    assertEquals([error.found, error.expected, error.remedy].includes(undefined), false);
  });
}
