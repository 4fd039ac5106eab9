import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { type DuckDb, openDuckDb } from "@/formats/parquet/mod.ts";
import { FeatureCodes } from "@/formats/xenium/feature_codes.ts";

async function hashesOf(db: DuckDb, codes: FeatureCodes, sql: string): Promise<Uint32Array> {
  const result = await db.query(`select ${codes.hashSql("name")} as hash from (${sql})`);
  return result.numbers("hash") as Uint32Array;
}

Deno.test("FeatureCodes gives the position of 20,000 names, which takes a second seed", async () => {
  using db = await openDuckDb({ memoryBytes: 256e6, threads: 1 });
  const names = Array.from({ length: 20_000 }, (_, i) => `feature ${i}`);
  const codes = await FeatureCodes.open(db, names);
  const sql = "select 'feature ' || (i * 7 % 20000) as name from range(20000) rows(i)";
  const found = codes.decodeInPlace(await hashesOf(db, codes, sql), "file");
  assertEquals(found, Int32Array.from(names, (_, i) => i * 7 % 20_000));
});

Deno.test("FeatureCodes refuses rows without a name, and counts them", async () => {
  using db = await openDuckDb({ memoryBytes: 256e6, threads: 1 });
  const codes = await FeatureCodes.open(db, ["a", "it's", ""]);
  const sql = "select unnest(['a', null, '', 'it''s', null]) as name";
  const hashes = await hashesOf(db, codes, sql);
  const error = assertThrows(() => codes.decodeInPlace(hashes, "file"), SthelarError);
  assertEquals([error.tag, error.path], ["CorruptData", "file"]);
  assertEquals(error.found, "2 missing values of 5");
});

Deno.test("FeatureCodes refuses names that are there twice", async () => {
  using db = await openDuckDb({ memoryBytes: 256e6, threads: 1 });
  const error = await assertRejects(() => FeatureCodes.open(db, ["a", "b", "a"]), SthelarError);
  assertEquals(error.tag, "InvalidArgument");
});
