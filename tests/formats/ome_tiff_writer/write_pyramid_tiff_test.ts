import { assertEquals, assertRejects } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { localDisk, MemoryDisk } from "@/formats/disk/mod.ts";
import { openOmeTiff } from "@/formats/ome_tiff/mod.ts";
import { encodeJpeg2000 } from "@/formats/ome_tiff_writer/encode_jpeg2000.ts";
import {
  halveRows,
  needsBigTiff,
  pyramidSizes,
  writePyramidTiff,
} from "@/formats/ome_tiff_writer/mod.ts";

const IMAGE = {
  width: 40,
  height: 33,
  samples: 1,
  dtype: "uint16",
  compression: "none",
  description: "<OME/>",
  tileSize: 16,
} as const;

function ramp(x: number, y: number, width: number, height: number): Uint16Array<ArrayBuffer> {
  return Uint16Array.from(
    { length: width * height },
    (_, i) => 1000 * (y + Math.floor(i / width)) + x + i % width,
  );
}

Deno.test("pyramidSizes() halves upwards until one square holds a level", () => {
  assertEquals(
    pyramidSizes(24544, 10645).map(({ width, height }) => [width, height]),
    [[24544, 10645], [12272, 5323], [6136, 2662], [3068, 1331], [1534, 666], [767, 333]],
  );
});

Deno.test("halveRows() averages a last odd row and column with themselves", () => {
  assertEquals(
    halveRows(Uint16Array.of(1, 3, 9, 5, 7, 1, 2, 2, 4), 3, 3, 1),
    Uint16Array.of(4, 5, 2, 4),
  );
});

Deno.test("writePyramidTiff() asks for every pixel once, whatever the size of the tiles", async () => {
  const seen = new Uint8Array(IMAGE.width * IMAGE.height);
  await writePyramidTiff(new MemoryDisk(), "/a.tif", IMAGE, (x, y, width, height) => {
    for (let j = 0; j < height; j++) {
      for (let i = 0; i < width; i++) seen[(y + j) * IMAGE.width + x + i]++;
    }
    return ramp(x, y, width, height);
  });
  assertEquals(seen.every((count) => count === 1), true);
});

Deno.test("writePyramidTiff() keeps each compression's pixels through a read", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/a.ome.tif`;
  const all = ramp(0, 0, 40, 33), half = halveRows(all, 40, 33, 1);
  for (const compression of ["none", "deflate", "jpeg2000"] as const) {
    for (const bigTiff of [false, true]) {
      await writePyramidTiff(localDisk, path, { ...IMAGE, compression, bigTiff, levels: 3 }, ramp);
      await using image = await openOmeTiff(path);
      const sizes = image.levels.map(({ width, height }) => [width, height]);
      assertEquals(sizes, [[40, 33], [20, 17], [10, 9]]);
      const whole = await image.levels[0].readRegion({ x0: 0, y0: 0, width: 40, height: 33 });
      assertEquals(whole.data, all);
      const second = await image.levels[1].readRegion({ x0: 0, y0: 0, width: 20, height: 17 });
      assertEquals(second.data, half);
    }
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("writePyramidTiff() refuses JPEG of 16 bits and tiles that are no multiple of 16", async () => {
  for (const wrong of [{ compression: "jpeg" }, { tileSize: 20 }, { width: 0 }] as const) {
    const error = await assertRejects(
      () => writePyramidTiff(new MemoryDisk(), "/a.tif", { ...IMAGE, ...wrong }, ramp),
      SthelarError,
    );
    assertEquals([error.tag, error.path], ["InvalidArgument", "/a.tif"]);
  }
});

Deno.test("encodeJpeg2000() writes a codestream that starts with its marker", async () => {
  const bytes = await encodeJpeg2000(ramp(0, 0, 16, 16), 16, 16);
  assertEquals([...bytes.subarray(0, 4)], [0xff, 0x4f, 0xff, 0x51]);
});

Deno.test("needsBigTiff() counts planes, levels and the padding of tiles", () => {
  const image = { width: 40_960, height: 40_960, samples: 1, dtype: "uint16" } as const;
  assertEquals(needsBigTiff({ ...image, levels: 1 }), false);
  assertEquals(needsBigTiff(image), true);
  assertEquals(needsBigTiff({ ...image, dtype: "uint8" }), false);
  assertEquals(needsBigTiff({ ...image, dtype: "uint8", planes: 2 }), true);
  // Tiles of which 16 columns are image.
  assertEquals(needsBigTiff({ ...image, width: 16, height: 2_000_000, levels: 1 }), true);
});

Deno.test("writePyramidTiff() writes a classic TIFF or a BigTIFF as is told", async () => {
  const folder = await Deno.makeTempDir();
  for (const [bigTiff, magic] of [[undefined, 42], [false, 42], [true, 43]] as const) {
    const image = { ...IMAGE, ...(bigTiff === undefined ? {} : { bigTiff }) };
    await writePyramidTiff(localDisk, `${folder}/a.tif`, image, ramp);
    assertEquals((await Deno.readFile(`${folder}/a.tif`))[2], magic);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("writePyramidTiff() keeps the pixels of RGB through a read, JPEG's nearly", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/a.ome.tif`;
  const image = { ...IMAGE, samples: 3, dtype: "uint8", levels: 1 } as const;
  const paint = (x: number, y: number, width: number, height: number) =>
    Uint8Array.from({ length: 3 * width * height }, (_, i) => {
      const pixel = Math.floor(i / 3);
      return 2 * (x + pixel % width) + 3 * (y + Math.floor(pixel / width)) + 20 * (i % 3);
    });
  const pixels = paint(0, 0, 40, 33);
  for (const [compression, tolerance] of [["none", 0], ["jpeg2000", 0], ["jpeg", 12]] as const) {
    await writePyramidTiff(localDisk, path, { ...image, compression }, paint);
    await using written = await openOmeTiff(path);
    const { data } = await written.levels[0].readRegion({ x0: 0, y0: 0, width: 40, height: 33 });
    const plane = 40 * 33;
    const worst = Math.max(
      ...pixels.map((value, i) => Math.abs(value - data[(i % 3) * plane + Math.floor(i / 3)])),
    );
    assertEquals([compression, worst <= tolerance], [compression, true]);
  }
  await Deno.remove(folder, { recursive: true });
});
