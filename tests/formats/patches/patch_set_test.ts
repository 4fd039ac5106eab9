import { assert, assertEquals, assertRejects } from "@std/assert";
import sharp from "sharp";
import { SthelarError } from "@/core/errors.ts";
import { Random } from "@/core/random.ts";
import { MemoryDisk } from "@/formats/disk/mod.ts";
import {
  decodePng,
  encodePng,
  hePatches,
  openPatchSet,
  type PatchImageKind,
  PatchSetWriter,
  readControlPatches,
} from "@/formats/patches/mod.ts";
import { readShapes, writeShapes } from "@/formats/spatialdata/mod.ts";
import { readParquetColumns } from "@/formats/parquet/mod.ts";
import { npyBytes } from "@/formats/npz/mod.ts";

const WIDTH = 16, PIXELS = WIDTH * WIDTH;
const random = new Random("pictures");
const picture = (seed: number) =>
  Uint8Array.from(
    { length: 3 * PIXELS },
    (_, i) => (seed * 7 + i * 3 + 20 * random.uniform()) & 255,
  );
const PICTURES = new Map([0, 2, 3].map((patch) => [patch, picture(patch)]));
const mask = (patch: number) => Int32Array.from({ length: PIXELS }, (_, i) => +(i % 5 === patch));

async function written(disk: MemoryDisk, images: PatchImageKind, threads = 1): Promise<void> {
  const writer = await PatchSetWriter.create(disk, "/p", {
    description: {
      ...{ format: 1, slide: "heart_s0", patchWidth: WIDTH, overlap: 4 },
      image: { level: 0, width: 40, height: 28 },
      ...{ toGlobal: [1, 0, 0, 0, 1, 0], umPerPixel: 0.25, sampling: "centre", cellNumbers: "id" },
    },
    grid: { columns: 3, count: 6 },
    ...{ tissue: "Heart", images, threads, scratch: await Deno.makeTempDir() },
    controls: { count: 2, random: new Random("controls") },
  });
  writer.leaveOut(1, "too few nuclei", 1);
  for (const [patch, rgb] of PICTURES) {
    const instances = mask(patch), ids = instances.map((value) => value * (50 + patch));
    await writer.append(
      { patch, instances, nucleusIds: ids, cellIds: ids },
      { cells: Int32Array.of(50 + patch), isCut: Uint8Array.of(patch === 2 ? 1 : 0) },
      rgb.slice(),
    );
  }
  assertEquals(writer.outcomes["kept"], 3);
  await writer.finish();
}

for (const [images, threads] of [["png", 1], ["png", 2], ["npy", 1]] as const) {
  Deno.test(`a set of patches is read as it was written: ${images}, ${threads} threads`, async () => {
    const disk = new MemoryDisk();
    await written(disk, images, threads);
    const set = await openPatchSet(disk, "/p");
    assertEquals([...set.patchIds], [0, 2, 3]);
    assertEquals(set.description?.slide, "heart_s0");
    for (const [index, patch] of [...set.patchIds].entries()) {
      assertEquals(await set.image(index), PICTURES.get(patch));
      const { instances, nucleusIds } = await set.nuclei(index);
      assertEquals(instances, mask(patch));
      assertEquals(nucleusIds, mask(patch).map((value) => value * (50 + patch)));
      assertEquals(await set.cells(index), nucleusIds);
    }
    const table = await readParquetColumns(disk, "/p/nuclei.parquet");
    assertEquals([...table.numbers("cell")], [50, 52, 53]);
    assertEquals([...table.booleans("is_cut")], [0, 1, 0]);
    const controls = await readControlPatches(disk, "/p");
    assertEquals(controls.length, 2);
    for (const { patch, rgb, instances } of controls) {
      assertEquals(rgb, PICTURES.get(patch));
      assertEquals(instances, mask(patch));
    }
  });
}

Deno.test("encodePng() writes what libpng reads, and decodePng() what libpng writes", async () => {
  const rgb = PICTURES.get(2)!, size = { width: WIDTH, height: WIDTH };
  const { data, info } = await sharp(encodePng(rgb, WIDTH, WIDTH)).raw()
    .toBuffer({ resolveWithObject: true });
  assertEquals([info.channels, info.width, info.height], [3, WIDTH, WIDTH]);
  assertEquals(new Uint8Array(data), rgb);
  const theirs = await sharp(rgb, { raw: { ...size, channels: 3 } }).png().toBuffer();
  assertEquals(await decodePng(new Uint8Array(theirs), { ...size, path: "a.png" }), rgb);
});

Deno.test("decodePng() refuses a picture that is cut short, changed or of another size", async () => {
  const png = encodePng(PICTURES.get(2)!, WIDTH, WIDTH);
  const size = { width: WIDTH, height: WIDTH, path: "7.png" };
  const spoiled = png.slice();
  spoiled[60] ^= 0xff;
  for (const bytes of [png.subarray(0, png.length - 40), png.subarray(0, 20), spoiled]) {
    const error = await assertRejects(() => decodePng(bytes, size), SthelarError);
    assertEquals([error.tag, error.path], ["CorruptData", "7.png"]);
  }
  await assertRejects(() => decodePng(png, { ...size, width: 17 }), SthelarError, "7.png");
});

Deno.test("openPatchSet() refuses files that do not belong together", async () => {
  const spoil = async (
    images: PatchImageKind,
    edit: (disk: MemoryDisk) => Promise<void>,
    says: RegExp,
  ) => {
    const disk = new MemoryDisk();
    await written(disk, images);
    await edit(disk);
    const error = await assertRejects(() => openPatchSet(disk, "/p"), SthelarError);
    assert(says.test(error.message), error.message);
  };
  const ids = npyBytes({ data: BigInt64Array.of(0n, 2n), shape: [2] });
  await spoil("png", (disk) => disk.write("/p/patch_ids.npy", ids), /masks.npz.*512 x channels/);
  await spoil("npy", (disk) => disk.write("/p/patch_ids.npy", ids), /images.npy.*2 x 16 x 16 x 3/);
  await spoil("png", (disk) => disk.remove("/p/images.zip"), /neither images.zip nor images.npy/);
  await spoil("png", (disk) => disk.write("/p/patches.json", new Uint8Array(3)), /patches.json/);
  const unsorted = npyBytes({ data: BigInt64Array.of(0n, 3n, 2n), shape: [3] });
  await spoil("png", (disk) => disk.write("/p/patch_ids.npy", unsorted), /found 2, expected asc/);
  await spoil("png", async (disk) => {
    const bytes = (await disk.read("/p/images.zip"))!;
    await disk.write("/p/images.zip", bytes.subarray(0, bytes.length - 9));
  }, /images.zip/);
});

Deno.test("a set of patches takes patches in ascending order only", async () => {
  const writer = await PatchSetWriter.create(new MemoryDisk(), "/p", {
    description: {
      ...{ format: 1, slide: "a", patchWidth: WIDTH, overlap: 4, sampling: "centre" },
      image: { level: 0, width: 40, height: 28 },
      ...{ toGlobal: [1, 0, 0, 0, 1, 0], umPerPixel: 0.25, cellNumbers: "id" },
    },
    grid: { columns: 3, count: 6 },
    ...{ tissue: "A", images: "png", threads: 1, scratch: await Deno.makeTempDir() },
    controls: { count: 0, random: new Random("a") },
  });
  const masks = { patch: 3, instances: mask(0), nucleusIds: mask(0), cellIds: mask(0) };
  const nuclei = { cells: Int32Array.of(1), isCut: Uint8Array.of(0) };
  await writer.append(masks, nuclei, picture(0));
  await assertRejects(() => writer.append(masks, nuclei, picture(0)), SthelarError, "ascending");
  await writer.discard();
});

Deno.test("he_patches has the seven published columns, a metric that is missing stays missing", async () => {
  const disk = new MemoryDisk();
  const metric = { values: Float64Array.of(0.5, 0, 0.25), missing: Uint8Array.of(0, 1, 0) };
  const grid = { patchWidth: 256, step: 192, columns: 3, count: 3 };
  const spec = hePatches(grid, [2, 0, 5, 0, 2, 6], { Dice: metric, Jaccard: metric, bPQ: metric });
  await writeShapes(disk, "/a.zarr", "he_patches", spec);
  const { columns, ids } = await readShapes(disk, "/a.zarr/shapes/he_patches");
  assertEquals(ids, BigInt64Array.of(0n, 1n, 2n));
  assertEquals(columns.names, ["bboxes", "ilocs", "patch_id", "Dice", "Jaccard", "bPQ"]);
  const boxes = columns.lists("bboxes").values as BigInt64Array;
  assertEquals([...boxes.subarray(4, 8)], [192n, 0n, 448n, 256n]);
  const dice = columns.column("Dice");
  assert(dice.kind === "numbers");
  assertEquals([...dice.missing!], [0, 1, 0]);
});
