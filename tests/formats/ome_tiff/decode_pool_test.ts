import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import type { DecodeReply, DecodeRequest } from "@/formats/ome_tiff/decode_messages.ts";
import { createDecodePool, mapTiles, openOmeTiff } from "@/formats/ome_tiff/mod.ts";
import {
  FIXTURES,
  openFixture,
  plainTile,
  readGolden,
  readLevelByTiles,
  sha256,
  withCopy,
} from "./fixtures.ts";

const KINDS = ["u16_deflate.ome", "jpeg_ycbcr_420.ome", "jpeg2000_u16_lossless.ome"];

for (const workers of [0, 1, 2]) {
  Deno.test(`createDecodePool() with ${workers} workers gives tifffile's values`, async () => {
    await using pool = createDecodePool({ workers });
    for (const name of KINDS) {
      const golden = await readGolden(name);
      await using image = await openFixture(name, { pool });
      for (const [index, { sha256: expected }] of golden.levels.entries()) {
        assertEquals(await sha256(await readLevelByTiles(image, index)), expected);
      }
    }
  });

  Deno.test(`createDecodePool() with ${workers} workers keeps the tile and cause of an error`, async () => {
    const bytes = await Deno.readFile(`${FIXTURES}jpeg2000_u16_lossless.ome.tif`);
    const start = bytes.findIndex((byte, i) => byte === 0xff && bytes[i + 1] === 0x4f);
    bytes[start + 1] = 0;
    await withCopy(bytes, async (path) => {
      await using pool = createDecodePool({ workers });
      await using image = await openOmeTiff(path, { pool });
      const error = await assertRejects(
        () => mapTiles(image.levels[0], { inFlight: 4 }, () => {}),
        SthelarError,
      );
      assertEquals([error.tag, error.found, error.path], [
        "CorruptData",
        "no JPEG 2000 start",
        path,
      ]);
      assertStringIncludes(error.message, "tile (level 0, row 0, column 0)");
    });
  });
}

Deno.test("decode() loads no more tiles at a time than the pool's capacity", async () => {
  await using pool = createDecodePool({ workers: 2 });
  let loading = 0, most = 0;
  const results = await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      pool.decode(async () => {
        most = Math.max(most, ++loading);
        await new Promise((resolve) => setTimeout(resolve, 1));
        loading--;
        return plainTile(i);
      })),
  );
  assertEquals(results.map((values) => values[0]), Array.from({ length: 20 }, (_, i) => i));
  assertEquals([pool.capacity, most], [4, 4]);
});

/** A worker that only writes down what it is sent. */
class SilentWorker {
  readonly sent: DecodeRequest[] = [];
  onmessage: ((event: MessageEvent<DecodeReply>) => void) | null = null;
  postMessage(request: DecodeRequest): void {
    this.sent.push(request);
  }
  answer(): void {
    const { id } = this.sent.shift()!;
    const data = { id, samples: Uint8Array.of(id) };
    this.onmessage!(new MessageEvent("message", { data }));
  }
  terminate(): void {}
}

Deno.test("decode() gives each worker a tile to decode and the next one to go on with", async () => {
  const workers: SilentWorker[] = [];
  const spawnWorker = () => {
    workers.push(new SilentWorker());
    return workers.at(-1)! as unknown as Worker;
  };
  await using pool = createDecodePool({ workers: 2, spawnWorker });
  const tiles = Array.from({ length: 7 }, () => pool.decode(() => Promise.resolve(plainTile(0))));
  const settled = () => new Promise((resolve) => setTimeout(resolve, 0));
  await settled();
  assertEquals(workers.map(({ sent }) => sent.length), [2, 2]);
  for (const busy of [0, 1, 1]) {
    workers[busy].answer();
    await settled();
    assertEquals(workers.map(({ sent }) => sent.length), [2, 2]);
  }
  while (workers.some(({ sent }) => sent.length > 0)) {
    for (const worker of workers) if (worker.sent.length > 0) worker.answer();
  }
  assertEquals((await Promise.all(tiles)).map(([id]) => id), [0, 1, 2, 3, 4, 5, 6]);
});

Deno.test("decode() rejects the jobs of a worker that crashes, and goes on with a new one", async () => {
  // In a process of its own: Deno prints what a worker did not catch.
  const script = new URL("./crashing_worker.ts", import.meta.url).pathname;
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["run", "-A", script] })
    .output();
  assertEquals(JSON.parse(new TextDecoder().decode(stdout)), {
    tag: "StageFailed",
    found: "Uncaught Error: out of order",
    next: [1, 2, 3, 4],
    spawned: 2,
  });
});

Deno.test("decode() passes on what load throws, and keeps its place free", async () => {
  await using pool = createDecodePool({ workers: 0 });
  for (let i = 0; i < 5; i++) {
    await assertRejects(() => pool.decode(() => Promise.reject(new RangeError("no"))), RangeError);
  }
  assertEquals(await pool.decode(() => Promise.resolve(plainTile(7))), Uint8Array.of(7, 2, 3, 4));
});

Deno.test("closing a pool waits for tiles that are decoding and refuses new ones", async () => {
  const pool = createDecodePool({ workers: 1 });
  const decoding = pool.decode(() => Promise.resolve(plainTile(9)));
  await pool[Symbol.asyncDispose]();
  assertEquals((await decoding)[0], 9);
  const error = await assertRejects(() => pool.decode(() => Promise.resolve(plainTile(1))));
  assert(error instanceof SthelarError && error.tag === "InvalidArgument");
  await pool[Symbol.asyncDispose]();
});

Deno.test("createDecodePool() refuses a number of workers that can't be", () => {
  for (const workers of [-1, 1.5, Number.NaN]) {
    let found: unknown;
    try {
      createDecodePool({ workers });
    } catch (error) {
      found = error;
    }
    assert(found instanceof SthelarError && found.tag === "InvalidArgument");
  }
});
