import { assert, assertEquals, assertRejects } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import {
  checkIds,
  openTranscripts,
  openXeniumBundle,
  readBoundaries,
  readCells,
} from "@/formats/xenium/mod.ts";
import { testWithData } from "../../test_data.ts";
import { openDuckDb } from "@/formats/parquet/mod.ts";
import { squares, TABLES, withBundle } from "./synthetic_bundle.ts";

Deno.test("checkIds() counts the cells of each file that is there", async () => {
  await withBundle({}, async (bundle, db) => {
    const { cells, files } = await checkIds(bundle, db);
    assertEquals(cells, 3);
    assertEquals([...files], [
      ["cellBoundaries", 3],
      ["nucleusBoundaries", 2],
      ["transcripts", 2],
      ["matrix", 3],
    ]);
  });
  await withBundle(
    { "transcripts.parquet": null, "cell_feature_matrix.h5": null },
    async (bundle, db) => {
      assertEquals((await checkIds(bundle, db)).files.size, 2);
    },
  );
});

Deno.test("checkIds() lists ten unknown ids of each file, and counts all", () =>
  withBundle({
    "nucleus_boundaries.parquet": squares(
      Array.from({ length: 12 }, (_, i) => [`strange${10 + i}`, i + 1, i, 1] as const),
    ),
    "transcripts.parquet": TABLES["transcripts.parquet"].replaceAll("'aaaaaaac-1'", "'aaaaaaac'"),
  }, async (bundle, db, folder) => {
    const error = await assertRejects(() => checkIds(bundle, db), SthelarError);
    assertEquals([error.tag, error.path], ["IdMismatch", folder]);
    const ten = Array.from({ length: 10 }, (_, i) => `strange${10 + i}`).join(", ");
    assertEquals(
      error.found,
      `12 unknown ids in nucleus_boundaries.parquet (${ten}, …); ` +
        "1 unknown id in transcripts.parquet (aaaaaaac)",
    );
  }));

for (
  const [matrix, cells, found] of [
    [
      "matrix_other_order.h5",
      undefined,
      "another order in cell_feature_matrix.h5: aaaaaaab-1 in row 0, where aaaaaaaa-1 should be",
    ],
    [
      "matrix_other_cells.h5",
      undefined,
      "2 unknown ids in cell_feature_matrix.h5 (oooooooo-1, pppppppp-1)",
    ],
    [
      "matrix.h5",
      `${TABLES["cells.parquet"]} union all by name select 'aaaaaaad-1' as cell_id`,
      "3 of 4 cells in cell_feature_matrix.h5",
    ],
  ] as const
) {
  Deno.test(`checkIds() finds ${found}`, () =>
    withBundle({
      "cell_feature_matrix.h5": matrix,
      ...(cells === undefined ? {} : { "cells.parquet": cells }),
    }, async (bundle, db) => {
      const error = await assertRejects(() => checkIds(bundle, db), SthelarError);
      assertEquals([error.tag, error.found], ["IdMismatch", found]);
    }));
}

for (const folder of ["xenium_ileum_tiny_outs", "xenium_pancreas_roiA"]) {
  testWithData(folder, `checkIds() accepts ${folder}`, async (path) => {
    using db = await openDuckDb({ memoryBytes: 256e6, threads: 2 });
    const { cells, files } = await checkIds(await openXeniumBundle(path), db);
    assertEquals(files.get("matrix"), cells);
    assert((files.get("transcripts") ?? 0) > 0);
  });
}

const BARE = (name: keyof typeof TABLES) => TABLES[name].replaceAll(/'(aaaaaaa.)-1'/g, "'$1'");

for (const name of Object.keys(TABLES) as (keyof typeof TABLES)[]) {
  Deno.test(`ids that lack the suffix in ${name} alone get it`, () =>
    withBundle({ [name]: BARE(name) }, async (bundle, db) => {
      assertEquals((await checkIds(bundle, db)).files.get("transcripts"), 2);
      const whole = ["aaaaaaaa-1", "aaaaaaab-1", "aaaaaaac-1"];
      assertEquals((await readCells(bundle, db)).cellIds, whole);
      assertEquals((await readBoundaries(bundle, db, "cell")).cellIds, whole);
      assertEquals((await readBoundaries(bundle, db, "nucleus")).cellIds, whole.slice(0, 2));
      const transcripts = await openTranscripts(bundle, db);
      const rows = await db.query(transcripts.selectSql(), { text: ["cell_id", "feature_name"] });
      assertEquals(rows.text("cell_id"), [whole[0], whole[0], whole[2], "UNASSIGNED"]);
    }));
}

Deno.test("ids without suffix stay as they are where no file has it", () =>
  withBundle({
    ...Object.fromEntries(
      (Object.keys(TABLES) as (keyof typeof TABLES)[]).map((name) => [name, BARE(name)]),
    ),
    "cell_feature_matrix.h5": null,
  }, async (bundle, db) => {
    assertEquals((await checkIds(bundle, db)).cells, 3);
    assertEquals((await readCells(bundle, db)).cellIds, ["aaaaaaaa", "aaaaaaab", "aaaaaaac"]);
  }));

Deno.test("checkIds() compares only the files that it is asked to", () =>
  withBundle({ "transcripts.parquet": "select 1 as nothing" }, async (bundle, db) => {
    const { files } = await checkIds(bundle, db, { roles: ["nucleusBoundaries", "matrix"] });
    assertEquals([...files], [["nucleusBoundaries", 2], ["matrix", 3]]);
    await assertRejects(() => checkIds(bundle, db), SthelarError, "cell_id");
  }));
