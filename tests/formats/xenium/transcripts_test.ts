import { assert, assertEquals, assertRejects } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { openTranscripts, type Transcripts } from "@/formats/xenium/mod.ts";
import { TABLES, withBundle } from "./synthetic_bundle.ts";

async function collect(
  transcripts: Transcripts,
  columns: readonly string[],
  minQv?: number,
): Promise<Record<string, number[]>> {
  const all = Object.fromEntries(columns.map((name) => [name, [] as number[]]));
  for await (
    const batch of transcripts.stream({ columns, ...(minQv === undefined ? {} : { minQv }) })
  ) {
    for (const name of columns) all[name].push(...Array.from(batch.columns[name], Number));
  }
  return all;
}

Deno.test("Transcripts.stream() gives numbers and codes of the sorted names, filtered by quality", () =>
  withBundle({}, async (bundle, db) => {
    const transcripts = await openTranscripts(bundle, db);
    assertEquals(transcripts.rowCount, 4);
    assertEquals(await transcripts.features(), ["ACTB", "CD3E", "NegControlProbe_00001"]);
    assertEquals(await collect(transcripts, ["x", "feature_code", "is_gene", "transcript_id"]), {
      x: [0.5, 0.75, 9, 20],
      feature_code: [1, 1, 0, 2],
      is_gene: [1, 1, 1, 0],
      transcript_id: [1, 2, 3, 4],
    });
    assertEquals(await collect(transcripts, ["x"], 20), { x: [0.5, 0.75, 20] });
  }));

Deno.test("Transcripts.stream() can be left early", () =>
  withBundle({
    "transcripts.parquet":
      `select 'a' as feature_name, i::float as x_location, 0::float as y_location
      from range(100000) rows(i)`,
  }, async (bundle, db) => {
    const transcripts = await openTranscripts(bundle, db);
    for await (const { rowCount } of transcripts.stream({ columns: ["x"] })) {
      assert(rowCount < 100_000);
      break;
    }
    assertEquals((await collect(transcripts, ["x"])).x.length, 100_000);
  }));

Deno.test("Transcripts.selectSql() gives every column its published name, x, y and z first", () =>
  withBundle({}, async (bundle, db) => {
    const transcripts = await openTranscripts(bundle, db);
    assertEquals(transcripts.columns.map(({ name }) => name), [
      "x",
      "y",
      "z",
      "transcript_id",
      "cell_id",
      "overlaps_nucleus",
      "feature_name",
      "qv",
      "is_gene",
    ]);
    const rows = await db.query(transcripts.selectSql(20), { text: ["cell_id", "feature_name"] });
    assertEquals(rows.text("cell_id"), ["aaaaaaaa-1", "aaaaaaaa-1", "UNASSIGNED"]);
    assertEquals([...rows.numbers("z")], [12, 12, 12]);
  }));

const IDS: Readonly<Record<string, readonly [string, string, "bytes" | "integer" | "text"]>> = {
  "texts": ["cell_id", "feature_name", "text"],
  "bytes, as 1.3": ["cell_id::blob", "feature_name::blob", "bytes"],
  "whole numbers, as 1.0": [
    "if(cell_id = 'UNASSIGNED', -1, unicode(cell_id[8]) - 96)::integer",
    "feature_name::blob",
    "integer",
  ],
};

for (const [name, [id, feature, kind]] of Object.entries(IDS)) {
  Deno.test(`openTranscripts() detects ids and names stored as ${name}`, () =>
    withBundle({
      "transcripts.parquet": `select * replace (${id} as cell_id, ${feature} as feature_name)
        from (${TABLES["transcripts.parquet"]})`,
      "cells.parquet": `select * replace (${id.replace("::blob", "")} as cell_id)
        from (${TABLES["cells.parquet"]})`,
    }, async (bundle, db) => {
      const transcripts = await openTranscripts(bundle, db);
      assertEquals(transcripts.cellIdKind, kind);
      assertEquals(transcripts.featureNameKind, kind === "text" ? "text" : "bytes");
      assertEquals(await transcripts.features(), ["ACTB", "CD3E", "NegControlProbe_00001"]);
      assertEquals((await collect(transcripts, ["feature_code"])).feature_code, [1, 1, 0, 2]);
      const sql =
        `select count(*)::integer as n from ${transcripts.table.sql} where ${transcripts.assignedSql}`;
      assertEquals([...(await db.query(sql)).numbers("n")], [3]);
    }));
}

Deno.test("the integer id 0 means unassigned unless the table of cells has it", async () => {
  for (const [first, assigned] of [[0, 2], [1, 1]]) {
    await withBundle({
      "cells.parquet":
        `select i::integer as cell_id, 0 as x_centroid, 0 as y_centroid from range(${first}, 3) rows(i)`,
      "transcripts.parquet":
        `select * from (values (0, 'a', 0::float, 0::float), (1, 'a', 0, 0), (-1, 'a', 0, 0))
        rows(cell_id, feature_name, x_location, y_location)`,
    }, async (bundle, db) => {
      const { assignedSql, table } = await openTranscripts(bundle, db);
      const sql = `select count(*)::integer as n from ${table.sql} where ${assignedSql}`;
      assertEquals([...(await db.query(sql)).numbers("n")], [assigned]);
    });
  }
});

for (
  const [name, change, tag, found] of [
    [
      "renamed column",
      "* exclude (x_location), x_location as x_position",
      "NotFound",
      "x_position",
    ],
    ["missing column", "* exclude (feature_name)", "NotFound", "feature_name"],
  ] as const
) {
  Deno.test(`openTranscripts() refuses a ${name}`, () =>
    withBundle({
      "transcripts.parquet": `select ${change} from (${TABLES["transcripts.parquet"]})`,
    }, async (bundle, db, folder) => {
      const error = await assertRejects(() => openTranscripts(bundle, db), SthelarError, found);
      assertEquals([error.tag, error.path], [tag, `${folder}/transcripts.parquet`]);
    }));
}

Deno.test("Transcripts.stream() refuses texts, unknown columns, no quality and missing values", () =>
  withBundle({
    "transcripts.parquet": `select * exclude (qv) from (${TABLES["transcripts.parquet"]})
      union all by name select 5::ubigint as transcript_id, null::float as x_location`,
  }, async (bundle, db) => {
    const transcripts = await openTranscripts(bundle, db);
    for (
      const [columns, minQv, tag] of [
        [["feature_name"], undefined, "InvalidArgument"],
        [["nucleus_distance"], undefined, "NotFound"],
        [["x"], 20, "NotFound"],
        [["x"], undefined, "CorruptData"],
        [["feature_code"], undefined, "CorruptData"],
      ] as const
    ) {
      const error = await assertRejects(() => collect(transcripts, columns, minQv), SthelarError);
      assertEquals(error.tag, tag);
    }
  }));

Deno.test("Transcripts.stream() refuses a quality that is no number", () =>
  withBundle({}, async (bundle, db) => {
    const transcripts = await openTranscripts(bundle, db);
    const error = await assertRejects(() => collect(transcripts, ["x"], NaN), SthelarError);
    assertEquals(error.tag, "InvalidArgument");
  }));
