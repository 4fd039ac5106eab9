import { assert, assertEquals, assertThrows } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { packPolygons } from "@/core/polygons.ts";
import { affine, scaling } from "@/geometry/mod.ts";
import { brightness, greyRaster, imagePanel, rgbRaster, sampleWindow } from "@/plots/mod.ts";
import { burnOutlines, countInWindow, outlinePath } from "@/plots/outlines.ts";
import { scaleBarLength } from "@/plots/scale_bar.ts";

/** 4 x 3 pixels, 10 at the left upper one, one more for each pixel. */
const pixels = { data: Uint8Array.from({ length: 12 }, (_, i) => 10 + i), shape: [1, 3, 4] };
const image = { pixels, toMicron: scaling("pixel", "micron", 1) };

Deno.test("sampleWindow() gives the pixels themselves on their own grid", () => {
  const { values, width, height } = sampleWindow(image, { x: 0, y: 0, width: 4, height: 3 }, 4, [
    0,
  ]);
  assertEquals([width, height], [4, 3]);
  assertEquals([...values], [...pixels.data]);
});

Deno.test("sampleWindow() turns a rotated image upright", () => {
  // Pixel (px, py) lies at (3 - py, px): a quarter turn to the right.
  const turned = { pixels, toMicron: affine("pixel", "micron", [0, -1, 3, 1, 0, 0]) };
  const { values } = sampleWindow(turned, { x: 0, y: 0, width: 3, height: 4 }, 3, [0]);
  assertEquals([...values], [18, 14, 10, 19, 15, 11, 20, 16, 12, 21, 17, 13]);
});

Deno.test("sampleWindow() averages where the grid is coarser", () => {
  const { values } = sampleWindow(image, { x: 0, y: 0, width: 4, height: 2 }, 2, [0]);
  assertEquals([...values], [12.5, 14.5]);
});

Deno.test("sampleWindow() tells what lies beyond the image", () => {
  const { inside, values } = sampleWindow(image, { x: 3, y: 0, width: 2, height: 1 }, 2, [0]);
  assertEquals([...inside], [1, 0]);
  assertEquals([...values], [13, 0]);
});

Deno.test("sampleWindow() names a channel that is not there", () => {
  const window = { x: 0, y: 0, width: 4, height: 3 };
  assertThrows(() => rgbRaster(image, window, 4), SthelarError, "Cannot draw channel 1");
});

Deno.test("brightness() stretches between quantiles, and a flat image is dark", () => {
  const window = { x: 0, y: 0, width: 4, height: 3 };
  const { shares } = brightness(image, window, 4);
  assertEquals([Math.min(...shares), Math.max(...shares)], [0, 1]);
  const flat = {
    pixels: { data: new Uint16Array(12).fill(7), shape: [1, 3, 4] },
    toMicron: image.toMicron,
  };
  assertEquals(new Set(greyRaster(flat, window, 4).data), new Set([0]));
});

const square = (x: number) => [x, 1, x + 2, 1, x + 2, 3, x, 3, x, 1];
const nuclei = packPolygons([[[square(1)], [square(4)]], [[square(50)]]]);
const window = { x: 0, y: 0, width: 10, height: 10 };

Deno.test("countInWindow() counts nuclei, not their parts, and not those outside", () => {
  assertEquals(countInWindow(nuclei, window), 1);
  assertEquals(countInWindow(nuclei, { ...window, width: 100 }), 2);
});

Deno.test("outlinePath() holds the rings of the window in px of the picture", () => {
  const path = outlinePath({ polygons: nuclei, color: "#ff0000" }, window, 100);
  assert(path.includes('d="M10,10L30,10L30,30L10,30ZM40,10L60,10L60,30L40,30Z"'), path);
});

Deno.test("burnOutlines() draws the same rings into the pixels", () => {
  const blank = { data: new Uint8Array(100 * 3), width: 10, height: 10, channels: 3 as const };
  const { data } = burnOutlines(blank, { polygons: nuclei, color: "#ff0000" }, window);
  const red = (x: number, y: number) => data[(y * 10 + x) * 3] === 255;
  assert(red(1, 1) && red(3, 2) && red(2, 3) && red(4, 1));
  assert(!red(2, 2) && !red(8, 8));
  assertEquals(new Set(blank.data), new Set([0]));
});

Deno.test("imagePanel() keeps the aspect of the window", async () => {
  const wide = { x: 0, y: 0, width: 4, height: 2 };
  const svg = await imagePanel({
    window: wide,
    raster: (px) => greyRaster(image, wide, px),
    width: 100,
  })
    .svg();
  assert(svg.includes('<image width="100" height="50"'), svg.slice(0, 400));
});

Deno.test("scaleBarLength() is round and at most a quarter of the width", () => {
  for (const width of [0.9, 7, 150, 425, 3044, 8200, 40_000]) {
    const { lengthUm } = scaleBarLength(width);
    assert(lengthUm <= width / 4 * (1 + 1e-9) && lengthUm > width / 12, `${width}: ${lengthUm}`);
  }
});
