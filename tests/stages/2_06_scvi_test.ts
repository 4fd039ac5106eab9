import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import type { DenseArray } from "@/core/arrays.ts";
import type { Categorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import {
  type AnnData,
  type DataFrame,
  type NullableInteger,
  openAnnDataZarr,
  readAnnDataZarr,
  type UnsDict,
} from "@/formats/anndata/mod.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { modelInput } from "@/formats/safetensors/mod.ts";
import { reportInput } from "@/formats/spatialdata/stage_elements.ts";
import { scviLatent, scviModelOf, sparseCounts } from "@/numerics/scvi/mod.ts";
import { takeRows } from "@/numerics/normalise/mod.ts";
import { assembleStore } from "@/pipeline/assemble.ts";
import { openStore } from "@/pipeline/open_store.ts";
import { definePipeline } from "@/pipeline/pipeline.ts";
import { Slide } from "@/pipeline/slide.ts";
import { scvi } from "@/stages/2_06_scvi.ts";
import type { ScviReport } from "@/stages/scvi_report.ts";
import { withTempDir } from "../e2e/run_cli.ts";
import { openCells, type PlantedCells, typesOf } from "./planted_cells.ts";
import { runAll } from "./planted_slide.ts";

const reportOf = (slide: Slide) => slide.open(reportInput<ScviReport>("scvi"));
const tableOf = (slide: Slide) => readAnnDataZarr(localDisk, slide.resolve("tables/table_scvi"));

/** Trains on planted cells and looks at the result. */
function trained(
  planted: PlantedCells,
  look: (slide: Slide, table: AnnData, warnings: readonly string[]) => Promise<void> | void,
  params: Record<string, unknown> = {},
): Promise<void> {
  return withTempDir(async (folder) => {
    const slide = await openCells(folder, planted, params);
    const warnings = await runAll(slide);
    await look(slide, await tableOf(slide), warnings);
  });
}

/** What training is refused for. */
async function refusal(planted: PlantedCells, params = {}): Promise<SthelarError> {
  return await assertRejects(() => trained(planted, () => {}, params), SthelarError);
}

const columnOf = <C>(table: AnnData, name: string) => table.obs.columns.get(name) as C;
const textsOf = ({ codes, levels }: Categorical) => Array.from(codes, (code) => levels[code]);

Deno.test("2-06 writes table_scvi under the published names, all rows in it", () =>
  trained({}, (_slide, table) => {
    assertEquals([...table.obs.columns.keys()], [
      ...["cell_id", "transcript_counts", "cell_area", "region", "_scvi_batch", "_scvi_labels"],
      ...["label1", "scvi_leiden_res0.6"],
    ]);
    assertEquals(Object.keys(table.layers), ["counts"]);
    assertEquals(Object.keys(table.obsm).sort(), ["X_scVI", "X_umap", "spatial"]);
    assertEquals(Object.keys(table.obsp).sort(), ["connectivities", "distances"]);
    assertEquals([...table.uns.keys()].sort(), [
      ...["_scvi_manager_uuid", "_scvi_uuid", "label1_colors", "neighbors", "spatialdata_attrs"],
      "umap",
    ]);
    assertEquals([...(table.var as DataFrame).columns.keys()], ["gene_ids"]);
    assertEquals((table.obsm.X_scVI as DenseArray).shape, [200, 5]);
    const params = (table.uns.get("neighbors") as UnsDict).get("params") as UnsDict;
    assertEquals([params.get("n_neighbors"), params.get("use_rep")], [15, "X_scVI"]);
    const curve = (table.uns.get("umap") as UnsDict).get("params") as UnsDict;
    assertAlmostEquals(Number(curve.get("a")), 0.9922, 1e-3);
  }));

Deno.test("2-06 leaves cells of few transcripts in the table, called less10 and without values", () =>
  trained({ hollow: 2 }, (_slide, table, warnings) => {
    const isOut = typesOf({ hollow: 2 }).map((type) => type === "few" || type === "hollow");
    const label1 = textsOf(columnOf<Categorical>(table, "label1"));
    const batch = columnOf<NullableInteger>(table, "_scvi_batch");
    const clusters = columnOf<Categorical>(table, "scvi_leiden_res0.6");
    const [x, counts] = [table.X, table.layers.counts] as SparseMatrix[];
    const filled = (matrix: SparseMatrix, row: number) =>
      matrix.indptr[row + 1] > matrix.indptr[row];
    isOut.forEach((out, row) => {
      assertEquals(label1[row] === "less10", out);
      assertEquals([batch.mask[row] === 1, clusters.codes[row] < 0], [out, out]);
      for (const [name, width] of [["X_scVI", 5], ["X_umap", 2]] as const) {
        const { data } = table.obsm[name] as DenseArray;
        assertEquals(Number.isNaN(Number(data[row * width])), out);
      }
      assertEquals(filled(x, row), !out);
      assertEquals(filled(table.obsp.connectivities as SparseMatrix, row), !out);
    });
    assert(counts.data.length > x.data.length, "counts of all rows are kept");
    const row = isOut.indexOf(false);
    const values = x.data.slice(Number(x.indptr[row]), Number(x.indptr[row + 1])) as Float32Array;
    const total = Array.from(values, Math.expm1).reduce((a, b) => a + b, 0);
    assertAlmostEquals(total, 1e4, 0.1);
    assert(
      warnings.some((text) => text.startsWith("2 cells with transcripts, but")),
      `${warnings}`,
    );
  }));

Deno.test("2-06 finds planted types in the latent space, and says how well it agrees", () =>
  trained({ truth: true }, async (slide) => {
    const { cells, rows, genes, agreement, composition, truth, clusters, training } =
      await reportOf(slide);
    assertEquals([cells, rows, genes], [195, 200, 36]);
    assertEquals(clusters.resolution, 0.6);
    assertEquals(agreement.map(({ name, cells, labels }) => [name, cells, labels]), [
      ["pca_n10_pcs16_leiden_res0.2", 195, 1],
      ["pca_n10_pcs16_leiden_res0.6", 195, 4],
      ["refine_res", 195, 4],
      ["label1", 195, 4],
    ]);
    const [one, ...others] = agreement;
    assertEquals([one.ari, one.nmi, one.knnAccuracy], [null, null, 1]);
    for (const { ari, nmi, knnAccuracy } of others) {
      assert(ari! > 0.7 && nmi! > 0.75 && knnAccuracy! > 0.95, JSON.stringify(others));
    }
    assertEquals(composition!.labels, ["B", "Endothelial", "Mast", "T"]);
    assertEquals(composition!.counts.flat().reduce((a, b) => a + b, 0), 195);
    assertEquals([truth!.cells, truth!.clusterings.length], [195, 5]);
    assertEquals(truth!.clusterings.at(-1), { name: "label1", ari: 1, nmi: 1, accuracy: 1 });
    assert(truth!.clusterings[0].accuracy > 0.9 && truth!.knnAccuracy! > 0.95);
    for (const curve of [training.train.loss, training.validation.elbo, training.learningRate]) {
      assertEquals(curve.length, training.epochs);
      assert(curve.every(Number.isFinite));
    }
    assert(training.train.reconstruction.at(-1)! < training.train.reconstruction[0]);
  }));

Deno.test("labels that say less10 themselves, and those that say nothing, are the same", async () => {
  const found: unknown[] = [];
  for (const labels of ["missing", "less10"] as const) {
    await trained({ labels, few: 20 }, async (slide, table) => {
      const { agreement, composition } = await reportOf(slide);
      found.push([textsOf(columnOf(table, "label1")), agreement, composition]);
      found.push(table.uns.get("label1_colors"));
    });
  }
  assertEquals(found.slice(2), found.slice(0, 2));
});

Deno.test("a slide without labels is trained on, compared with nothing, and says so", () =>
  trained({ labels: "none" }, async (slide, table, warnings) => {
    const { agreement, composition, truth, clusters } = await reportOf(slide);
    assertEquals([agreement, composition, truth], [[], null, null]);
    assertEquals(clusters.name, "scvi_leiden_res0.4");
    assertEquals(columnOf<Categorical>(table, "label1").levels, []);
    assert(warnings.some((text) => text.includes("no labels of cells")), `${warnings}`);
  }));

Deno.test("a slide of one kind of cells is one cluster, which agrees with nothing", () =>
  trained({ sizes: [90] }, async (slide, _table, warnings) => {
    const { agreement, clusters } = await reportOf(slide);
    assertEquals(clusters.sizes, [90]);
    assert(agreement.every(({ ari, nmi }) => ari === null && nmi === null));
    assert(warnings.some((text) => text.includes("one cluster")), `${warnings}`);
  }, { resolution: 0.05 }));

Deno.test("a slide of twelve cells has fewer neighbours, and says so", () =>
  trained({ sizes: [6, 6] }, async (slide, _table, warnings) => {
    assertEquals((await reportOf(slide)).clusters.neighbours, 11);
    assert(warnings.some((text) => text.includes("12 cells: 11 neighbours")), `${warnings}`);
  }));

Deno.test("cells of which hardly one has enough transcripts are refused with the way out", async () => {
  for (const planted of [{ sizes: [], few: 30 }, { sizes: [3], hollow: 30 }]) {
    const error = await refusal(planted);
    assertEquals(error.tag, "InvalidArgument");
    assert(/cells with more than 10 transcripts/.test(error.message), error.message);
    assert(error.message.includes("minTranscripts"), error.message);
  }
});

Deno.test("an id of two cells, and labels of other rows, are refused by name", async () => {
  const twice = await refusal({ idOf: (row) => `c${row % 150}` });
  assertEquals(twice.tag, "IdMismatch");
  assert(twice.message.includes('cell_id "c0"'), twice.message);
  const short = await refusal({ labels: "short" });
  assertEquals(short.tag, "IdMismatch");
  assert(short.message.includes('"label1"') && short.message.includes("199"), short.message);
});

Deno.test("equal inputs give equal tables and ids, other parameters other ids", async () => {
  const ids: unknown[] = [], places: unknown[] = [];
  for (const seedless of [{}, {}, { minDist: 0.4 }]) {
    await trained({}, (_slide, table) => {
      const names = ["_scvi_uuid", "_scvi_manager_uuid"].map((key) => table.uns.get(key));
      assert(
        names.every((id) =>
          /^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/
            .test(String(id))
        ),
        `${names}`,
      );
      ids.push(names);
      places.push(table.obsm.X_umap);
    }, seedless);
  }
  assertEquals([ids[1], places[1]], [ids[0], places[0]]);
  assert(String(ids[2]) !== String(ids[0]) && new Set(ids.flat()).size === 4);
});

Deno.test("the kept model gives the table's latent places again", () =>
  trained({}, async (slide, table) => {
    assert((await localDisk.stat(`${slide.resolve("models/scvi")}.safetensors`))!.size > 1000);
    const { tensors, metadata } = await slide.open(modelInput("scvi"));
    const model = scviModelOf(tensors, metadata);
    const rows = Int32Array.from(typesOf({}).keys()).filter((row) => typesOf({})[row] !== "few");
    const counts = sparseCounts(takeRows(table.layers.counts as SparseMatrix, rows));
    const { data } = await scviLatent(model, counts, table.var.index);
    const kept = (table.obsm.X_scVI as DenseArray<Float32Array>).data.filter(Number.isFinite);
    assertEquals(data.length, kept.length);
    data.forEach((value, i) => assertAlmostEquals(value, kept[i], 1e-5));
  }));

Deno.test("a run that is stopped after training does not train again", () =>
  withTempDir(async (folder) => {
    const slide = await openCells(folder);
    const controller = new AbortController();
    const kept = async () =>
      (await localDisk.list(slide.folder.stages)).filter((name) => name.startsWith(".kept-2-06"));
    await slide.run(slide.plan[0].stage);
    await slide.run(slide.plan[1].stage);
    const units: string[] = [];
    const progress = {
      update(_done: number, _total: number, unit: string) {
        units.push(unit);
        if (unit !== units[0]) controller.abort();
      },
    };
    await assertRejects(() => slide.run(scvi, { signal: controller.signal, progress }));
    assertEquals((await kept()).length, 1);
    const again = await openCells(folder);
    await again.run(scvi);
    assertEquals(await kept(), []);
    await Deno.mkdir(`${folder}/other`);
    const whole = await openCells(`${folder}/other`);
    await runAll(whole);
    assertEquals((await tableOf(again)).obsm, (await tableOf(whole)).obsm);
    assertEquals(await reportOf(again), await reportOf(whole));
  }));

Deno.test("a store that others made stands in for 2-06, without its report and model", () =>
  trained({}, async (slide) => {
    const artefacts = slide.artefacts().current;
    await assembleStore(localDisk, slide.folder, { simulated: false, artefacts });
    assertEquals(await localDisk.list(`${slide.folder.store}`), ["tables", "zarr.json"]);
    const pipeline = definePipeline(slide.plan.map(({ stage }) => stage));
    const out = `${slide.folder.root}/opened`;
    const store = `${slide.folder.root}/sdata_copy.zarr`;
    await localDisk.rename(slide.folder.store, store);
    await openStore(store, { pipeline, out, as: "copy", disk: localDisk });
    const opened = await Slide.open("copy", { pipeline, out, data: out });
    const planned = opened.planned(scvi);
    assertEquals([planned.action, planned.lacking], ["opened", ["reports/scvi", "models/scvi"]]);
    assert(opened.has("tables/table_scvi") && !opened.has("models/scvi"));
    const table = await openAnnDataZarr(opened.disk, opened.resolve("tables/table_scvi"));
    assertEquals(table.shape, [200, 36]);
  }));
