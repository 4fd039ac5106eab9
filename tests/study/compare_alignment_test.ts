import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { localDisk } from "@/formats/disk/mod.ts";
import { writeShapes, writeStoreRoot } from "@/formats/spatialdata/mod.ts";
import { pipeline } from "@/pipeline/sthelar.ts";
import { compareAlignment } from "@/study/3_04s_compare_alignment.ts";
import type { StudyOptions } from "@/study/mod.ts";
import { runCli, withTempDir } from "../e2e/run_cli.ts";
import {
  alignedPipeline,
  type AlignedSlide,
  buildAlignedSlide,
  patchesWith,
} from "./aligned_slides.ts";
import { buildMadeStudy, openMadeStudy, readMade } from "./annotated_slides.ts";
import { writePublishedStore } from "./published_store.ts";

const HEART: AlignedSlide = {
  source: "baseline",
  jaccard: [0.45, null, 0.7, 0.2, 0.6],
  nuclei: [10, 20, 3, 40, 5],
  shift: [3.14159, -2],
  simulated: true,
};
const SKIN: AlignedSlide = { source: "published", jaccard: [0.8, 0.9], nuclei: [1, 2] };
const HEADER =
  "slide_id,tissue,data,source,patches,evaluated,Dice_median,Jaccard_median,bPQ_median," +
  "patches_from_0.45,nuclei_from_0.45,patches_from_0.7,nuclei_from_0.7," +
  "shift_x_um,shift_y_um,shift_confidence";

/** Builds the study `made` of slides below a folder. */
function built(root: string, options: Partial<StudyOptions> = {}) {
  const own = { pipeline: alignedPipeline, ...options };
  return buildMadeStudy(localDisk, root, [compareAlignment], own);
}

const tableOf = async (root: string) =>
  (await readMade(localDisk, root, "tables/alignment_by_slide.csv")).trimEnd().split("\n");

Deno.test("compare_alignment has a row a slide: scores, what is kept, who predicted and the shift", () =>
  withTempDir(async (root) => {
    await buildAlignedSlide(localDisk, root, "heart_s0", HEART);
    await buildAlignedSlide(localDisk, root, "skin_s1", SKIN);
    await built(root);
    // Jaccard 0.2, 0.45, 0.6, 0.7: the median is 0.525, of Dice (2 * 0.45 / 1.45 + 0.75) / 2.
    assertEquals(await tableOf(root), [
      HEADER,
      "heart_s0,heart,simulated,baseline,5,4,0.6853,0.5250,0.5250,3,18,1,3,3.14,-2.00,9.5",
      "skin_s1,skin,real,published,2,2,0.9181,0.8500,0.8500,2,3,2,3,,,",
    ]);
    const svg = await readMade(localDisk, root, "figures/alignment_by_slide.svg");
    for (const text of ["baseline (1 slide), published (1 slide)", ">simulated</text>", "75 %"]) {
      assertStringIncludes(svg, text);
    }
    assert(svg.indexOf("skin_s1 (published)") < svg.indexOf("heart_s0 (baseline)"));
    const curves = await readMade(localDisk, root, "figures/alignment_thresholds.svg");
    const by = "nuclei predicted by: baseline (1 slide), published (1 slide)";
    for (const text of ["≥ 0.45: 83.3 %", "≥ 0.7: 50.0 %", "n = 6 patches of 2 slides", by]) {
      assertStringIncludes(curves, text);
    }
    const pairs = await readMade(localDisk, root, "figures/alignment_score_pairs.svg");
    assertStringIncludes(pairs, "n = 6 patches");
    assertStringIncludes(pairs, `>${by}; Dice is at most 0 from 2 J / (1 + J)<`);
  }));

Deno.test("compare_alignment lists slides without chapter 3, and runs again once it is there", () =>
  withTempDir(async (root) => {
    await buildAlignedSlide(localDisk, root, "heart_s0", HEART);
    await buildAlignedSlide(localDisk, root, "skin_s1", SKIN, { until: "1-01" });
    await built(root);
    assertEquals((await tableOf(root)).length, 2);
    const svg = await readMade(localDisk, root, "figures/alignment_by_slide.svg");
    assertStringIncludes(svg, "without a score: skin_s1");
    const report = await readMade(localDisk, root, "report.html");
    assertStringIncludes(report, "deno task build-slide skin_s1 --until 3");
    await buildAlignedSlide(localDisk, root, "skin_s1", SKIN);
    const own = { pipeline: alignedPipeline };
    const study = await openMadeStudy(localDisk, root, [compareAlignment], own);
    assertEquals(study.planned("3-04s").reason, "skin_s1 changed");
    await built(root);
    assertEquals((await tableOf(root)).length, 3);
  }));

Deno.test("compare_alignment of slides of which none has a score draws nothing, but says so", () =>
  withTempDir(async (root) => {
    const none = { ...HEART, jaccard: [null, null], nuclei: [1, 2] };
    const { shift: _, ...lost } = none;
    await buildAlignedSlide(localDisk, root, "heart_s0", lost);
    await buildAlignedSlide(localDisk, root, "skin_s1", SKIN, { until: "1-01" });
    await built(root);
    const [, row] = await tableOf(root);
    assertEquals(row, "heart_s0,heart,simulated,baseline,2,0,,,,0,0,0,0,,,");
    assertEquals(await localDisk.list(`${root}/out/study/made/figures`), []);
    await built(root, { slides: ["skin_s1"] });
    assertEquals(await localDisk.list(`${root}/out/study/made/tables`), []);
  }));

Deno.test("compare_alignment keeps patches from the cuts that are asked for", () =>
  withTempDir(async (root) => {
    await buildAlignedSlide(localDisk, root, "heart_s0", HEART);
    await built(root, { params: { "3-04s": { keepFrom: 0.2, strictFrom: 0.65 } } });
    const [header, row] = await tableOf(root);
    assertStringIncludes(header, "patches_from_0.2,nuclei_from_0.2,patches_from_0.65");
    assertStringIncludes(row, ",4,58,1,3,");
    // A cut between two points of the curve has a share of its own: 0.6 is not from 0.605 on, 0.7 is.
    await built(root, { params: { "3-04s": { keepFrom: 0.595, strictFrom: 0.605 } } });
    const curves = await readMade(localDisk, root, "figures/alignment_thresholds.svg");
    for (const text of ["≥ 0.595: 50.0 %", "≥ 0.605: 25.0 %"]) assertStringIncludes(curves, text);
  }));

Deno.test("compare_alignment reads published stores, where -1 is no score", () =>
  withTempDir(async (root) => {
    const store = `${root}/sdata_heart_s0.zarr`;
    await writePublishedStore(store);
    await writeShapes(localDisk, store, "he_patches", patchesWith([-1, 0.5, -1, 0.75]));
    await writeStoreRoot(localDisk, store, {});
    const { code, stderr } = await runCli("open", store, `--out=${root}/out`);
    assertEquals(code, 0, stderr);
    await built(root, { pipeline });
    const [, row] = await tableOf(root);
    assertEquals(row, "heart_s0,heart,real,published,,2,0.7619,0.6250,0.6250,2,,1,,,,");
  }));
