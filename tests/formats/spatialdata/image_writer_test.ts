import { assertEquals, assertRejects } from "@std/assert";
import { allocate, type NumericArray, type NumericDType } from "@/core/arrays.ts";
import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { MemoryDisk } from "@/formats/disk/mod.ts";
import {
  createImageWriter,
  createLabelsWriter,
  identity,
  type ImagePyramid,
  type ImageSpec,
  type ImageWriter,
  openImage,
} from "@/formats/spatialdata/mod.ts";
import { openSmallStore } from "./small_store.ts";

const inGlobal = new Map([["global", identity]]);

async function level(image: ImagePyramid, index: number): Promise<NumericArray> {
  const [y1, x1] = image.levels[index].shape.slice(-2);
  return (await image.readRegion(index, { y0: 0, y1, x0: 0, x1 })).data;
}

interface Tile {
  readonly channel: number;
  readonly row: number;
  readonly column: number;
}

function tilesOf({ levels: [{ shape, chunks }] }: ImageWriter): Tile[] {
  const tiles: Tile[] = [];
  for (let row = 0; row * chunks[1] < shape[1]; row++) {
    for (let column = 0; column * chunks[2] < shape[2]; column++) {
      for (let channel = 0; channel * chunks[0] < shape[0]; channel++) {
        tiles.push({ channel, row, column });
      }
    }
  }
  return tiles;
}

/** The pixels of a tile of an image that is in memory. */
function tileOf(writer: ImageWriter, { channel, row, column }: Tile, data: NumericArray) {
  const { shape, chunks } = writer.levels[0];
  const [c0, y0, x0] = [channel * chunks[0], row * chunks[1], column * chunks[2]];
  const [c1, y1, x1] = [c0, y0, x0].map((from, i) => Math.min(shape[i], from + chunks[i]));
  const values: (number | bigint)[] = [];
  for (let c = c0; c < c1; c++) {
    for (let y = y0; y < y1; y++) {
      for (let x = x0; x < x1; x++) values.push(data[(c * shape[1] + y) * shape[2] + x]);
    }
  }
  const tile = data.slice(0, values.length);
  values.forEach((value, i) => (tile as Uint8Array)[i] = value as number);
  return tile;
}

async function copyImage(
  source: ImagePyramid,
  disk: Disk,
  spec: Partial<ImageSpec>,
  order: (tiles: Tile[]) => Tile[] = (tiles) => tiles,
): Promise<ImagePyramid> {
  const data = await level(source, 0);
  const common = {
    name: source.name,
    dtype: source.dtype,
    pyramid: { kind: "halved", levels: source.levels.length } as const,
    transformations: source.transformations,
  };
  const isImage = source.axes.length === 3;
  const writer = isImage
    ? await createImageWriter(disk, "/s.zarr", {
      ...common,
      shape: source.levels[0].shape as [number, number, number],
      channels: source.channels,
      ...spec,
    })
    : await createLabelsWriter(disk, "/s.zarr", {
      ...common,
      shape: source.levels[0].shape as [number, number],
      tile: [16, 16],
    });
  for (const tile of order(tilesOf(writer))) {
    await writer.writeTile(tile, tileOf(writer, tile, data));
  }
  await writer.finish();
  return await openImage(disk, `/s.zarr/${isImage ? "images" : "labels"}/${source.name}`);
}

async function assertSamePyramid(ours: ImagePyramid, theirs: ImagePyramid): Promise<void> {
  assertEquals(ours.levels.map(({ shape }) => shape), theirs.levels.map(({ shape }) => shape));
  assertEquals(ours.levels.map(({ scale }) => scale), theirs.levels.map(({ scale }) => scale));
  for (const index of theirs.levels.keys()) {
    assertEquals(await level(ours, index), await level(theirs, index), `level ${index}`);
  }
}

const ORDERS: { readonly [name: string]: (tiles: Tile[]) => Tile[] } = {
  "in rows": (tiles) => tiles,
  "backwards": (tiles) => tiles.toReversed(),
  "in columns": (tiles) => tiles.toSorted((a, b) => a.column - b.column || a.row - b.row),
};

for (const [order, sort] of Object.entries(ORDERS)) {
  Deno.test(`createImageWriter() makes the pyramid of spatialdata from tiles ${order}`, async () => {
    const { store } = await openSmallStore(3);
    for (const name of ["odd", "even"]) {
      const theirs = await store.image(name);
      for (const tile of [[1, 16, 16], [1, 8, 32], [3, 64, 64], [1, 6, 10]] as const) {
        await assertSamePyramid(await copyImage(theirs, new MemoryDisk(), { tile }, sort), theirs);
      }
    }
  });

  Deno.test(`tiles ${order} give the same pyramid with next to no memory for them`, async () => {
    const { store } = await openSmallStore(3);
    const theirs = await store.image("odd");
    const spec = { tile: [1, 8, 8], pendingBytes: 100 } as const;
    await assertSamePyramid(await copyImage(theirs, new MemoryDisk(), spec, sort), theirs);
  });

  Deno.test(`createLabelsWriter() makes the pyramid of spatialdata from tiles ${order}`, async () => {
    const { store } = await openSmallStore(3);
    const theirs = await store.labels("cells");
    await assertSamePyramid(await copyImage(theirs, new MemoryDisk(), {}, sort), theirs);
  });
}

Deno.test("tiles written at the same time give the same pyramid", async () => {
  const { store } = await openSmallStore(3);
  const theirs = await store.image("odd");
  const data = await level(theirs, 0);
  const disk = new MemoryDisk();
  const writer = await createImageWriter(disk, "/s.zarr", {
    name: "odd",
    shape: [2, 45, 38],
    dtype: "uint16",
    channels: theirs.channels,
    tile: [1, 16, 16],
    pyramid: { kind: "halved", levels: 4 },
    pendingBytes: 600,
    transformations: theirs.transformations,
  });
  const tiles = tilesOf(writer);
  await Promise.all(tiles.map((tile) => writer.writeTile(tile, tileOf(writer, tile, data))));
  await writer.finish();
  await assertSamePyramid(await openImage(disk, "/s.zarr/images/odd"), theirs);
});

Deno.test("pixels of float32 are within one part in 10^6 of spatialdata's mean", async () => {
  const { store } = await openSmallStore(3);
  const theirs = await store.image("float");
  const ours = await copyImage(theirs, new MemoryDisk(), { tile: [1, 16, 16] });
  const [a, b] = [await level(ours, 1), await level(theirs, 1)] as Float32Array[];
  assertEquals(a.length, b.length);
  a.forEach((value, i) => assertEquals(Math.abs(value - b[i]) <= 1e-6 * Math.abs(b[i]), true));
});

Deno.test("means of signed integers are cut towards zero, as numpy casts", async () => {
  for (
    const [dtype, values, mean] of [
      ["int16", [-1, -2, -2, -2], -1],
      ["int8", [127, 127, 127, 126], 126],
      ["uint32", [4294967295, 4294967295, 4294967295, 4294967294], 4294967294],
    ] as const
  ) {
    const disk = new MemoryDisk();
    const writer = await createImageWriter(disk, "/s.zarr", {
      name: "a",
      shape: [1, 2, 2],
      dtype,
      channels: ["c"],
      transformations: inGlobal,
    });
    const data = allocate(dtype as NumericDType, 4);
    values.forEach((value, i) => (data as Float64Array)[i] = value);
    await writer.writeTile({ row: 0, column: 0 }, data);
    await writer.finish();
    const image = await openImage(disk, "/s.zarr/images/a");
    assertEquals(image.levels.length, 2);
    assertEquals((await level(image, 1))[0], mean);
  }
});

Deno.test("tiles that are never written are zero on every level", async () => {
  const disk = new MemoryDisk();
  const writer = await createImageWriter(disk, "/s.zarr", {
    name: "a",
    shape: [2, 64, 64],
    dtype: "uint8",
    channels: ["DAPI", "dummy"],
    tile: [1, 16, 16],
    transformations: inGlobal,
  });
  await writer.writeTile({ row: 1, column: 2 }, new Uint8Array(256).fill(200));
  await writer.finish();
  const image = await openImage(disk, "/s.zarr/images/a");
  assertEquals(image.levels.map(({ shape }) => shape[1]), [64, 32, 16, 8, 4]);
  const top = await level(image, 4);
  // The tile covers rows 16..31 and columns 32..47: one pixel of 16 x 16.
  assertEquals([...top.slice(0, 16)].map(Number), [
    0,
    0,
    0,
    0,
    0,
    0,
    200,
    0,
    ...new Array(8).fill(0),
  ]);
  assertEquals(top.slice(16).every((value) => Number(value) === 0), true);
  const files = [...disk.files.keys()].filter((path) => path.includes("/c/1/"));
  assertEquals(files, []);
});

Deno.test("levels stop before a side would vanish", async () => {
  const writer = await createImageWriter(new MemoryDisk(), "/s.zarr", {
    name: "a",
    shape: [1, 5, 300],
    dtype: "uint8",
    channels: ["c"],
    pyramid: { kind: "halved", levels: 9 },
    transformations: inGlobal,
  });
  assertEquals(writer.levels.map(({ shape }) => shape.slice(1)), [[5, 300], [2, 150], [1, 75]]);
});

Deno.test("given levels are stored as they are, three channels in a tile", async () => {
  const disk = new MemoryDisk();
  const writer = await createImageWriter(disk, "/s.zarr", {
    name: "he",
    shape: [3, 5, 4],
    dtype: "uint8",
    channels: ["r", "g", "b"],
    tile: [3, 256, 256],
    pyramid: { kind: "given", sizes: [[3, 2]] },
    transformations: inGlobal,
  });
  await writer.writeTile({ row: 0, column: 0 }, Uint8Array.from({ length: 60 }, (_, i) => i));
  await writer.writeTile({ level: 1, row: 0, column: 0 }, new Uint8Array(18).fill(7));
  await writer.finish();
  const he = await openImage(disk, "/s.zarr/images/he");
  assertEquals(he.levels.map(({ scale }) => scale), [[1, 1, 1], [1, 5 / 3, 2]]);
  assertEquals([...await level(he, 1)], new Array(18).fill(7));
  const region = await he.readRegion(0, { c: [1, 2], y0: 1, y1: 3, x0: 2, x1: 4 });
  assertEquals([region.shape, [...region.data]], [[1, 2, 2], [26, 27, 30, 31]]);
});

Deno.test("writeTile() refuses a second writing, a made level, a wrong size and a late tile", async () => {
  const writer = await createImageWriter(new MemoryDisk(), "/s.zarr", {
    name: "a",
    shape: [1, 8, 8],
    dtype: "uint8",
    channels: ["c"],
    tile: [1, 4, 4],
    transformations: inGlobal,
  });
  const tile = new Uint8Array(16);
  await writer.writeTile({ row: 0, column: 0 }, tile);
  const refused = async (place: Tile & { level?: number }, data: NumericArray, message: string) => {
    const error = await assertRejects(() => writer.writeTile(place, data), SthelarError, message);
    assertEquals(error.tag, "InvalidArgument");
  };
  const place = { channel: 0, row: 0, column: 0 };
  await refused(place, tile, "written before");
  await refused({ ...place, level: 1 }, tile, "a level that is not written");
  await refused({ ...place, column: 1 }, new Uint8Array(15), "15 values");
  await refused({ ...place, row: 1 }, new Uint16Array(16), "uint16");
  await refused({ ...place, row: 2 }, tile, "Cannot write chunk");
  await writer.finish();
  await writer.finish();
  await refused({ ...place, row: 1, column: 1 }, tile, "a finished image");
});

Deno.test("createImageWriter() refuses channel names that do not fit", async () => {
  await assertRejects(
    () =>
      createImageWriter(new MemoryDisk(), "/s.zarr", {
        name: "a",
        shape: [3, 8, 8],
        dtype: "uint8",
        channels: ["r"],
        transformations: inGlobal,
      }),
    SthelarError,
    "1 channel names for 3 channels",
  );
});

Deno.test("attributes equal those of spatialdata, key for key", async () => {
  const { store, disk, root } = await openSmallStore(3);
  const ours = new MemoryDisk();
  await copyImage(await store.image("odd"), ours, { tile: [1, 16, 16] });
  const parse = (bytes: Uint8Array | undefined) => JSON.parse(new TextDecoder().decode(bytes));
  const theirs = parse(await disk.read(`${root}/images/odd/zarr.json`));
  assertEquals(
    parse(await ours.read("/s.zarr/images/odd/zarr.json")).attributes,
    theirs.attributes,
  );
});
