import { assert, assertEquals, assertRejects } from "@std/assert";
import { isSthelarError } from "@/core/errors.ts";
import { createDecodePool, mapTiles } from "@/formats/ome_tiff/mod.ts";
import { mapInOrder } from "@/formats/ome_tiff/map_in_order.ts";
import { openFixture } from "./fixtures.ts";

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

Deno.test("mapTiles() hands over tiles row by row whatever finishes first", async () => {
  await using pool = createDecodePool({ workers: 2 });
  await using image = await openFixture("jpeg2000_u16_lossless.ome", { pool });
  const [level] = image.levels;
  const expected = [...level.tiles()].map(({ row, column }) => [row, column]);
  const seen = await mapTiles(level, { inFlight: 4 }, ({ row, column }) => [row, column]);
  assertEquals(seen, expected);
});

Deno.test("mapTiles() gives one channel as (y, x), all as (c, y, x)", async () => {
  await using image = await openFixture("u16_channels_cyx.ome");
  const [level] = image.levels;
  const all = await mapTiles(level, {}, (tile) => tile);
  const third = await mapTiles(level, { channel: 2 }, (tile) => tile);
  for (const [i, { data, shape }] of third.entries()) {
    assertEquals(all[i].shape, [4, ...shape]);
    assertEquals(data, all[i].data.slice(2 * data.length, 3 * data.length));
  }
});

Deno.test("mapInOrder() holds no more items than are in flight and uses one at a time", async () => {
  let held = 0, most = 0, using = 0;
  const results = await mapInOrder(
    Array.from({ length: 20 }, (_, i) => i),
    { inFlight: 3 },
    async (i) => {
      most = Math.max(most, ++held);
      await delay((i * 7) % 5);
      return i;
    },
    async (i) => {
      assertEquals(++using, 1);
      await delay(1);
      using--;
      held--;
      return i * i;
    },
  );
  assertEquals(results, Array.from({ length: 20 }, (_, i) => i * i));
  assertEquals(most, 3);
});

Deno.test("mapInOrder() stops at the first error once nothing is loading", async () => {
  let loading = 0, used = 0;
  const run = mapInOrder(
    [0, 1, 2, 3, 4, 5],
    { inFlight: 3 },
    async (i) => {
      loading++;
      await delay(i === 2 ? 1 : 5);
      loading--;
      if (i === 2) throw new RangeError("item 2");
      return i;
    },
    () => used++,
  );
  await assertRejects(() => run, RangeError, "item 2");
  assertEquals([loading, used], [0, 2]);
});

Deno.test("mapTiles() stops when its signal says so", async () => {
  await using image = await openFixture("u16_deflate.ome");
  const abort = new AbortController();
  let used = 0;
  const run = mapTiles(image.levels[0], { inFlight: 2, signal: abort.signal }, () => {
    if (++used === 2) abort.abort();
  });
  const error = await assertRejects(() => run);
  assert(isSthelarError(error, "Aborted"));
  assertEquals(used, 2);
});
