import { assertEquals, assertStringIncludes } from "@std/assert";
import { readAnnDataZarr } from "@/formats/anndata/mod.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { ProgressDisplay } from "@/pipeline/progress_display.ts";
import { assembleSlide } from "@/pipeline/build_slide.ts";
import { openStore } from "@/pipeline/open_store.ts";
import { Slide } from "@/pipeline/slide.ts";
import { pipeline } from "@/pipeline/sthelar.ts";
import { simulateSlide } from "@/simulate/mod.ts";
import { processSlide } from "@/stages/1_02_process_slide.ts";
import { addCells } from "@/stages/2_04_add_cells.ts";
import { withTempDir } from "../e2e/run_cli.ts";

/** Builds nuclei and, if asked to, cells of a bundle; the path of the assembled store. */
async function buildStore(bundle: string, out: string, withCells: boolean): Promise<string> {
  const slide = await openSlide(out, bundle);
  await slide.run(processSlide);
  if (withCells) await slide.run(addCells);
  const silent = new ProgressDisplay({ isTerminal: false, columns: 80, write: () => {} });
  await assembleSlide(slide, silent);
  const moved = `${out}/../sdata_test.zarr`;
  await Deno.rename(slide.folder.store, moved);
  return await Deno.realPath(moved);
}

function openSlide(out: string, bundle?: string): Promise<Slide> {
  return Slide.open("test", {
    pipeline,
    out,
    data: out,
    sources: bundle === undefined ? {} : { bundle },
    limits: { memoryBytes: 2e9, threads: 1 },
    simulate: () => Promise.reject(new Error("nothing is simulated for an opened slide")),
  });
}

/** What is planned for 2-04 where the store is opened, without and with the bundle. */
async function plannedFor(folder: string, withCells: boolean) {
  const bundle = `${folder}/bundle`;
  await simulateSlide(localDisk, bundle, {
    slideId: "heart_s0",
    cells: 60,
    referenceCells: 20,
    morphologyCompression: "deflate",
    preset: "v2.0",
  });
  const store = await buildStore(bundle, `${folder}/made`, withCells);
  const out = `${folder}/opened`;
  await openStore(store, { pipeline, out, as: "test", disk: localDisk });
  const alone = (await openSlide(out)).planned(addCells);
  return { alone, slide: await openSlide(out, bundle), store };
}

Deno.test("an opened store with cells stands in for 2-04, with the bundle and without", () =>
  withTempDir(async (folder) => {
    const { alone, slide } = await plannedFor(folder, true);
    const reason = "from the opened store, without reports/add_cells";
    assertEquals([alone.action, alone.reason], ["opened", reason]);
    assertEquals(slide.planned(addCells).reason, reason);
  }));

Deno.test("cells are added to an opened store that has none, once there is a bundle", () =>
  withTempDir(async (folder) => {
    const { alone, slide, store } = await plannedFor(folder, false);
    assertEquals([alone.action, alone.reason], ["skip", "there is no Xenium bundle"]);
    assertEquals(slide.planned(processSlide).action, "opened");
    assertEquals(slide.planned(addCells).action, "run");
    await slide.run(addCells);
    const report = await Deno.readTextFile(`${slide.resolve("reports/add_cells")}.json`);
    assertStringIncludes(report, '"joinedBy": "xenium_cell_id"');
    const { obs } = await readAnnDataZarr(localDisk, slide.resolve("tables/table_cells"));
    const nuclei = await readAnnDataZarr(localDisk, `${store}/tables/table_nuclei`);
    assertEquals(obs.index, nuclei.obs.index);
  }));
