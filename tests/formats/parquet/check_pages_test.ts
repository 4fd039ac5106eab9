import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { isSthelarError, SthelarError } from "@/core/errors.ts";
import { MemoryDisk } from "@/formats/disk/mod.ts";
import { readParquetColumns, writeParquet } from "@/formats/parquet/mod.ts";
import { checkRuns } from "@/formats/parquet/check_runs.ts";

const FIXTURE = new URL("../../fixtures/parquet/types_none.parquet", import.meta.url).pathname;

Deno.test("checkRuns() takes runs and packed values, also of more than are needed", () => {
  checkRuns(Uint8Array.of(20, 1), 1, 10);
  checkRuns(Uint8Array.of(3, 0b10110101, 4, 1), 1, 10);
  checkRuns(Uint8Array.of(3, 1, 2, 3), 3, 5);
  checkRuns(Uint8Array.of(0x80, 0x80, 0x02, 1, 2), 12, 16_384);
  checkRuns(new Uint8Array(), 1, 10);
});

Deno.test("checkRuns() refuses a run of more values than are left", () => {
  const huge = Uint8Array.of(0xfe, 0xff, 0xff, 0xff, 0x0f, 1);
  assertThrows(() => checkRuns(huge, 1, 100), Error, "a run of 2147483647 values where 100 are");
  assertThrows(() => checkRuns(Uint8Array.of(3, 0, ...huge), 1, 100), Error, "where 92 are left");
});

Deno.test("numbers of values that pages claim take no memory", async () => {
  const whole = await Deno.readFile(FIXTURE);
  const disk = new MemoryDisk();
  const before = Deno.memoryUsage().rss;
  const found = new Map<string, number>();
  for (let at = 4; at < 400; at++) {
    const damaged = whole.slice();
    damaged.set([0xfe, 0xff, 0xff, 0xff, 0x0f], at);
    disk.files.set("/t.parquet", damaged);
    try {
      await readParquetColumns(disk, "/t.parquet", ["int8", "int16", "int32"]);
    } catch (error) {
      assert(isSthelarError(error, "CorruptData"), `byte ${at}: ${error}`);
      const kind = /a run of|a page of|entries in a page/.exec(error.message)?.[0] ?? "else";
      found.set(kind, (found.get(kind) ?? 0) + 1);
    }
  }
  for (const kind of ["a run of", "a page of"]) assert(found.has(kind), [...found].join("; "));
  const grown = Deno.memoryUsage().rss - before;
  assert(grown < 300e6, `${grown} bytes`);
});

for (
  const [what, isSchema, message] of [
    ["two columns of one name", true, "two columns named"],
    ["row groups of other columns than the schema", false, "row groups of the columns"],
  ] as const
) {
  Deno.test(`${what}: CorruptData, not a rejection that nobody waits for`, async () => {
    const disk = new MemoryDisk();
    const column = { kind: "numbers", values: Int32Array.of(1, 2, 3) } as const;
    await writeParquet(disk, "/t.parquet", new Map([["first_one", column], ["first_two", column]]));
    const bytes = disk.files.get("/t.parquet")!;
    const text = new TextDecoder("latin1").decode(bytes);
    const places = [...text.matchAll(/first_two/g)].map(({ index }) => index);
    assert(places.length >= 2);
    for (const at of isSchema ? places : places.slice(1, 2)) {
      bytes.set(new TextEncoder().encode("first_one"), at);
    }
    const error = await assertRejects(
      () => readParquetColumns(disk, "/t.parquet"),
      SthelarError,
      message,
    );
    assertEquals([error.tag, error.path], ["CorruptData", "/t.parquet"]);
  });
}
