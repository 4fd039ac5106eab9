import { assertEquals, assertRejects } from "@std/assert";
import { isSthelarError, SthelarError } from "@/core/errors.ts";
import { localDisk, MemoryDisk } from "@/formats/disk/mod.ts";
import { parquetSchema, readParquetColumns } from "@/formats/parquet/mod.ts";

const FIXTURES = new URL("../../fixtures/parquet", import.meta.url).pathname;
const WITHOUT_DATE = [
  "int8",
  "int16",
  "int32",
  "int64",
  "uint8",
  "uint16",
  "uint32",
  "uint64",
  "float32",
  "float64",
  "gaps",
  "flag",
  "text",
  "gene",
  "bytes",
  "list",
];

for (const codec of ["snappy", "zstd", "gzip", "brotli", "none"]) {
  Deno.test(`readParquetColumns() reads every type as pyarrow wrote it with ${codec}`, async () => {
    const path = `${FIXTURES}/types_${codec}.parquet`;
    const columns = await readParquetColumns(localDisk, path, WITHOUT_DATE);
    assertEquals(columns.rowCount, 3);
    assertEquals(columns.numbers("int8"), Int8Array.of(-1, 2, 127));
    assertEquals(columns.numbers("int16"), Int16Array.of(-300, 2, 3));
    assertEquals(columns.numbers("int32"), Int32Array.of(-70000, 2, 3));
    assertEquals(columns.numbers("int64"), BigInt64Array.of(-9007199254740993n, 2n, 3n));
    assertEquals(columns.numbers("uint8"), Uint8Array.of(1, 200, 255));
    assertEquals(columns.numbers("uint16"), Uint16Array.of(1, 2, 65535));
    assertEquals(columns.numbers("uint32"), Uint32Array.of(1, 2, 4294967295));
    assertEquals(columns.numbers("uint64"), BigUint64Array.of(1n, 2n, 9223372036854775809n));
    assertEquals(columns.numbers("float32"), Float32Array.of(0.5, -1.25, 3));
    assertEquals(columns.numbers("float64"), Float64Array.of(0.1, 1e300, -0));
    assertEquals(columns.column("gaps"), {
      kind: "numbers",
      values: Uint16Array.of(7, 0, 9),
      missing: Uint8Array.of(0, 1, 0),
    });
    assertEquals(columns.column("flag"), {
      kind: "booleans",
      values: Uint8Array.of(1, 0, 0),
      missing: Uint8Array.of(0, 1, 0),
    });
    assertEquals(columns.text("text"), ["µm", undefined, ""]);
    assertEquals(columns.text("gene"), ["b", "a", "b"]);
    assertEquals(columns.bytes("bytes").map((bytes) => [...bytes]), [[0, 255], [], []]);
    assertEquals(columns.lists("list"), {
      kind: "lists",
      starts: Int32Array.of(0, 2, 2, 2),
      values: Int32Array.of(1, 2),
    });
  });
}

Deno.test("parquetSchema() tells names, types and rows without reading them", async () => {
  const schema = await parquetSchema(localDisk, `${FIXTURES}/types_zstd.parquet`);
  assertEquals(schema.rowCount, 3);
  assertEquals(
    schema.columns.map(({ name, kind, dtype }) => `${name}: ${dtype ?? kind}`).slice(-8),
    [
      "float64: float64",
      "gaps: uint16",
      "flag: booleans",
      "text: text",
      "gene: text",
      "bytes: bytes",
      "list: int32",
      "date: other",
    ],
  );
});

Deno.test("readParquetColumns() refuses a date and names the column", async () => {
  const path = `${FIXTURES}/types_zstd.parquet`;
  const error = await assertRejects(() => readParquetColumns(localDisk, path), SthelarError);
  assertEquals(error.tag, "UnsupportedVersion");
  assertEquals(error.message.includes('"date"'), true);
});

Deno.test("readParquetColumns() names the nearest column where one is absent", async () => {
  const path = `${FIXTURES}/types_zstd.parquet`;
  const error = await assertRejects(
    () => readParquetColumns(localDisk, path, ["gense"]),
    SthelarError,
  );
  assertEquals(error.tag, "NotFound");
  assertEquals(error.remedy?.includes('"gene"'), true);
});

Deno.test("a missing parquet file is NotFound, a folder too", async () => {
  for (const path of ["/nowhere.parquet", FIXTURES]) {
    const error = await assertRejects(() => parquetSchema(localDisk, path), SthelarError);
    assertEquals([error.tag, error.path], ["NotFound", path]);
  }
});

Deno.test("a parquet file cut short anywhere is CorruptData and names it", async () => {
  const whole = await Deno.readFile(`${FIXTURES}/types_snappy.parquet`);
  const disk = new MemoryDisk();
  for (let length = 0; length < whole.length; length += 97) {
    await disk.write("/cut.parquet", whole.subarray(0, length));
    const error = await assertRejects(
      () => readParquetColumns(disk, "/cut.parquet", WITHOUT_DATE),
      SthelarError,
    );
    assertEquals([error.tag, error.path], ["CorruptData", "/cut.parquet"]);
  }
});

Deno.test("flipped bytes give values or a tagged error that names the file", async () => {
  const whole = await Deno.readFile(`${FIXTURES}/types_zstd.parquet`);
  const disk = new MemoryDisk();
  let refused = 0;
  for (let at = 0; at < whole.length; at += 53) {
    const damaged = whole.slice();
    damaged[at] ^= 0x5a;
    await disk.write("/flipped.parquet", damaged);
    try {
      await readParquetColumns(disk, "/flipped.parquet", WITHOUT_DATE);
    } catch (error) {
      if (!isSthelarError(error)) throw error;
      assertEquals(error.path, "/flipped.parquet");
      refused++;
    }
  }
  assertEquals(refused > 10, true);
});
