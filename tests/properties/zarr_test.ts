import { assertEquals } from "@std/assert";
import { NUMERIC_DTYPES, sizeOf } from "@/core/arrays.ts";
import { MemoryDisk } from "@/formats/disk/mod.ts";
import { openArray, writeArray, writeBooleans, writeStrings } from "@/formats/zarr/mod.ts";
import type { Draw } from "./draw.ts";
import { forAll } from "./for_all.ts";

function drawShape(draw: Draw): number[] {
  return draw.list(draw.integer(0, 4), () => draw.length());
}

function drawChunks(draw: Draw, shape: readonly number[]) {
  if (draw.chance(0.3)) return {};
  return { chunks: shape.map((extent) => draw.integer(1, extent + 2)) };
}

forAll("zarr: numbers of any type, rank, shape, chunks and fill value are read back", {
  cases: 250,
  size: 6,
}, async (draw) => {
  const [disk, shape] = [new MemoryDisk(), drawShape(draw)];
  const dtype = draw.pick(NUMERIC_DTYPES);
  const data = draw.numbers(dtype, sizeOf(shape));
  const fills = dtype.startsWith("float") ? [0, NaN, Infinity, -Infinity, -0, 0.1] : [0, 1, 100];
  const fillValue = draw.pick(fills);
  if (draw.chance(0.3) && !dtype.endsWith("64")) (data as Float32Array).fill(fillValue);
  await writeArray(disk, "/a", { data, shape }, { ...drawChunks(draw, shape), fillValue });
  const array = await openArray(disk, "/a");
  assertEquals([array.shape, array.dtype], [shape, dtype]);
  assertEquals(await array.read(), { data, shape });
  const ranges = shape.map((extent) => {
    const start = draw.integer(0, extent);
    return [start, draw.integer(start, extent)] as const;
  });
  const box = await array.readRegion(ranges);
  const inBox = [...data].filter((_, i) => {
    let rest = i;
    return shape.toReversed().every((extent, axis) => {
      const at = rest % extent;
      rest = (rest - at) / extent;
      const [start, stop] = ranges[shape.length - 1 - axis];
      return at >= start && at < stop;
    });
  });
  assertEquals([...box.data], inBox);
});

forAll(
  "zarr: booleans of any shape and chunks are read back",
  { cases: 60, size: 6 },
  async (draw) => {
    const [disk, shape] = [new MemoryDisk(), drawShape(draw)];
    const values = Uint8Array.from({ length: sizeOf(shape) }, () => draw.integer(0, 1));
    await writeBooleans(disk, "/a", values, shape, drawChunks(draw, shape));
    const array = await openArray(disk, "/a");
    assertEquals(array.dtype, "bool");
    assertEquals(await array.read(), { data: values, shape });
  },
);

Deno.test("zarr: a text that starts with a byte-order mark keeps it", async () => {
  const disk = new MemoryDisk();
  await writeStrings(disk, "/a", ["\ufeffgene", "\ufeff", "\u0000"], [3]);
  const texts = await (await openArray(disk, "/a")).readStrings();
  assertEquals(texts, ["\ufeffgene", "\ufeff", "\u0000"]);
});

forAll("zarr: texts of any Unicode are read back", { cases: 120, size: 7 }, async (draw) => {
  const [disk, shape] = [new MemoryDisk(), draw.list(draw.integer(0, 2), () => draw.length())];
  const values = draw.list(sizeOf(shape), () => draw.text());
  await writeStrings(disk, "/a", values, shape, drawChunks(draw, shape));
  assertEquals(await (await openArray(disk, "/a")).readStrings(), values);
});
