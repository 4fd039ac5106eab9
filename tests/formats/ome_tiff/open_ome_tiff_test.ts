import { assert, assertEquals, assertRejects } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { openOmeTiff } from "@/formats/ome_tiff/mod.ts";
import { testWithData } from "../../test_data.ts";
import {
  FIXTURES,
  type Golden,
  GOLDEN_NAMES,
  openFixture,
  readGolden,
  readLevelByTiles,
  sha256,
  withCopy,
} from "./fixtures.ts";

for (const name of GOLDEN_NAMES) {
  Deno.test(`openOmeTiff() reads ${name} as tifffile does`, async () => {
    const golden = await readGolden(name);
    await using image = await openFixture(name, golden.z === undefined ? {} : { z: golden.z });
    assertEquals(image.dtype, golden.dtype);
    const shapes = image.levels.map(({ channels, height, width }) => [channels, height, width]);
    assertEquals(shapes, golden.levels.map(({ shape }) => [...shape]));
    const downsamples = golden.downsamples ?? [1, 2, 4].slice(0, shapes.length);
    assertEquals(image.levels.map((level) => level.downsample), [...downsamples]);
    assertEquals(image.sizeZ, golden.sizeZ ?? 1);
    if (golden.channels) assertEquals(image.channels.map(({ name }) => name), [...golden.channels]);
    if (golden.pixelSizeUm !== undefined) {
      assertEquals(image.pixelSizeUm ?? null, golden.pixelSizeUm);
    }
    for (const [index, level] of golden.levels.entries()) {
      const { width, height } = image.levels[index];
      const tiles = await readLevelByTiles(image, index);
      const region = await image.levels[index].readRegion({ x0: 0, y0: 0, width, height });
      assertEquals(region.data, tiles);
      if (golden.tolerance === undefined) assertEquals(await sha256(tiles), level.sha256);
      else await assertWithin(tiles, `${FIXTURES}${name}.bin`, golden.tolerance);
    }
  });
}

async function assertWithin(values: Uint8Array | Uint16Array, path: string, tolerance: number) {
  const expected = await Deno.readFile(path);
  assertEquals(values.length, expected.length);
  const worst = expected.reduce((max, value, i) => Math.max(max, Math.abs(value - values[i])), 0);
  assert(worst <= tolerance, `values differ by ${worst}`);
}

const OPENSLIDE_PIXELS = [[0, 0, [221, 182, 221]], [1111, 1500, [89, 46, 72]], [2219, 2966, [
  248,
  248,
  248,
]], [1700, 640, [243, 243, 243]]] as const;

const REAL: Record<string, Golden> = JSON.parse(
  await Deno.readTextFile(`${FIXTURES}real_data.json`),
);

for (const [name, golden] of Object.entries(REAL)) {
  const [folder, ...rest] = name.split("/");
  testWithData(folder, `openOmeTiff() reads ${name} as tifffile does`, async (path) => {
    await using image = await openOmeTiff(`${path}/${rest.join("/")}`);
    assertEquals(image.dtype, golden.dtype);
    assertEquals(image.levels.length, golden.levels.length);
    for (const [index, { shape, sha256: expected }] of golden.levels.entries()) {
      const { channels, height, width } = image.levels[index];
      assertEquals([channels, height, width], [...shape]);
      const { data } = await image.levels[index].readRegion({ x0: 0, y0: 0, width, height });
      assertEquals(await sha256(data), expected, `level ${index}`);
    }
  });
}

testWithData(
  "xenium_pancreas_roiA",
  "openOmeTiff() takes one channel of four from a file of the kit",
  async (path) => {
    const names = ["DAPI", "ATP1A1/CD45/E-Cadherin", "18S", "AlphaSMA/Vimentin"];
    for (const [n, name] of names.entries()) {
      await using image = await openOmeTiff(
        `${path}/morphology_focus/morphology_focus_000${n}.ome.tif`,
      );
      assertEquals(image.channels, [{ name, id: `Channel:0:${n}` }]);
      assertEquals(image.pixelSizeUm, { x: 0.2125, y: 0.2125 });
    }
  },
);

testWithData(
  "he_instanseg",
  "openOmeTiff() names the file of an image that was renamed",
  async (path) => {
    await using image = await openOmeTiff(`${path}/HE_example.tif`);
    assertEquals(image.channels.length, 3);
    assertEquals(image.pixelSizeUm, { x: 0.5000799214486333, y: 0.5000799214486333 });
  },
);

Deno.test("openOmeTiff() refuses a z that the stack lacks", async () => {
  const error = await assertRejects(() => openFixture("u16_z_stack.ome", { z: 2 }), SthelarError);
  assertEquals([error.tag, error.expected], ["InvalidArgument", "0 to 1"]);
});

testWithData(
  "he_cmu1",
  "openOmeTiff() takes an Aperio image without its thumbnail, label and macro, sized by its MPP",
  async (path) => {
    await using image = await openOmeTiff(`${path}/CMU-1-Small-Region.svs`);
    const sizes = image.levels.map(({ width, height, downsample }) => [width, height, downsample]);
    assertEquals(sizes, [[2220, 2967, 1]]);
    assertEquals(image.pixelSizeUm, { x: 0.499, y: 0.499 });
    // What OpenSlide 4.0.1 gives at the corners and in the middle.
    const [level] = image.levels;
    for (const [x0, y0, rgb] of OPENSLIDE_PIXELS) {
      assertEquals([...(await level.readRegion({ x0, y0, width: 1, height: 1 })).data], [...rgb]);
    }
  },
);

for (const [name, from, to] of [["LONG", 13, 4], ["IFD8", 18, 18], ["LONG8", 18, 16]] as const) {
  Deno.test(`openOmeTiff() follows SubIFDs whose offsets have the type ${name}`, async () => {
    const fixture = from === 13 ? "u16_deflate.ome" : "u16_bigtiff.ome";
    const bytes = await Deno.readFile(`${FIXTURES}${fixture}.tif`);
    const view = new DataView(bytes.buffer);
    const big = from !== 13;
    let at = big ? Number(view.getBigUint64(8, true)) + 8 : view.getUint32(4, true) + 2;
    while (view.getUint16(at, true) !== 330) at += big ? 20 : 12;
    assertEquals(view.getUint16(at + 2, true), from);
    view.setUint16(at + 2, to, true);
    await withCopy(bytes, async (path) => {
      await using image = await openOmeTiff(path);
      await using original = await openFixture(fixture);
      for (const index of [0, 1, 2]) {
        const [values, expected] = [
          await readLevelByTiles(image, index),
          await readLevelByTiles(original, index),
        ];
        assertEquals(values, expected);
      }
    });
  });
}
