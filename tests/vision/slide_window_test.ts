import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { MemoryDisk } from "@/formats/disk/mod.ts";
import {
  affineXY,
  createImageWriter,
  identity,
  openImage,
  type Transformation,
} from "@/formats/spatialdata/mod.ts";
import { applyAffine } from "@/geometry/mod.ts";
import { readSlideWindow } from "@/vision/slide_window.ts";

const UM = 0.5;

/** An image of 256 x 128 pixels whose values tell their place, with four levels. */
async function placeImage(transformation: Transformation) {
  const disk = new MemoryDisk();
  const writer = await createImageWriter(disk, "/s.zarr", {
    name: "image",
    shape: [1, 128, 256],
    dtype: "uint16",
    channels: ["place"],
    pyramid: { kind: "halved", levels: 4 },
    transformations: new Map([["global", transformation]]),
  });
  const data = Uint16Array.from({ length: 128 * 256 }, (_, i) => i);
  await writer.writeTile({ row: 0, column: 0 }, data);
  await writer.finish();
  return await openImage(disk, "/s.zarr/images/image");
}

Deno.test("readSlideWindow() reads only the window, at the level that the picture needs", async () => {
  const image = await placeImage(identity);
  const window = { x: 10, y: 5, width: 20, height: 10 };
  const fine = await readSlideWindow(image, UM, window, 40);
  assertEquals(fine.pixels.shape, [1, 24, 44]);
  const coarse = await readSlideWindow(image, UM, window, 10);
  assertEquals(coarse.pixels.shape, [1, 10, 14]);
});

Deno.test("readSlideWindow() tells where its pixels lie", async () => {
  const image = await placeImage(identity);
  const { pixels, toMicron } = await readSlideWindow(
    image,
    UM,
    { x: 10, y: 5, width: 20, height: 10 },
    40,
  );
  const [x, y] = applyAffine(toMicron, 0, 0);
  assertEquals([x, y], [9, 4]);
  assertEquals(pixels.data[0], (y / UM) * 256 + x / UM);
});

Deno.test("readSlideWindow() follows a rotated alignment", async () => {
  // A quarter turn: image pixel (u, v) lies at global (100 - v, u).
  const image = await placeImage(affineXY([[0, -1, 100], [1, 0, 0]]));
  const { pixels, toMicron } = await readSlideWindow(
    image,
    UM,
    { x: 20, y: 30, width: 10, height: 10 },
    20,
  );
  const [x, y] = applyAffine(toMicron, 0, 0);
  const [u, v] = [y / UM, 100 - x / UM];
  assertAlmostEquals(pixels.data[0], v * 256 + u, 1e-9);
  assert(pixels.shape[1] <= 24 && pixels.shape[2] <= 24, pixels.shape.join());
});

Deno.test("readSlideWindow() beside the image reads one pixel, not nothing", async () => {
  const image = await placeImage(identity);
  const { pixels } = await readSlideWindow(image, UM, { x: 900, y: 900, width: 9, height: 9 }, 9);
  assertEquals(pixels.shape, [1, 1, 1]);
});
