import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { readParquetColumns } from "@/formats/parquet/mod.ts";
import { parseSafetensors } from "@/formats/safetensors/mod.ts";
import { scviModelOf } from "@/numerics/scvi/mod.ts";
import { openStore } from "@/pipeline/open_store.ts";
import { pipeline } from "@/pipeline/sthelar.ts";
import { allSlidesScvi } from "@/study/2_06s_all_slides_scvi.ts";
import { Study, writeView } from "@/study/mod.ts";
import { withTempDir } from "../e2e/run_cli.ts";
import { writePublishedStore } from "./published_store.ts";

const SHORT = { epochs: 2, hidden: 16, latent: 4, batchSize: 32 };

/** Opens published stores of these slides, each with a panel that begins one gene later. */
async function openStores(root: string, slides: readonly string[]): Promise<void> {
  for (const [i, slide] of slides.entries()) {
    const store = `${root}/sdata_${slide}.zarr`;
    await writePublishedStore(store, { cells: 90, genes: i, seed: i });
    await openStore(store, { pipeline, out: `${root}/out`, disk: localDisk });
  }
}

function openStudy(root: string, params: Record<string, unknown> = {}): Promise<Study> {
  return Study.open("made", {
    ...{ pipeline, steps: [allSlidesScvi], out: `${root}/out`, data: `${root}/data` },
    slides: ["all"],
    params: { "2-06s": { ...SHORT, ...params } },
  });
}

Deno.test("all_slides_scvi trains one model on shared genes and places every cell with transcripts", async () => {
  await withTempDir(async (root) => {
    await openStores(root, ["heart_s0", "skin_s1"]);
    const study = await openStudy(root);
    const { facts } = await study.run("2-06s");
    await writeView(study);
    // Panels G0..G11 and G1..G12: eleven genes are in both.
    assertEquals(facts.genes, 11);
    const folder = `${root}/out/study/made`;
    const path = `${folder}/models/scvi_all_slides.safetensors`;
    const { tensors, metadata } = parseSafetensors(await Deno.readFile(path), path);
    const model = scviModelOf(tensors, metadata);
    assertEquals(model.genes, Array.from({ length: 11 }, (_, gene) => `G${gene + 1}`));
    assertEquals(model.samples, ["heart_s0", "skin_s1"]);
    const latent = await readParquetColumns(localDisk, `${folder}/tables/scvi_latent.parquet`);
    assertEquals(latent.rowCount, facts.cells);
    assertEquals(latent.names, [
      ...["slide", "cell_id", "latent_1", "latent_2", "latent_3", "latent_4", "umap_1", "umap_2"],
      ...["leiden_res0.4", "leiden_res0.6", "final_label"],
    ]);
    const slides = latent.text("slide");
    assertEquals([...new Set(slides)], ["heart_s0", "skin_s1"]);
    assert(!latent.text("final_label").includes("Less10"));
    assert(Array.from(latent.numbers("latent_1"), Number).every(Number.isFinite));
    const found = JSON.parse(await Deno.readTextFile(`${folder}/tables/scvi_all_slides.json`));
    assertEquals(found.training.epochs, SHORT.epochs);
    assertEquals(found.agreement.map(({ name }: { name: string }) => name), [
      ...["final_label", "slide", "final_label", "slide"],
    ]);
    assert(found.mixing.expected > 0.45 && found.mixing.expected < 0.55);
    const figures = await localDisk.list(`${folder}/figures`);
    for (const name of ["umap_scvi_all", "scvi_losses_all", "transcripts_hist_all"]) {
      assert(figures.includes(`${name}.svg`), `${name} of ${figures}`);
    }
  });
});

Deno.test("all_slides_scvi leaves out brain, bone and bone marrow unless told, and can be switched off", async () => {
  await withTempDir(async (root) => {
    await openStores(root, ["brain_s0", "bone_s0", "skin_s1"]);
    const slidesOf = async (params: Record<string, unknown>) =>
      (await openStudy(root, params)).planned("2-06s").slides.map(({ name }) => name);
    assertEquals(await slidesOf({}), ["skin_s1"]);
    assertEquals(await slidesOf({ without: "brain" }), ["bone_s0", "skin_s1"]);
    assertEquals(await slidesOf({ without: "none" }), ["bone_s0", "brain_s0", "skin_s1"]);
    const { action, reason } = (await openStudy(root, { scvi: "off" })).planned("2-06s");
    assertEquals([action, reason], ["skip", "switched off (scvi=off)"]);
    const none = await openStudy(root, { without: "brain,bone,skin" });
    assertEquals(none.planned("2-06s").action, "skip");
    await assertRejects(() => openStudy(root, { without: "a/b" }), SthelarError, "tissues");
  });
});

Deno.test("all_slides_scvi refuses slides whose panels have nothing in common", async () => {
  await withTempDir(async (root) => {
    for (const [i, slide] of ["heart_s0", "skin_s1"].entries()) {
      const store = `${root}/sdata_${slide}.zarr`;
      await writePublishedStore(store, { genes: 100 * i });
      await openStore(store, { pipeline, out: `${root}/out`, disk: localDisk });
    }
    const study = await openStudy(root);
    const error = await assertRejects(() => study.run("2-06s"), SthelarError);
    assertStringIncludes(error.message, "found 0 of 24 genes that enough slides have");
  });
});
