import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { localDisk } from "@/formats/disk/mod.ts";
import { reportInput } from "@/formats/spatialdata/stage_elements.ts";
import { Slide } from "@/pipeline/slide.ts";
import { pipeline } from "@/pipeline/sthelar.ts";
import { simulateSlide } from "@/simulate/mod.ts";
import type { PredictAndAlignReport } from "@/stages/3_03_predict_and_align.ts";
import { withTempDir } from "../e2e/run_cli.ts";

/** Micrometres a pixel of the simulated morphology. */
const MORPHOLOGY_UM = 0.2125;
const STAGES = ["1-01", "1-02", "1-03", "2-04", "3-01", "3-03"];

/** Writes the alignment of a bundle once more, moved to the right by this much. */
async function moveAlignment(bundle: string, to: string, byUm: number): Promise<string> {
  const name = (await localDisk.list(bundle)).find((file) => file.endsWith("alignment.csv"))!;
  const rows = (await Deno.readTextFile(`${bundle}/${name}`)).trim().split("\n")
    .map((row) => row.split(",").map(Number));
  rows[0][2] += byUm / MORPHOLOGY_UM;
  await Deno.writeTextFile(to, rows.map((row) => row.join(",")).join("\n"));
  return to;
}

/** What stage 3-03 says of a slide whose H&E was laid too far to the right. */
async function alignMoved(folder: string, byUm: number): Promise<PredictAndAlignReport> {
  const bundle = `${folder}/bundle`;
  const csv = await moveAlignment(bundle, `${folder}/${byUm}.csv`, byUm);
  const slide = await Slide.open("moved", {
    ...{ pipeline, disk: localDisk, out: `${folder}/${byUm}`, data: folder },
    sources: { bundle, "he-alignment": csv },
    limits: { memoryBytes: 3e9, threads: 2 },
  });
  for (const { stage } of slide.plan) if (STAGES.includes(stage.id)) await slide.run(stage);
  return await slide.open(reportInput<PredictAndAlignReport>("predict_and_align"));
}

Deno.test("an H&E that is laid 2, 5 or 10 um beside its place is found so, and fits less and less", () =>
  withTempDir(async (folder) => {
    await simulateSlide(localDisk, `${folder}/bundle`, {
      ...{ slideId: "heart_s0", cells: 150, referenceCells: 20 },
    });
    const dice: number[] = [];
    for (const byUm of [0, 2, 5, 10]) {
      const { means, registration, source } = await alignMoved(folder, byUm);
      assertEquals(source.name, "baseline");
      const { best, confidence } = registration!.whole;
      assertAlmostEquals(Math.hypot(best!.dxUm, best!.dyUm), byUm, 0.5);
      assert(confidence >= 5, `${byUm} um: ${confidence}`);
      dice.push(means.dice!);
    }
    assertEquals(dice, dice.toSorted((a, b) => b - a));
    // As hard as real sections are: the published patches have their mode at 0.81.
    assert(dice[0] > 0.6 && dice[0] < 0.85 && dice[3] < 0.4, dice.join(", "));
  }));
