import { assert, assertEquals, assertRejects } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import type { DuckDb } from "@/formats/parquet/mod.ts";
import {
  estimateRows,
  openTranscripts,
  readBoundaries,
  readCells,
  type XeniumBundle,
} from "@/formats/xenium/mod.ts";
import { polygonAreas } from "@/geometry/mod.ts";
import { gzipSync } from "node:zlib";
import { TABLES, withBundle } from "./synthetic_bundle.ts";

const HEADER = '"transcript_id","cell_id","overlaps_nucleus","feature_name","x_location",' +
  '"y_location","z_location","qv"\n';

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function gz(text: string): Uint8Array {
  return new Uint8Array(gzipSync(text));
}

/** Runs `use` with a bundle whose transcripts are a csv file. */
async function withTranscripts(
  content: Uint8Array,
  use: (bundle: XeniumBundle, db: DuckDb, path: string) => Promise<void>,
): Promise<void> {
  await withBundle(
    { "transcripts.parquet": null, "transcripts.csv.gz": content },
    (bundle, db, folder) => use(bundle, db, `${folder}/transcripts.csv.gz`),
  );
}

/** Numbers of a query, by row. */
async function numbersOf(db: DuckDb, sql: string, name: string): Promise<number[]> {
  return Array.from((await db.query(`select ${name} from (${sql})`)).numbers(name), Number);
}

const ROWS = '281474976711439,"aaaaaaaa-1",1,"CD3E",0.5,0.25,17.908697,40\n' +
  '281474976711442,"UNASSIGNED",0,"BLANK_0414",1e3,6416.389,17.872255,13.043205\n';

for (
  const [name, content] of [
    ["with quoted texts", gz(HEADER + ROWS)],
    ["with bare texts", gz((HEADER + ROWS).replaceAll('"', ""))],
    ["with the line ends of Windows", gz((HEADER + ROWS).replaceAll("\n", "\r\n"))],
    ["with a byte order mark", gz("\ufeff" + HEADER + ROWS)],
    ["without a last line end, after an empty line", gz(HEADER + "\n" + ROWS.slice(0, -1))],
    ["that a browser unpacked and did not rename", bytes(HEADER + ROWS)],
    [
      "with R's row names",
      gz(`"",${HEADER}"1",${ROWS.replace("\n", '\n"2",')}`),
    ],
  ] as const
) {
  Deno.test(`openTranscripts() reads transcripts.csv.gz ${name} (Seurat #9060)`, () =>
    withTranscripts(content, async (bundle, db) => {
      const transcripts = await openTranscripts(bundle, db);
      assertEquals(transcripts.rowCount, 2);
      assertEquals([transcripts.cellIdKind, transcripts.featureNameKind], ["text", "text"]);
      assertEquals(transcripts.columns.map((column) => column.name), [
        "x",
        "y",
        "z",
        "transcript_id",
        "cell_id",
        "overlaps_nucleus",
        "feature_name",
        "qv",
      ]);
      assertEquals(await transcripts.features(), ["BLANK_0414", "CD3E"]);
      const sql = transcripts.selectSql();
      assertEquals(await numbersOf(db, sql, "x"), [0.5, 1000]);
      assertEquals(await numbersOf(db, sql, "qv"), [40, Math.fround(13.043205)]);
      assertEquals(await numbersOf(db, sql, "transcript_id"), [281474976711439, 281474976711442]);
    }));
}

Deno.test("ids in csv are numbers only if all of them are, wherever the first other one is", async () => {
  const ids = Array.from({ length: 20_000 }, (_, i) => String(i + 1));
  for (
    const [change, kind, assigned] of [
      [{}, "integer", 20_000],
      [{ 0: "-1", 1: '"-1"', 2: "", 3: "NA", 4: '"7"' }, "integer", 19_996],
      [{ 19_999: "UNASSIGNED" }, "text", 19_999],
      [{ 12_000: "0", 18_000: "aaaaaaaa-1" }, "text", 19_999],
      [{ 15_000: "1e5" }, "text", 20_000],
    ] as const
  ) {
    const changed = ids.map((id, i) => (change as Record<number, string>)[i] ?? id);
    const rows = changed.map((id) => `${id},"a,""b""",1,2\n`).join("");
    const header = '"cell_id","feature_name","x_location","y_location"\n';
    await withTranscripts(gz(header + rows), async (bundle, db) => {
      const transcripts = await openTranscripts(bundle, db);
      assertEquals([transcripts.cellIdKind, transcripts.rowCount], [kind, 20_000]);
      assertEquals(await transcripts.features(), ['a,"b"']);
      const sql = `select count(*)::integer as n from ${transcripts.table.sql}
        where ${transcripts.assignedSql}`;
      assertEquals(await numbersOf(db, sql, "n"), [assigned]);
    });
  }
});

Deno.test("the type of a csv column is that of its name, not of its first rows", () =>
  withBundle({
    "cells.parquet": null,
    "cells.csv.gz": gz(
      "cell_id,x_centroid,y_centroid,transcript_counts,nucleus_area,nucleus_count,segmentation_method,note\n" +
        Array.from({ length: 3000 }, (_, i) => `${i},1,2,3,NaN,0,1,4\n`).join("") +
        "3000,1.5,2.5,4,7.25,2,by hand,text\n",
    ),
  }, async (bundle, db) => {
    const cells = await readCells(bundle, db);
    assertEquals([cells.xUm[0], cells.xUm[3000]], [1, 1.5]);
    assertEquals([cells.nucleusAreaUm2[0], cells.nucleusAreaUm2[3000]], [NaN, 7.25]);
    assertEquals([cells.nucleusCount?.[0], cells.nucleusCount?.[3000]], [0, 2]);
    assertEquals(cells.counts.get("transcript_counts")?.[3000], 4);
    assertEquals(cells.segmentationMethod?.levels, ["1", "by hand"]);
    assertEquals(cells.cellIds[3000], "3000");
  }));

for (
  const [name, rows, found] of [
    ["a row that is too short", '1,"a",1,"A",1,2\n', 'line 3 "1,\\"a\\",1,\\"A\\",1,2": '],
    ["a row that is too long", '1,"a",1,"A",1,2,3,4,5,6\n', "line 3 "],
    ["a number that is none", '1,"a",1,"A",here,2,3,4\n', "line 3 "],
    ["a quote that does not end", '1,"a,1,"A",1,2,3,4\n1,"a",1,"A",1,2,3,4\n', "line 3 "],
  ] as const
) {
  Deno.test(`transcripts.csv.gz with ${name} is CorruptData that names the line`, () =>
    withTranscripts(gz(`${HEADER}1,"a",1,"A",1,2,3,4\n${rows}`), async (bundle, db, path) => {
      const error = await assertRejects(async () => {
        const transcripts = await openTranscripts(bundle, db);
        await db.query(transcripts.selectSql(), { text: ["cell_id", "feature_name"] });
      }, SthelarError);
      assertEquals([error.tag, error.path], ["CorruptData", path]);
      assert(error.found?.startsWith(found), error.found);
    }));
}

/** Rows whose ends fall anywhere in the compressed stream. */
const MANY = HEADER +
  Array.from({ length: 20_000 }, (_, i) => `${i},"a",1,"A",${Math.sin(i)},2,3,4\n`).join("");
const PACKED = gz(MANY);

for (
  const [name, content] of [
    ["emptied", new Uint8Array()],
    ["cut in the header of gzip", PACKED.subarray(0, 7)],
    ["cut after a tenth", PACKED.subarray(0, PACKED.length / 10)],
    ["cut in the middle", PACKED.subarray(0, PACKED.length / 2)],
    ["cut before the checksum", PACKED.subarray(0, -8)],
    ["cut before the last byte", PACKED.subarray(0, -1)],
    ["with a flipped bit", flipped(PACKED, PACKED.length >> 1)],
    ["with another checksum", flipped(PACKED, PACKED.length - 6)],
    ["of an empty text", gz("")],
    ["of a line without end", gz(HEADER + "1".repeat(3e6))],
    ["that unpacks to a thousandfold", gz("\n".repeat(1e8))],
  ] as const
) {
  Deno.test(`transcripts.csv.gz ${name} is CorruptData, where DuckDB alone reads half of it`, () =>
    withTranscripts(content, async (bundle, db, path) => {
      const error = await assertRejects(() => openTranscripts(bundle, db), SthelarError);
      assertEquals([error.tag, error.path], ["CorruptData", path]);
    }));
}

function flipped(content: Uint8Array, at: number): Uint8Array {
  const copy = content.slice();
  copy[at] ^= 16;
  return copy;
}

Deno.test("transcripts.csv.gz of several gzip members, as bgzip writes it, is read whole", () => {
  const half = MANY.indexOf("\n", MANY.length / 2) + 1;
  const members = new Uint8Array([...gz(MANY.slice(0, half)), ...gz(MANY.slice(half))]);
  return withTranscripts(members, async (bundle, db) => {
    const transcripts = await openTranscripts(bundle, db);
    assertEquals(transcripts.rowCount, 20_000);
    let rows = 0;
    for await (const batch of transcripts.stream({ columns: ["x", "feature_code"] })) {
      rows += batch.rowCount;
    }
    assertEquals(rows, 20_000);
  });
});

Deno.test("estimateRows() tells the rows of a csv file by its first megabyte", async () => {
  await withTranscripts(PACKED, async (bundle) => {
    assertEquals(await estimateRows(bundle, "transcripts"), 20_000);
    assertEquals(await estimateRows(bundle, "cells"), 3);
  });
  const large = HEADER +
    Array.from({ length: 200_000 }, (_, i) => `${i},"a",1,"A",${Math.sin(i)},2,3,4\n`).join("");
  await withTranscripts(gz(large), async (bundle) => {
    const rows = await estimateRows(bundle, "transcripts");
    assert(Math.abs(rows - 200_000) < 10_000, String(rows));
  });
  await withBundle(
    { "cells.parquet": null, "cells.zarr.zip": "cells_2_0.zarr.zip" },
    async (bundle) => assertEquals(await estimateRows(bundle, "cells"), 3),
  );
});

Deno.test("readBoundaries() keeps the order of vertices of a large csv file over threads", () =>
  withBundle({
    "cell_boundaries.parquet": null,
    "cell_boundaries.csv": `select lpad(cell::varchar, 6, '0') as cell_id,
        (cell + cos(pi() * (k % 24) / 12))::float as vertex_x,
        sin(pi() * (k % 24) / 12)::float as vertex_y, (cell + 1)::uinteger as label_id
      from range(30000) a(cell), range(25) b(k) order by cell, k`,
  }, async (bundle, db) => {
    const cells = await readBoundaries(bundle, db, "cell");
    assertEquals(cells.cellIds.length, 30_000);
    const areas = polygonAreas(cells.polygons);
    assert(areas.every((area) => Math.abs(area - 3.1058) < 0.02), "a ring is out of order");
  }));

Deno.test("degenerate polygons of a csv file are dropped with a count (Baysor #153, spatialdata #429)", () =>
  withBundle({
    "nucleus_boundaries.parquet": null,
    "nucleus_boundaries.csv": bytes(
      '"cell_id","vertex_x","vertex_y"\n' +
        ["a,0,0", "a,2,0", "a,0,2", "a,0,0", "b,1,1", "b,3,3", "b,1,1", "c,NaN,1", "c,2,2", "c,3,1"]
          .join("\n"),
    ),
  }, async (bundle, db) => {
    const nuclei = await readBoundaries(bundle, db, "nucleus", { invalid: "drop" });
    assertEquals(nuclei.cellIds, ["a"]);
    assertEquals(nuclei.dropped.map(({ cellId, reason }) => [cellId, reason]), [
      ["b", "2 distinct vertices"],
      ["c", "a vertex that is not a number"],
    ]);
  }));

Deno.test("nuclei of one cell in a csv file without label_id are cut where a ring closes (spatialdata-io #376)", () =>
  withBundle({
    "nucleus_boundaries.parquet": null,
    "nucleus_boundaries.csv.gz": `select * exclude (label_id) from (${
      TABLES["nucleus_boundaries.parquet"]
    })`,
  }, async (bundle, db) => {
    const nuclei = await readBoundaries(bundle, db, "nucleus");
    assertEquals([...nuclei.polygons.geometryStart], [0, 1, 3]);
    assertEquals(nuclei.labelIds, undefined);
  }));

Deno.test("a csv file whose folder has a name with brackets and quotes is read", async () => {
  const outer = await Deno.makeTempDir();
  const folder = `${outer}/it's [1]* ?`;
  await Deno.mkdir(folder);
  await withTranscripts(gz(HEADER + ROWS), async (bundle, db, path) => {
    await Deno.copyFile(path, `${folder}/transcripts.csv.gz`);
    const moved: XeniumBundle = { ...bundle, pathOf: () => `${folder}/transcripts.csv.gz` };
    assertEquals((await openTranscripts(moved, db)).rowCount, 2);
    assertEquals((await (await openTranscripts(moved, db)).features()).length, 2);
  });
  await Deno.remove(outer, { recursive: true });
});
