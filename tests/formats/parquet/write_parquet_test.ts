import { assertEquals, assertRejects } from "@std/assert";
import { allocate, NUMERIC_DTYPES } from "@/core/arrays.ts";
import { MemoryDisk } from "@/formats/disk/mod.ts";
import { type Column, readParquetColumns, writeParquet } from "@/formats/parquet/mod.ts";

Deno.test("writeParquet() and readParquetColumns() keep every kind of column", async () => {
  const columns = new Map<string, Column>([
    ["flag", { kind: "booleans", values: Uint8Array.of(1, 0, 1) }],
    ["gaps", { kind: "numbers", values: Int32Array.of(1, 0, 3), missing: Uint8Array.of(0, 1, 0) }],
    ["text", { kind: "text", values: ["é", undefined, ""] }],
    ["list", {
      kind: "lists",
      starts: Int32Array.of(0, 1, 1, 3),
      values: Float32Array.of(1, 2, 3),
    }],
    ["bytes", {
      kind: "bytes",
      values: [Uint8Array.of(0, 200), new Uint8Array(), Uint8Array.of(7)],
    }],
  ]);
  for (const dtype of NUMERIC_DTYPES) {
    const values = allocate(dtype, 3);
    const wide = values instanceof BigInt64Array || values instanceof BigUint64Array;
    values[0] = (wide ? 1n : 1) as never;
    // The largest value, or minus one for signed types.
    values[1] = (wide ? -1n : dtype.startsWith("u") ? 2 ** 32 - 1 : -1) as never;
    columns.set(dtype, { kind: "numbers", values });
  }
  const disk = new MemoryDisk();
  await writeParquet(disk, "/a.parquet", columns, { rowGroupSize: 2 });
  const read = await readParquetColumns(disk, "/a.parquet");
  assertEquals(read.names, [...columns.keys()]);
  for (const [name, column] of columns) assertEquals(read.column(name), column);
});

Deno.test("writeParquet() writes categories as the texts that they stand for", async () => {
  const disk = new MemoryDisk();
  const values = { codes: Int32Array.of(1, -1, 0), levels: ["B", "T"], ordered: false };
  await writeParquet(disk, "/a.parquet", new Map([["kind", { kind: "categories", values }]]));
  const read = await readParquetColumns(disk, "/a.parquet");
  assertEquals(read.text("kind"), ["T", undefined, "B"]);
});

Deno.test("writeParquet() keeps columns of no rows", async () => {
  const disk = new MemoryDisk();
  await writeParquet(
    disk,
    "/a.parquet",
    new Map([["n", { kind: "numbers", values: new Uint8Array() }]]),
  );
  const read = await readParquetColumns(disk, "/a.parquet");
  assertEquals(read.column("n"), { kind: "numbers", values: new Uint8Array() });
});

Deno.test("writeParquet() refuses columns of different lengths", async () => {
  const columns = new Map<string, Column>([
    ["a", { kind: "numbers", values: new Uint8Array(2) }],
    ["b", { kind: "text", values: ["x"] }],
  ]);
  await assertRejects(() => writeParquet(new MemoryDisk(), "/a.parquet", columns), RangeError);
});
