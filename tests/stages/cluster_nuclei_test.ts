import { assert, assertEquals, assertRejects } from "@std/assert";
import type { DenseArray } from "@/core/arrays.ts";
import type { Categorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import { type Element, openAnnDataZarr, readElement } from "@/formats/anndata/mod.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { assembleStore } from "@/pipeline/assemble.ts";
import type { Slide } from "@/pipeline/slide.ts";
import type { ClusteringReport } from "@/stages/clustering_report.ts";
import { reportInput } from "@/formats/spatialdata/stage_elements.ts";
import { withTempDir } from "../e2e/run_cli.ts";
import { openPlanted, type Planted, plantedTypes, runAll } from "./planted_slide.ts";

const part = <E extends Element>(slide: Slide, name: string) =>
  readElement(localDisk, slide.resolve(`tables/table_nuclei/${name}`)) as Promise<E>;

const reportOf = (slide: Slide) => slide.open(reportInput<ClusteringReport>("cluster_nuclei"));

/** Clusters planted nuclei and looks at the result. */
function clustered(
  planted: Planted,
  look: (slide: Slide, warnings: readonly string[]) => Promise<void>,
  params: Record<string, unknown> = {},
): Promise<void> {
  return withTempDir(async (folder) => {
    const slide = await openPlanted(folder, planted, {
      params: { "2-03a": params },
    });
    await look(slide, await runAll(slide));
  });
}

Deno.test("2-03a finds planted types at every resolution, under the published names", () =>
  clustered({}, async (slide) => {
    const report = await reportOf(slide);
    assertEquals([report.rows, report.kept, report.graph], [200, 195, "pca_n10_pcs16"]);
    const types = plantedTypes({});
    for (const { name, resolution, sizes } of report.clusterings) {
      assertEquals(name, `pca_n10_pcs16_leiden_res${resolution}`);
      assertEquals(sizes, [60, 50, 45, 40]);
      const { codes, levels } = await part<Categorical>(slide, `obs/${name}`);
      assertEquals(levels, ["0", "1", "2", "3"]);
      const pairs = new Set(types.map((type, row) => `${type} ${codes[row]}`));
      assertEquals([pairs.size, pairs.has("undefined -1")], [5, true]);
    }
    const { columns } = await slide.open({
      kind: "nodes",
      names: ["tables/table_nuclei"],
      doc: "",
      open: async ({ resolve, disk }) => {
        const table = await openAnnDataZarr(disk, resolve("tables/table_nuclei"));
        return { columns: table.columnNames("obs") };
      },
    });
    assert(!columns.includes("transcript_counts"), "2-03a writes into another stage's table");
  }));

Deno.test("2-03a leaves rows of few transcripts in the table, without values", () =>
  clustered({}, async (slide) => {
    const types = plantedTypes({});
    const logNorm = await part<SparseMatrix>(slide, "layers/log_norm");
    const { data: umap } = await part<DenseArray>(slide, "obsm/X_umap");
    const { data: pcs, shape } = await part<DenseArray>(slide, "obsm/X_pca");
    const weights = await part<SparseMatrix>(slide, "obsp/pca_n10_pcs16_connectivities");
    assertEquals([shape[0], weights.shape], [200, [200, 200]]);
    types.forEach((type, row) => {
      const isEmpty = type === undefined;
      assertEquals(Number.isNaN(umap[2 * row]), isEmpty);
      assertEquals(Number.isNaN(pcs[shape[1] * row]), isEmpty);
      for (const { indptr } of [logNorm, weights]) {
        assertEquals(indptr[row] === indptr[row + 1], isEmpty);
      }
    });
    // A row's values before the logarithm sum to 10,000.
    const row = types.findIndex((type) => type !== undefined);
    const values = logNorm.data.slice(Number(logNorm.indptr[row]), Number(logNorm.indptr[row + 1]));
    const sum = Array.from(values as Float32Array, Math.expm1).reduce((a, b) => a + b, 0);
    assert(Math.abs(sum - 10_000) < 0.1, `${sum}`);
  }));

Deno.test("a slide clustered by other parameters has other names in its store", () =>
  withTempDir(async (folder) => {
    for (const [neighbours, resolutions] of [[8, "0.5"], [12, "0.3,0.9"]]) {
      const params = { "2-03a": { neighbours, principalComponents: 6, resolutions } };
      const slide = await openPlanted(folder, {}, { params });
      await runAll(slide);
      const artefacts = slide.artefacts().current;
      await assembleStore(localDisk, slide.folder, { simulated: false, artefacts });
      const table = await openAnnDataZarr(localDisk, `${slide.folder.store}/tables/table_nuclei`);
      const names = String(resolutions).split(",").map((r) =>
        `pca_n${neighbours}_pcs6_leiden_res${r}`
      );
      assertEquals(table.columnNames("obs").filter((name) => name.startsWith("pca_")), names);
      assert(table.columnNames("obs").includes("label1"));
      assertEquals(table.columnNames("var"), ["mean", "std"]);
    }
  }));

Deno.test("a slide of 50 nuclei is clustered with the components it has, and said so", () =>
  clustered({ sizes: [14, 13, 12, 11], empty: 0 }, async (slide, warnings) => {
    const { kept, varianceRatio, clusterings } = await reportOf(slide);
    assertEquals([kept, varianceRatio.length], [50, 36]);
    assertEquals(clusterings[0].sizes, [14, 13, 12, 11]);
    assertEquals(warnings, []);
  }, { resolutions: "1" }));

Deno.test("a slide of six nuclei has fewer neighbours and components, and says so", () =>
  clustered({ sizes: [3, 3], empty: 0 }, async (slide, warnings) => {
    const { neighbours, principalComponents } = await reportOf(slide);
    assertEquals([neighbours, principalComponents], [5, 5]);
    assert(warnings.some((text) => text.includes("5 principal components, not 16")), `${warnings}`);
    assert(warnings.some((text) => text.includes("6 rows: 5 neighbours each")), `${warnings}`);
  }));

Deno.test("genes of one name are clustered as two, and listed", () =>
  clustered({ repeated: ["CD3E", "KIT"] }, async (slide, warnings) => {
    assertEquals((await reportOf(slide)).clusterings[0].sizes, [60, 50, 45, 40]);
    assert(warnings.some((text) => text.includes("CD3E, KIT")), `${warnings}`);
  }));

Deno.test("nuclei of which hardly one has enough transcripts are refused with the way out", async () => {
  const error = await assertRejects(
    () => clustered({ sizes: [2], empty: 30 }, () => Promise.resolve()),
    SthelarError,
  );
  assertEquals(error.tag, "InvalidArgument");
  assert(error.message.includes("2 rows with more than 10 transcripts"), error.message);
  assert(error.message.includes("minTranscripts"), error.message);
});

Deno.test("nuclei that are all alike are one cluster without marker genes", () =>
  clustered({ sizes: [80], empty: 0 }, async (slide, warnings) => {
    const { clusterings } = await reportOf(slide);
    assertEquals(clusterings.map(({ sizes }) => sizes), [[80]]);
    assert(warnings.some((text) => text.includes("has one cluster")), `${warnings}`);
  }, { resolutions: "0.01" }));
