import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { localDisk, MemoryDisk } from "@/formats/disk/mod.ts";
import { openDuckDb, parquetSchema } from "@/formats/parquet/mod.ts";
import { checkThrift } from "@/formats/parquet/check_thrift.ts";

const FIXTURES = new URL("../../fixtures/parquet/", import.meta.url).pathname;

/** A footer's bytes, and the file around it. */
async function fixtureFooter(name: string): Promise<{ footer: Uint8Array; file: Uint8Array }> {
  const file = await Deno.readFile(FIXTURES + name);
  const length = new DataView(file.buffer).getUint32(file.length - 8, true);
  return { footer: file.subarray(file.length - 8 - length, file.length - 8), file };
}

Deno.test("checkThrift() ends where the footers of all fixtures end", async () => {
  let count = 0;
  for await (const { name } of Deno.readDir(FIXTURES)) {
    if (!name.endsWith(".parquet")) continue;
    const { footer } = await fixtureFooter(name);
    assertEquals(checkThrift(footer), footer.length, name);
    count++;
  }
  assert(count >= 5);
});

Deno.test("checkThrift() refuses a footer cut short at any byte", async () => {
  const { footer } = await fixtureFooter("types_none.parquet");
  for (let length = 0; length < footer.length; length++) {
    assertThrows(() => checkThrift(footer.subarray(0, length)), Error);
  }
});

Deno.test("checkThrift() knows each type, long field numbers and long lists", () => {
  const list = (count: number, type: number) => [0xf0 | type, count];
  const bytes = [
    [0x11], // true
    [0x12], // false
    [0x13, 7], // byte
    [0x15, 0x80, 0x01], // 32 bits in two bytes
    [0x06, 0x80, 0x02, 0x01], // 64 bits, with a field number of its own
    [0x17, 0, 0, 0, 0, 0, 0, 0, 0], // double
    [0x18, 2, 65, 66], // two bytes
    [0x19, ...list(16, 1), ...new Array(16).fill(1)], // booleans
    [0x19, 0x2c, 0, 0x11, 0], // two structs
    [0x1c, 0], // a struct
    [0],
  ].flat();
  assertEquals(checkThrift(Uint8Array.from([...bytes, 99])), bytes.length);
});

const HOSTILE: readonly (readonly [string, readonly number[], string])[] = [
  ["a list of 2^28", [0x19, 0xfc, 0x80, 0x80, 0x80, 0x80, 0x01, 0], "a list of 268435456"],
  ["a text of 2^28", [0x18, 0x80, 0x80, 0x80, 0x80, 0x01, 0], "bytes too late"],
  ["a number without an end", [0x15, ...new Array(20).fill(0xff)], "more than 10 bytes"],
  ["structs without an end", new Array(1000).fill(0x1c), "values within 64"],
  ["lists of lists without an end", [0x19, ...new Array(5000).fill(0x19), 0], "values within 64"],
  ["a map", [0x1b, 0], "unknown type 11"],
];

for (const [what, bytes, message] of HOSTILE) {
  Deno.test(`checkThrift() refuses ${what}`, () => {
    assertThrows(() => checkThrift(Uint8Array.from(bytes)), Error, message);
  });
}

Deno.test("a footer that declares 2^25 columns takes no memory and is CorruptData", async () => {
  const { footer, file } = await fixtureFooter("types_none.parquet");
  const at = file.length - 8 - footer.length;
  // The schema is the second field: a version of two bytes comes first.
  assertEquals([...footer.subarray(0, 3)], [0x15, footer[1], 0x19]);
  const damaged = new Uint8Array([
    ...file.subarray(0, at + 3),
    ...[0xfc, 0x80, 0x80, 0x80, 0x10],
    ...file.subarray(at + 8),
  ]);
  const disk = new MemoryDisk();
  disk.files.set("/t.parquet", damaged);
  const before = Deno.memoryUsage().rss;
  const error = await assertRejects(() => parquetSchema(disk, "/t.parquet"), SthelarError);
  assertEquals([error.tag, error.path], ["CorruptData", "/t.parquet"]);
  assert(error.found?.startsWith("a list of 33554432 elements"), error.found);
  assert(Deno.memoryUsage().rss - before < 128e6);
});

Deno.test("a footer longer than the first read is read whole", async () => {
  const path = await Deno.makeTempFile({ suffix: ".parquet" });
  using db = await openDuckDb({ memoryBytes: 256e6, threads: 1 });
  const long = "x".repeat(200_000);
  await db.copyToParquet("select 1 as a", path, { keyValueMetadata: { long } });
  const { keyValueMetadata, rowCount } = await parquetSchema(localDisk, path);
  await Deno.remove(path);
  assertEquals([keyValueMetadata.get("long"), rowCount], [long, 1]);
});
