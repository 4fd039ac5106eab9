import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import {
  type AlignmentData,
  examplesOfAlignment,
  hasAlignment,
  mapOfScore,
  openAlignment,
  registrationOfSlide,
  scoresOfPatches,
} from "@/report/alignment_figures.ts";
import { withTempDir } from "../e2e/run_cli.ts";
import {
  openPredicted,
  plantedField,
  plantedMap,
  writePredictions,
} from "../stages/planted_predictions.ts";
import { runAll } from "../stages/planted_slide.ts";

const FIELD = plantedField();
/** What 3-04 would say of the slide below. */
const ANALYSIS = {
  ...{ source: "published", patches: { total: 4, evaluated: 3 }, scores: {} },
  kept: [{ jaccard: 0.45, patches: 2, nuclei: 0 }, { jaccard: 0.7, patches: 1, nuclei: 0 }],
  examples: { best: [0], middle: [1], worst: [3] },
} as unknown as NonNullable<AlignmentData["analysis"]>;

/** A slide of four patches, of which one has no prediction and one agrees in all pixels. */
function withAlignment(look: (data: AlignmentData) => Promise<void>): Promise<void> {
  return withTempDir(async (folder) => {
    const predictions = `${folder}/maps.h5`;
    const maps = [[0, 0], [1, 3], [3, 8]].map(([patch, dx]) =>
      [patch, plantedMap(FIELD.nuclei, patch, { dx })] as const
    );
    await writePredictions(predictions, new Map(maps));
    const slide = await openPredicted(folder, FIELD, { predictions });
    assert(!hasAlignment(slide));
    await assertRejects(() => openAlignment(slide), SthelarError);
    await runAll(slide);
    assert(hasAlignment(slide));
    await look(await openAlignment(slide));
  });
}

Deno.test("figures of an alignment tell who predicted, and which patches have no score", () =>
  withAlignment(async (data) => {
    assertEquals(data.analysis, undefined);
    const scores = await scoresOfPatches(data).svg();
    for (const text of ["nuclei predicted by: published", "n = 3 patches, 1 without", "Dice:"]) {
      assertStringIncludes(scores, text);
    }
    const map = await mapOfScore(data).svg();
    assertStringIncludes(map, "3 of 4 patches have a score");
    assertEquals([...map.matchAll(/<image/g)].length, 2, "scores, and the H&E beside them");
    assert(!map.includes("framed"), "cuts come from 3-04, which has not run");
    assertStringIncludes(await mapOfScore(data, "bPQ").svg(), ">bPQ over the slide<");
    assert(registrationOfSlide(data) !== undefined);
    const none = { ...data, report: { ...data.report, registration: null } };
    assertEquals(registrationOfSlide(none), undefined);
  }));

Deno.test("figures of an alignment show the cuts and the examples of 3-04", () =>
  withAlignment(async (data) => {
    assertEquals(await examplesOfAlignment(data), undefined);
    const analysed = { ...data, analysis: ANALYSIS };
    const scores = await scoresOfPatches(analysed).svg();
    for (const text of ["≥ 0.45", "≥ 0.7"]) assertStringIncludes(scores, text);
    assertStringIncludes(await mapOfScore(analysed).svg(), "1 of them below 0.45");
    assert(!(await mapOfScore(analysed, "Dice").svg()).includes("below"), "cuts are of Jaccard");
    const examples = await (await examplesOfAlignment(analysed))!.svg();
    for (const text of ["best: patch 0, Jaccard 1.00", "middle: patch 1", "worst: patch 3"]) {
      assertStringIncludes(examples, text);
    }
    const empty = { ...ANALYSIS, examples: { best: [], middle: [], worst: [] } };
    assertEquals(await examplesOfAlignment({ ...data, analysis: empty }), undefined);
  }));
