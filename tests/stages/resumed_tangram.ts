/** Runs stage 2-02 on a slide whose chapter 1 is done: `deno run resumed_tangram.ts FOLDER OUT`. */
import { pipeline } from "@/pipeline/sthelar.ts";
import { Slide } from "@/pipeline/slide.ts";
import { tangram } from "@/stages/2_02_tangram.ts";

/** Several bags of a small slide. */
export const PARAMS = { epochs: 100, bagSize: 30 };

/** Opens a slide of which `folder` has the bundle, with results in `out`. */
export async function openSmallSlide(folder: string, out: string): Promise<Slide> {
  return await Slide.open("heart_s0", {
    ...{ pipeline, out: `${folder}/${out}`, data: `${folder}/data` },
    sources: { bundle: `${folder}/bundle` },
    params: { "2-02": PARAMS },
    limits: { memoryBytes: 2e9, threads: 1 },
  });
}

if (import.meta.main) {
  const [folder, out] = Deno.args;
  await (await openSmallSlide(folder, out)).run(tangram);
}
