import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type ErrorTag, isSthelarError, SthelarError } from "@/core/errors.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import {
  type DuckDb,
  openDuckDb,
  parquetSchema,
  parquetTable,
  quoteText,
  readParquetColumns,
} from "@/formats/parquet/mod.ts";

const MEMORY = { memoryBytes: 256e6, threads: 1 };

async function withFolder(run: (folder: string, db: DuckDb) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    using db = await openDuckDb(MEMORY);
    await run(folder, db);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function failure(promise: Promise<unknown>, tag: ErrorTag): Promise<SthelarError> {
  const error = await assertRejects(() => promise, SthelarError);
  assertEquals(error.tag, tag, error.message);
  return error;
}

Deno.test("stream() yields typed columns of all rows", async () => {
  using db = await openDuckDb(MEMORY);
  let sum = 0n;
  let rows = 0;
  for await (const part of db.stream("select range as n, range::float as f from range(5000)")) {
    for (const value of part.numbers("n") as BigInt64Array) sum += value;
    assertEquals(part.numbers("f") instanceof Float32Array, true);
    rows += part.rowCount;
  }
  assertEquals([rows, sum], [5000, 12497500n]);
});

Deno.test("stream() keeps gaps, booleans, enums and the texts asked for", async () => {
  using db = await openDuckDb(MEMORY);
  const result = await db.query(
    `select * from (values
       (1::utinyint, true, 'b'::enum('a', 'b'), 'x', '\\x00\\x01'::blob),
       (null, null, null, null, null)) t(n, flag, kind, name, bytes)`,
    { text: ["name"] },
  );
  assertEquals(result.column("n"), {
    kind: "numbers",
    values: Uint8Array.of(1, 0),
    missing: Uint8Array.of(0, 1),
  });
  assertEquals(result.column("flag"), {
    kind: "booleans",
    values: Uint8Array.of(1, 0),
    missing: Uint8Array.of(0, 1),
  });
  assertEquals(result.categories("kind").codes, Int32Array.of(1, -1));
  assertEquals(result.text("name"), ["x", undefined]);
  assertEquals(result.bytes("bytes"), [Uint8Array.of(0, 1), new Uint8Array()]);
});

Deno.test("stream() codes texts of any length as categories of the block", async () => {
  using db = await openDuckDb(MEMORY);
  const names = ["", "a", "aaaaaaaa-1", "twelve chars", "thirteen chars", "thirteen chart", "ä"];
  const list = names.map(quoteText).join(", ");
  const sql = `select if(i % 11 = 10, null, [${list}][1 + (i // 3) % 7]) as name, i::int as i
    from range(7000) rows(i) order by i`;
  let row = 0;
  for await (const block of db.stream(sql, { coded: ["name"] })) {
    const { codes, levels } = block.categories("name");
    assertEquals(new Set(levels).size, levels.length);
    for (const code of codes) {
      const expected = row % 11 === 10 ? undefined : names[Math.floor(row / 3) % 7];
      assertEquals(levels[code], expected, `row ${row}`);
      row++;
    }
  }
  assertEquals(row, 7000);
});

Deno.test("stream() refuses texts that were not asked for and says how to ask", async () => {
  using db = await openDuckDb(MEMORY);
  const error = await failure(db.query("select 'a' as gene"), "InvalidArgument");
  assertEquals(error.remedy?.startsWith('name it in { text: ["gene"] }'), true);
});

Deno.test("stream() refuses a sum of integers (HUGEINT) and says to cast it", async () => {
  using db = await openDuckDb(MEMORY);
  const error = await failure(
    db.query("select sum(range::int) as n from range(3)"),
    "InvalidArgument",
  );
  assertEquals(error.found, "type HUGEINT");
});

Deno.test("a stream left early gives the connection back", async () => {
  using db = await openDuckDb(MEMORY);
  for await (const part of db.stream("select range::int as n from range(100000)")) {
    assertEquals(part.numbers("n")[1], 1);
    break;
  }
  assertEquals((await db.query("select 7::int as n")).numbers("n")[0], 7);
});

Deno.test("copyToParquet() writes types, metadata and row groups, and odd paths", () =>
  withFolder(async (folder, db) => {
    const path = `${folder}/it's [1] odd.parquet`;
    await db.copyToParquet(
      "select range::usmallint as n, 'g' || (range % 3) as gene from range(5000)",
      path,
      { rowGroupSize: 2048, keyValueMetadata: { note: 'it\'s "quoted"' } },
    );
    const schema = await parquetSchema(localDisk, path);
    assertEquals(schema.rowCount, 5000);
    assertEquals(schema.columns.map(({ kind, dtype }) => dtype ?? kind), ["uint16", "text"]);
    assertEquals(schema.keyValueMetadata.get("note"), 'it\'s "quoted"');
    const counted = await db.query(`select count(*) as n from ${parquetTable([path])}`);
    assertEquals(counted.numbers("n")[0], 5000n);
    const read = await readParquetColumns(localDisk, path, ["gene"]);
    assertEquals(read.text("gene").slice(0, 4), ["g0", "g1", "g2", "g0"]);
  }));

Deno.test("a missing parquet file is NotFound and names it", () =>
  withFolder(async (folder, db) => {
    const path = `${folder}/transcripts.parquet`;
    const error = await failure(db.query(`select * from ${parquetTable([path])}`), "NotFound");
    assertEquals(error.path, path);
  }));

Deno.test("a parquet file cut short at any of many places is CorruptData and names it", () =>
  withFolder(async (folder, db) => {
    const whole = `${folder}/whole.parquet`;
    await db.copyToParquet("select range as n, 'a' || range as t from range(3000)", whole);
    const bytes = await Deno.readFile(whole);
    const path = `${folder}/cut.parquet`;
    for (let i = 0; i < 24; i++) {
      await Deno.writeFile(path, bytes.subarray(0, Math.floor((bytes.length - 1) * i / 23)));
      const error = await failure(
        db.query(`select sum(n)::bigint as n, max(t) as t from ${parquetTable([path])}`, {
          text: ["t"],
        }),
        "CorruptData",
      );
      assertEquals(error.path, path);
    }
  }));

Deno.test("flipped bytes of a parquet file give values or a tagged error, and no hang", () =>
  withFolder(async (folder, db) => {
    const path = `${folder}/flipped.parquet`;
    await db.copyToParquet("select range as n, 'a' || range as t from range(500)", path);
    const bytes = await Deno.readFile(path);
    for (let i = 0; i < 60; i++) {
      const damaged = bytes.slice();
      damaged[Math.floor((bytes.length - 1) * i / 59)] ^= 0xff;
      await Deno.writeFile(path, damaged);
      try {
        await db.query(`select n, t from ${parquetTable([path])}`, { text: ["t"] });
      } catch (error) {
        if (!isSthelarError(error)) throw error;
      }
    }
  }));

Deno.test("a query that is no SQL is InvalidArgument", async () => {
  using db = await openDuckDb(MEMORY);
  await failure(db.run("selec 1"), "InvalidArgument");
  await failure(db.run("select * from nowhere"), "InvalidArgument");
});

Deno.test("a query beyond its memory without a temporary folder is OverBudget", async () => {
  using db = await openDuckDb({ memoryBytes: 8e6, threads: 1 });
  await failure(
    db.run("create table t as select range as n, md5(range::varchar) as h from range(2000000)"),
    "OverBudget",
  );
});

Deno.test("a query beyond its memory spills to its temporary folder", () =>
  withFolder(async (folder) => {
    using db = await openDuckDb({ memoryBytes: 40e6, threads: 1, tempFolder: folder });
    const sorted = await db.query(
      `select sum(n)::bigint as n from (
         select n from (select (range * 7919) % 1000003 as n, md5(range::varchar) as h
         from range(1000000)) order by h limit 900000)`,
    );
    assertEquals(sorted.rowCount, 1);
  }));

Deno.test("an abort interrupts a running query and refuses later ones", async () => {
  const stop = new AbortController();
  using db = await openDuckDb({ ...MEMORY, signal: stop.signal });
  const running = db.run("select count(*) from range(1000000000) a, range(1000) b");
  setTimeout(() => stop.abort(), 30);
  await failure(running, "Aborted");
  await failure(db.run("select 1"), "Aborted");
});

Deno.test("a closed instance refuses queries", async () => {
  const db = await openDuckDb(MEMORY);
  db.close();
  db.close();
  await failure(db.run("select 1"), "InvalidArgument");
});

Deno.test("quoteText() refuses a NUL, which would end the text early", () => {
  assertEquals(quoteText("a'; drop table t --"), "'a''; drop table t --'");
  let refused = false;
  try {
    quoteText("a\0b");
  } catch (error) {
    refused = error instanceof RangeError;
  }
  assertEquals(refused, true);
});

/** SQL for a csv file over which DuckDB fails with an internal error, and refuses all that follows. */
async function fatalSql(folder: string): Promise<{ sql: string; path: string }> {
  const path = `${folder}/fatal.csv`;
  await Deno.writeFile(path, Uint8Array.from("a,b\n1,x\n2,\x88y\n", (c) => c.charCodeAt(0)));
  const options = "header = true, columns = {'a': 'BIGINT', 'b': 'VARCHAR'}, auto_detect = false";
  return { sql: `select b from read_csv([${quoteText(path)}], ${options})`, path };
}

Deno.test("a file over which DuckDB fails for good is CorruptData, and others read right after it", () =>
  withFolder(async (folder, db) => {
    const { sql, path } = await fatalSql(folder);
    const good = `${folder}/good.parquet`;
    await db.copyToParquet("select range::int as n from range(100)", good);
    const sum = `select sum(n)::int as n from ${parquetTable([good])}`;
    for (let i = 0; i < 5; i++) {
      const error = await failure(db.query(sql, { text: ["b"] }), "CorruptData");
      assertEquals(error.path, path);
      assertStringIncludes(String(error.cause), "INTERNAL");
      const sums = await Promise.all([db.query(sum), db.query(sum), db.query(sum)]);
      for (const result of sums) assertEquals(result.numbers("n")[0], 4950);
    }
  }));

Deno.test("tables that go with a DuckDB instance are an error, never an empty one", () =>
  withFolder(async (folder, db) => {
    const { sql, path } = await fatalSql(folder);
    await db.run("create table kept as select 1 as n");
    await failure(db.query(sql, { text: ["b"] }), "CorruptData");
    for (const later of ["select n from kept", "create table if not exists kept (n int)"]) {
      const error = await failure(db.run(later), "CorruptData");
      assertEquals(error.path, path);
      assertStringIncludes(error.message, "with its tables");
    }
  }));
