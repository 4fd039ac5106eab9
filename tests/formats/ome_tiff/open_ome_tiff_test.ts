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
    assertEquals(image.levels.map((level) => level.downsample), [1, 2, 4].slice(0, shapes.length));
    assertEquals(image.sizeZ, golden.sizeZ ?? 1);
    if (golden.channels) assertEquals(image.channels.map(({ name }) => name), [...golden.channels]);
    if (golden.pixelSizeUm) assertEquals(image.pixelSizeUm, golden.pixelSizeUm);
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

Deno.test("openOmeTiff() reads a tile beyond 4 GiB of a BigTIFF", async () => {
  const name = "u16_bigtiff.ome";
  const bytes = await Deno.readFile(`${FIXTURES}${name}.tif`);
  const view = new DataView(bytes.buffer);
  const directory = Number(view.getBigUint64(8, true));
  const valueOf = (tag: number) => {
    let at = directory + 8;
    while (view.getUint16(at, true) !== tag) at += 20;
    return at + 12;
  };
  const offsets = Number(view.getBigUint64(valueOf(324), true));
  const tile = Number(view.getBigUint64(offsets, true));
  const far = 5 * 2 ** 30 + 1;
  view.setBigUint64(offsets, BigInt(far), true);
  await withCopy(bytes, async (path) => {
    await using image = await openOmeTiff(path);
    await assertRejects(() => image.levels[0].readTile({ row: 0, column: 0 }), SthelarError);
    {
      using file = await Deno.open(path, { write: true });
      await file.seek(far, Deno.SeekMode.Start);
      await file.write(bytes.subarray(tile, tile + 2000));
    }
    await using sparse = await openOmeTiff(path);
    await using original = await openFixture(name);
    const [moved, first] = await Promise.all(
      [sparse, original].map((image) => image.levels[0].readTile({ row: 0, column: 0 })),
    );
    assertEquals(moved.data, first.data);
  });
});
