import { assert, assertEquals, assertRejects } from "@std/assert";
import { allocate, type DenseArray, NUMERIC_DTYPES, sizeOf } from "@/core/arrays.ts";
import { isSthelarError, SthelarError } from "@/core/errors.ts";
import { MemoryDisk } from "@/formats/disk/mod.ts";
import {
  consolidateMetadata,
  createArray,
  createGroup,
  openArray,
  openGroup,
  writeArray,
  writeBooleans,
  writeStrings,
} from "@/formats/zarr/mod.ts";

/** Deterministic numbers in [0, 1). */
function lcg(seed: number): () => number {
  let state = seed;
  return () => (state = (1664525 * state + 1013904223) % 2 ** 32) / 2 ** 32;
}

function randomArray(random: () => number): DenseArray {
  const dtype = NUMERIC_DTYPES[Math.floor(random() * NUMERIC_DTYPES.length)];
  const shape = Array.from({ length: Math.floor(random() * 4) }, () => Math.floor(random() * 7));
  const data = allocate(dtype, sizeOf(shape));
  const isZero = random() < 0.2;
  for (let i = 0; i < data.length; i++) {
    const value = isZero ? 0 : Math.floor(random() * 200) - (dtype.startsWith("u") ? 0 : 100);
    data[i] = dtype.endsWith("64") && !dtype.startsWith("f") ? BigInt(value) : value;
  }
  return { data, shape };
}

Deno.test("what writeArray() writes is read back: 200 random types, shapes and chunks", async () => {
  const random = lcg(7);
  for (let i = 0; i < 200; i++) {
    const disk = new MemoryDisk();
    const array = randomArray(random);
    const chunks = array.shape.map(() => 1 + Math.floor(random() * 5));
    await writeArray(disk, "/a", array, random() < 0.3 ? {} : { chunks });
    assertEquals(await (await openArray(disk, "/a")).read(), array, `array ${i}`);
  }
});

Deno.test("what writeStrings() writes is read back, also chunked, empty and single", async () => {
  const disk = new MemoryDisk();
  const cases: [string[], number[], number[]?][] = [
    [["a", "", "µ😀", "d", "e"], [5], [2]],
    [[], [0]],
    [["one"], []],
    [["a", "b", "c", "d", "e", "f"], [2, 3], [2, 2]],
  ];
  for (const [i, [values, shape, chunks]] of cases.entries()) {
    await writeStrings(disk, `/s${i}`, values, shape, chunks === undefined ? {} : { chunks });
    const array = await openArray(disk, `/s${i}`);
    assertEquals(array.shape, shape);
    assertEquals(await array.readStrings(), values);
  }
});

Deno.test("writeChunk() leaves out a chunk of nothing but the fill value", async () => {
  const disk = new MemoryDisk();
  const fillValue = NaN;
  const writer = await createArray(disk, "/a", [4], "float32", { chunks: [2], fillValue });
  await writer.writeChunk([0], Float32Array.of(NaN, NaN));
  await writer.writeChunk([1], Float32Array.of(0, NaN));
  assertEquals([...disk.files.keys()].sort(), ["/a/c/1", "/a/zarr.json"]);
  const { data } = await (await openArray(disk, "/a")).read();
  assertEquals(data, Float32Array.of(NaN, NaN, 0, NaN));
});

Deno.test("writeChunk() keeps a negative zero, which is not the fill value", async () => {
  const disk = new MemoryDisk();
  await writeArray(disk, "/a", { data: Float64Array.of(-0), shape: [1] });
  assert(Object.is((await (await openArray(disk, "/a")).read()).data[0], -0));
});

Deno.test("writeChunk() copies a view with an offset, not the whole buffer", async () => {
  const disk = new MemoryDisk();
  const all = Uint16Array.from({ length: 12 }, (_, i) => i);
  const writer = await createArray(disk, "/a", [2, 3], "uint16", { chunks: [1, 3] });
  await writer.writeChunk([1, 0], all.subarray(6, 9));
  await writer.writeChunk([0, 0], all.subarray(1, 4));
  assertEquals([...(await (await openArray(disk, "/a")).read()).data], [1, 2, 3, 6, 7, 8]);
});

Deno.test("writeChunk() refuses a chunk outside, too short or of another type", async () => {
  const writer = await createArray(new MemoryDisk(), "/a", [3], "int32", { chunks: [2] });
  for (
    const [index, data] of [
      [[2], Int32Array.of(1)],
      [[0, 0], Int32Array.of(1, 2)],
      [[1], Int32Array.of(1, 2)],
      [[0], Float32Array.of(1, 2)],
      [[-1], Int32Array.of(1, 2)],
    ] as const
  ) {
    const error = await assertRejects(() => writer.writeChunk(index, data), SthelarError);
    assert(isSthelarError(error, "InvalidArgument"));
  }
});

Deno.test("consolidateMetadata() lists all nodes below, parents first, and keeps the attributes", async () => {
  const disk = new MemoryDisk();
  await createGroup(disk, "/s", { version: "0.2" });
  await createGroup(disk, "/s/images");
  await writeBooleans(disk, "/s/images/a", Uint8Array.of(1, 0), [2]);
  await writeStrings(disk, "/s/b", ["x"], [1]);
  await consolidateMetadata(disk, "/s");
  const document = JSON.parse(new TextDecoder().decode(await disk.read("/s/zarr.json")));
  const { kind, must_understand, metadata } = document.consolidated_metadata;
  assertEquals([kind, must_understand], ["inline", false]);
  assertEquals(Object.keys(metadata), ["b", "images", "images/a"]);
  assertEquals(metadata.b.data_type, "string");
  assertEquals(metadata.images.consolidated_metadata.metadata, {});
  assertEquals((await openGroup(disk, "/s")).attributes, { version: "0.2" });
});

Deno.test("readRegion() reads only the chunks that it touches", async () => {
  const disk = new MemoryDisk();
  const data = Int32Array.from({ length: 100 }, (_, i) => i + 1);
  await writeArray(disk, "/a", { data, shape: [100] }, { chunks: [10] });
  for (const name of [...disk.files.keys()]) {
    if (/\/c\//.test(name) && !/\/c\/[45]$/.test(name)) disk.files.set(name, Uint8Array.of(0));
  }
  const part = await (await openArray(disk, "/a")).readRegion([[45, 55]]);
  assertEquals([...part.data], [46, 47, 48, 49, 50, 51, 52, 53, 54, 55]);
});
