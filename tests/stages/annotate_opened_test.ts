import { assertEquals } from "@std/assert";
import type { Categorical } from "@/core/categorical.ts";
import { readAnnDataZarr } from "@/formats/anndata/mod.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { assembleSlide } from "@/pipeline/build_slide.ts";
import { openStore } from "@/pipeline/open_store.ts";
import { ProgressDisplay } from "@/pipeline/progress_display.ts";
import { Slide } from "@/pipeline/slide.ts";
import { withTempDir } from "../e2e/run_cli.ts";
import { labelPipeline, openLabels } from "./planted_labels.ts";

const silent = new ProgressDisplay({ isTerminal: false, columns: 80, write: () => {} });

/** A store of planted tables with what stages up to one add to them; its path. */
async function storeOf(folder: string, until: string): Promise<string> {
  const slide = await openLabels(folder);
  for (const { stage, action } of slide.plan) {
    if (action === "run" && stage.id <= until) await slide.run(stage);
  }
  await assembleSlide(slide, silent);
  const moved = `${folder}/sdata_planted.zarr`;
  await Deno.rename(slide.folder.store, moved);
  return await Deno.realPath(moved);
}

/** Opens a store as a slide that has nothing else. */
async function opened(folder: string, store: string): Promise<Slide> {
  const pipeline = labelPipeline({}), out = `${folder}/opened`;
  await openStore(store, { pipeline, out, disk: localDisk });
  return await Slide.open("planted", {
    ...{ pipeline, out, data: folder, sources: {}, limits: { memoryBytes: 2e9, threads: 1 } },
    simulate: () => Promise.reject(new Error("nothing is simulated for an opened slide")),
  });
}

const plans = ({ plan }: Slide) =>
  Object.fromEntries(
    plan.filter(({ stage }) => stage.id >= "2-07").map(({ stage, action, reason }) =>
      [stage.id, `${action}: ${reason}`] as const
    ),
  );

Deno.test("an opened store that has annotations stands in for 2-07, 2-08 and 2-09", () =>
  withTempDir(async (folder) => {
    const store = await storeOf(folder, "2-09");
    const from = "opened: from the opened store, without reports/";
    assertEquals(plans(await opened(folder, store)), {
      "2-07": `${from}add_annotations`,
      "2-08": `${from}standardize_nuclei`,
      "2-09": `${from}standardize_cells`,
    });
  }));

Deno.test("a published store, which has final labels without colours by name, counts as well", () =>
  withTempDir(async (folder) => {
    const store = await storeOf(folder, "2-09");
    for (const part of ["final_label_colors", "final_label_colors_by_name"]) {
      await Deno.remove(`${store}/tables/table_cells/uns/${part}`, { recursive: true });
    }
    const { "2-09": cells } = plans(await opened(folder, store));
    assertEquals(cells.slice(0, 35), "opened: from the opened store, with");
  }));

Deno.test("an opened store that has labels alone gets final labels, as a slide of its own", () =>
  withTempDir(async (folder) => {
    const store = await storeOf(folder, "1-02");
    const slide = await opened(folder, store);
    for (const { stage, action } of slide.plan) if (action === "run") await slide.run(stage);
    await assembleSlide(slide, silent);
    const { obs, uns } = await readAnnDataZarr(
      localDisk,
      `${slide.folder.store}/tables/table_cells`,
    );
    const before = await readAnnDataZarr(localDisk, `${store}/tables/table_cells`);
    assertEquals(obs.columns.get("label2"), before.obs.columns.get("label2"));
    assertEquals(before.obs.columns.has("final_label"), false);
    const { codes, levels } = obs.columns.get("final_label") as Categorical;
    assertEquals(
      Array.from(codes, (code) => levels[code]),
      ["Less10", "T_NK", "Myeloid", "B_Plasma", "T_NK", "T_NK"],
    );
    assertEquals((uns.get("final_label_colors") as string[]).length, levels.length);
    assertEquals(obs.columns.has("transcript_cat"), true);
  }));
