import { assert, assertEquals, assertRejects } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import type { AnnData } from "@/formats/anndata/mod.ts";
import { writeH5ad } from "@/formats/anndata/mod.ts";
import { describeCheck, findCounts, openAtlas } from "@/formats/atlas/mod.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { withTempDir } from "../../e2e/run_cli.ts";
import { testWithData } from "../../test_data.ts";

const FIXTURES = new URL("../../fixtures/atlas/", import.meta.url).pathname;
const GENES = ["CD3E", "MS4A1", "KIT"];
const COUNTS = [[2, 0, 1], [0, 7, 0], [1, 3, 0], [4, 0, 5]];

/** Opens a table of 4 cells x 3 genes with these values in X. */
async function withValues(
  rows: readonly (readonly number[])[],
  use: (path: string) => Promise<void>,
): Promise<void> {
  await withTempDir(async (folder) => {
    const path = `${folder}/a.h5ad`;
    const table: AnnData = {
      X: { data: Float32Array.from(rows.flat()), shape: [rows.length, 3] },
      obs: { index: rows.map((_, i) => `cell${i}`), columns: new Map() },
      var: { index: GENES, columns: new Map() },
      ...{ obsm: {}, varm: {}, obsp: {}, varp: {}, layers: {}, uns: new Map() },
    };
    await writeH5ad(localDisk, path, table);
    await use(path);
  });
}

async function refusal(path: string): Promise<SthelarError> {
  using atlas = await openAtlas(path, localDisk);
  const error = await assertRejects(() => findCounts(atlas), SthelarError);
  assertEquals(error.tag, "InvalidArgument");
  return error;
}

const map = (f: (value: number, sum: number) => number) =>
  COUNTS.map((row) => row.map((value) => f(value, row.reduce((a, b) => a + b))));

Deno.test("findCounts() takes whole numbers", () =>
  withValues(COUNTS, async (path) => {
    using atlas = await openAtlas(path, localDisk);
    const { check, passedOver } = await findCounts(atlas);
    assertEquals([check.kind, check.max, check.values, passedOver.length], ["counts", 7, 7, 0]);
  }));

Deno.test("log-normalised values are refused with the first of them", () =>
  withValues(map(Math.log1p), async (path) => {
    const { found } = await refusal(path);
    assertEquals(
      found,
      "in X: 1.099, 0.6931, 2.079, …: values that are no whole numbers, max 2.079: looks like log1p of counts",
    );
  }));

Deno.test("values that sum to the same in each cell are called normalised", () =>
  withValues(map((value, sum) => 1e4 * value / sum), async (path) => {
    assert((await refusal(path)).found?.includes("divided by each cell's total"));
  }));

Deno.test("NaN and negative values are refused with their place (Tangram #55, scvi #2103)", async () => {
  await withValues(COUNTS.with(2, [1, NaN, 0]), async (path) => {
    assertEquals((await refusal(path)).found, 'in X: NaN in cell 2, gene "MS4A1"');
  });
  await withValues(COUNTS.with(3, [0.5, 0, -2]), async (path) => {
    const found = 'in X: -2 in cell 3, gene "KIT": looks like scaled values';
    assertEquals((await refusal(path)).found, found);
    using atlas = await openAtlas(path, localDisk);
    await assertRejects(() => findCounts(atlas, { anyValues: true }), SthelarError, "-2 in cell 3");
  });
});

Deno.test("anyValues takes what is no counts, as the original does", () =>
  withValues(map(Math.log1p), async (path) => {
    using atlas = await openAtlas(path, localDisk);
    assertEquals((await findCounts(atlas, { anyValues: true })).check.kind, "log1p");
  }));

Deno.test("findCounts() passes over X and raw for the layer that holds counts", async () => {
  using atlas = await openAtlas(`${FIXTURES}layers.h5ad`, localDisk);
  const { matrix, passedOver } = await findCounts(atlas);
  assertEquals(matrix.name, "layers/counts");
  assertEquals(passedOver.map(({ matrix, kind }) => [matrix, kind]), [
    ["X", "negative"],
    ["raw/X", "log1p"],
  ]);
  assertEquals((await findCounts(atlas, { name: "counts" })).matrix.name, "layers/counts");
  const named = () => findCounts(atlas, { name: "layers/log" });
  await assertRejects(named, SthelarError, "counts may be in X, raw/X, layers/counts");
  await assertRejects(() => findCounts(atlas, { name: "spliced" }), SthelarError, "layers/counts");
});

Deno.test("a matrix by genes is checked by genes", async () => {
  using atlas = await openAtlas(`${FIXTURES}csc.h5ad`, localDisk);
  const { check } = await findCounts(atlas);
  assertEquals(describeCheck(check), "counts");
});

testWithData(
  "sc_pbmc68k",
  "pbmc68k holds counts nowhere, and each matrix is told",
  async (folder) => {
    for (const name of ["10x_pbmc68k_reduced.h5ad", "pbmc68k_reduced_modern.h5ad"]) {
      const { message } = await refusal(`${folder}/${name}`);
      assert(
        message.includes('in X: -0.326 in cell 0, gene "HES4": looks like scaled values'),
        message,
      );
      assert(message.includes("in raw/X: "), message);
      assert(message.includes("looks like log1p of counts"), message);
      assert(message.includes("take an atlas with raw counts"), message);
    }
  },
);

testWithData("sc_lymphnode", "the lymph node reference holds counts", async (folder) => {
  using atlas = await openAtlas(`${folder}/lymph_ref.h5ad`, localDisk);
  const { check } = await findCounts(atlas);
  assertEquals([check.kind, check.max], ["counts", 4802]);
});
