import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { TileCache } from "@/formats/ome_tiff/tile_cache.ts";
import { openFixture, readLevelByTiles } from "./fixtures.ts";

for (const name of ["u16_channels_cyx.ome", "rgb_planar.ome", "rgb_deflate_predictor.ome"]) {
  Deno.test(`readRegion() cuts any rectangle and channels out of ${name}`, async () => {
    await using image = await openFixture(name, { cacheBytes: 4000 });
    const [level] = image.levels;
    const whole = await readLevelByTiles(image, 0);
    const rectangles = [[0, 0, 1, 1], [31, 31, 2, 2], [5, 0, 51, 40], [40, 33, 16, 7], [
      9,
      9,
      0,
      4,
    ]];
    for (const [x0, y0, width, height] of rectangles) {
      for (const channels of [[0], [2, 0], [1, 1]]) {
        const region = await level.readRegion({ x0, y0, width, height, channels });
        assertEquals(region.shape, [channels.length, height, width]);
        let i = 0;
        for (const c of channels) {
          for (let y = y0; y < y0 + height; y++) {
            for (let x = x0; x < x0 + width; x++) {
              assertEquals(region.data[i++], whole[(c * level.height + y) * level.width + x]);
            }
          }
        }
      }
    }
  });
}

Deno.test("readRegion() called many times at once gives the same as called in turn", async () => {
  await using image = await openFixture("jpeg2000_u16_lossless.ome");
  const region = { x0: 10, y0: 10, width: 40, height: 25 };
  const once = await image.levels[0].readRegion(region);
  const many = await Promise.all(
    Array.from({ length: 8 }, () => image.levels[0].readRegion(region)),
  );
  for (const { data } of many) assertEquals(data, once.data);
});

Deno.test("readTile() gives each caller a buffer of its own, as long as its values", async () => {
  for (
    const name of ["u8_none.ome", "u16_deflate.ome", "jpeg_grey.ome", "jpeg2000_u16_lossy.ome"]
  ) {
    await using image = await openFixture(name);
    const { data: first } = await image.levels[0].readTile({ row: 0, column: 0 });
    const expected = first.slice();
    assertEquals(first.byteLength, first.buffer.byteLength, name);
    first.fill(0);
    const { data: second } = await image.levels[0].readTile({ row: 0, column: 0 });
    assertEquals(second, expected, name);
  }
});

Deno.test("readTile() and readRegion() refuse what is not in the level", async () => {
  await using image = await openFixture("u16_deflate.ome");
  const [level] = image.levels;
  const calls = [
    () => level.readTile({ row: 2, column: 0 }),
    () => level.readTile({ row: 0, column: -1 }),
    () => level.readTile({ row: 0.5, column: 0 }),
    () => level.readTile({ row: 0, column: 0, channel: 1 }),
    () => level.readRegion({ x0: -1, y0: 0, width: 2, height: 2 }),
    () => level.readRegion({ x0: 0, y0: 0, width: 57, height: 2 }),
    () => level.readRegion({ x0: 0, y0: 39, width: 1, height: 2 }),
    () => level.readRegion({ x0: 0, y0: 0, width: 1, height: 1, channels: [1] }),
  ];
  for (const call of calls) {
    const error = await assertRejects(call, SthelarError);
    assertEquals(error.tag, "InvalidArgument");
    assertStringIncludes(error.message, "u16_deflate.ome.tif");
  }
});

Deno.test("readTile() after closing is an error that says so", async () => {
  const image = await openFixture("u16_deflate.ome");
  await image[Symbol.asyncDispose]();
  await image[Symbol.asyncDispose]();
  const error = await assertRejects(
    () => image.levels[0].readTile({ row: 0, column: 0 }),
    SthelarError,
  );
  assertEquals([error.tag, error.found], ["DiskFailure", "a file that was closed"]);
});

Deno.test("TileCache keeps the tiles used last within its bytes, and loads each once", async () => {
  const cache = new TileCache(250);
  const loads: string[] = [];
  const get = (key: string) =>
    cache.get(key, () => {
      loads.push(key);
      return Promise.resolve(new Uint8Array(100));
    });
  await Promise.all([get("a"), get("a")]);
  await get("b");
  await get("a");
  await get("c");
  await get("a");
  await get("b");
  assertEquals(loads, ["a", "b", "c", "b"]);
  assert(cache.totalBytes <= 250);
  await assertRejects(() => cache.get("d", () => Promise.reject(new RangeError("d"))), RangeError);
  assertEquals((await cache.get("d", () => Promise.resolve(new Uint8Array(1)))).length, 1);
});
