import { assert, assertEquals, assertRejects } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import type { Progress } from "@/core/progress.ts";
import { MemoryDisk } from "@/formats/disk/mod.ts";
import {
  type NpyArray,
  npyBytes,
  openSparseNpz,
  parseNpy,
  sparseNpzBytes,
  sparseOf,
  type TextArray,
} from "@/formats/npz/mod.ts";
import { groupNpz, openPatchSet } from "@/formats/patches/mod.ts";

const PIXELS = 65536;

/** Masks of a patch: pixel `n` shows instance 1 of cell `100 + n`. */
function nucleusMask(patches: readonly number[]) {
  const values = new Int32Array(patches.length * PIXELS * 6);
  patches.forEach((n, i) => {
    values[(i * PIXELS + n) * 6] = 1;
    values[(i * PIXELS + n) * 6 + 5] = 100 + n;
  });
  return sparseOf(values, [patches.length * PIXELS, 6]);
}

function cellMask(patches: readonly number[]) {
  const values = new Int32Array(patches.length * PIXELS);
  patches.forEach((n, i) => values[i * PIXELS + n] = 100 + n);
  return sparseOf(values, [patches.length, PIXELS]);
}

const picture = (n: number) => new Uint8Array(3 * PIXELS).fill(n);

function pictures(patches: readonly number[]): NpyArray {
  const data = new Uint8Array(patches.length * 3 * PIXELS);
  patches.forEach((n, i) => data.set(picture(n), i * 3 * PIXELS));
  return { data, shape: [patches.length, 256, 256, 3] };
}

const numbers = (patches: readonly number[]): NpyArray => ({
  data: BigInt64Array.from(patches, BigInt),
  shape: [patches.length],
});
const texts = (count: number): NpyArray => ({
  texts: Array(count).fill("Breast"),
  shape: [count],
  encoding: "unicode",
});

/** A slide whose twelve patches the original wrote in twelve runs: 10 and 11 come after 9. */
async function chunked(): Promise<MemoryDisk> {
  const disk = new MemoryDisk();
  for (let i = 0; i < 12; i++) {
    await disk.write(`/s/masks_chunk_${i}_chunk_0.npz`, await sparseNpzBytes(nucleusMask([i])));
    await disk.write(`/s/masks_cells_chunk_${i}_chunk_0.npz`, await sparseNpzBytes(cellMask([i])));
    await disk.write(`/s/images_chunk_${i}.npy`, npyBytes(pictures([i])));
    await disk.write(`/s/types_chunk_${i}.npy`, npyBytes(texts(1)));
    await disk.write(`/s/patch_ids_chunk_${i}.npy`, npyBytes(numbers([i])));
  }
  return disk;
}

Deno.test("groupNpz() puts chunks together in the order of their numbers, 10 after 9", async () => {
  const disk = await chunked();
  const { patches, files } = await groupNpz(disk, "/s");
  assertEquals(patches, 12);
  assertEquals(files.map(({ path, chunks }) => [path, chunks]), [
    ["/s/patch_ids.npy", 12],
    ["/s/types.npy", 12],
    ["/s/images.npy", 12],
    ["/s/masks.npz", 12],
    ["/s/masks_cells.npz", 12],
  ]);
  const set = await openPatchSet(disk, "/s");
  assertEquals([...set.patchIds], Array.from({ length: 12 }, (_, i) => i));
  for (const index of [0, 9, 10, 11]) {
    const { instances, nucleusIds } = await set.nuclei(index);
    assertEquals([instances[index], nucleusIds[index]], [1, 100 + index]);
    assertEquals(nucleusIds.reduce((sum, id) => sum + id, 0), 100 + index);
    assertEquals((await set.cells(index))[index], 100 + index);
    assertEquals(await set.image(index), picture(index));
  }
  const types = parseNpy((await disk.read("/s/types.npy"))!, "types") as TextArray;
  assertEquals(types.texts, Array(12).fill("Breast"));
  assert(await disk.stat("/s/masks_chunk_3_chunk_0.npz") !== undefined, "chunks are kept");
});

Deno.test("groupNpz() takes the chunks of a usual slide, whose other files are whole", async () => {
  const disk = new MemoryDisk();
  await disk.write("/s/patch_ids.npy", npyBytes(numbers([0, 1, 5])));
  await disk.write("/s/images.npy", npyBytes(pictures([0, 1, 5])));
  await disk.write("/s/masks_chunk_0.npz", await sparseNpzBytes(nucleusMask([0, 1])));
  await disk.write("/s/masks_chunk_1.npz", await sparseNpzBytes(nucleusMask([5])));
  await disk.write("/s/masks_cells_chunk_0.npz", await sparseNpzBytes(cellMask([0, 1, 5])));
  const { files } = await groupNpz(disk, "/s", { to: "/whole" });
  assertEquals(files.map(({ path }) => path), ["/whole/masks.npz", "/whole/masks_cells.npz"]);
  const masks = await openSparseNpz(disk, "/whole/masks.npz");
  assertEquals(masks.shape, [3 * PIXELS, 6]);
  assertEquals([...(await masks.rows(2 * PIXELS + 5, 1)).data as Int32Array], [1, 105]);
});

const FAULTS: readonly (readonly [
  what: string,
  spoil: (disk: MemoryDisk) => Promise<void>,
  says: RegExp,
])[] = [
  [
    "a gap",
    (disk) => disk.remove("/s/masks_chunk_4_chunk_0.npz"),
    /"masks_chunk_5_chunk_0.npz" after "masks_chunk_3_chunk_0.npz".*without gaps/,
  ],
  [
    "no first chunk",
    (disk) => disk.remove("/s/images_chunk_0.npy"),
    /"images_chunk_1.npy" after nothing/,
  ],
  [
    "a lost last chunk",
    (disk) => disk.remove("/s/images_chunk_11.npy"),
    /found 11 rows in all chunks, expected 12/,
  ],
  ["both styles", async (disk) => {
    await disk.write("/s/masks_chunk_0.npz", await sparseNpzBytes(nucleusMask([0])));
  }, /files of one number and of two/],
  ["a truncated mask", async (disk) => {
    const bytes = (await disk.read("/s/masks_chunk_7_chunk_0.npz"))!;
    await disk.write("/s/masks_chunk_7_chunk_0.npz", bytes.subarray(0, bytes.length - 30));
  }, /masks_chunk_7_chunk_0.npz/],
  ["truncated pictures", async (disk) => {
    const bytes = (await disk.read("/s/images_chunk_7.npy"))!;
    await disk.write("/s/images_chunk_7.npy", bytes.subarray(0, bytes.length - 1));
  }, /images_chunk_7.npy.*cut short/],
  ["a foreign mask", async (disk) => {
    const other = await sparseNpzBytes(sparseOf(new Int32Array(PIXELS * 10), [PIXELS, 10]));
    await disk.write("/s/masks_chunk_7_chunk_0.npz", other);
  }, /masks_chunk_7_chunk_0.npz": found 65536 x 10, expected n x 6/],
  ["patches of another run", async (disk) => {
    await disk.write("/s/patch_ids_chunk_7.npy", npyBytes(numbers([3])));
  }, /found patch 3 after patch 6/],
  ["a whole file", async (disk) => {
    await disk.write("/s/masks.npz", new Uint8Array());
  }, /"\/s\/masks.npz", which is there already.*--to/],
];
for (const [what, spoil, says] of FAULTS) {
  Deno.test(`groupNpz() refuses ${what}`, async () => {
    const disk = await chunked();
    await spoil(disk);
    const before = await disk.list("/s");
    const error = await assertRejects(() => groupNpz(disk, "/s"), SthelarError);
    assert(says.test(error.message), error.message);
    assertEquals(await disk.list("/s"), before);
  });
}

Deno.test("groupNpz() that finds damage far on, or is stopped, leaves only the chunks", async () => {
  const disk = await chunked();
  const bytes = (await disk.read("/s/masks_chunk_9_chunk_0.npz"))!;
  const spoiled = bytes.slice();
  for (let i = 120; i < 140; i++) spoiled[i] ^= 0xff;
  await disk.write("/s/masks_chunk_9_chunk_0.npz", spoiled);
  const before = await disk.list("/s");
  const error = await assertRejects(() => groupNpz(disk, "/s"), SthelarError);
  assert(error.message.includes("masks_chunk_9_chunk_0.npz"), error.message);
  assertEquals(await disk.list("/s"), before);
  await disk.write("/s/masks_chunk_9_chunk_0.npz", bytes);
  const stop = new AbortController();
  const progress = { update: (done: number) => done === 30 && stop.abort() };
  await assertRejects(() =>
    groupNpz(disk, "/s", { signal: stop.signal, progress: progress as Progress })
  );
  assertEquals(await disk.list("/s"), before);
});

Deno.test("groupNpz() refuses a folder without chunks", async () => {
  await assertRejects(
    () => groupNpz(new MemoryDisk(), "/nothing"),
    SthelarError,
    "no files of chunks",
  );
});
