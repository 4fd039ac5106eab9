/** Builds the two real bundles as a user would, for the judges to open. */
import { existsSync } from "node:fs";
import { Slide } from "@/pipeline/slide.ts";
import { assembleStore } from "@/pipeline/assemble.ts";
import { pipeline } from "@/pipeline/sthelar.ts";
import { stages } from "@/stages/mod.ts";
import { testDataRoot } from "../test_data.ts";

const BUNDLES = { ileum: "xenium_ileum_tiny_outs", pancreas: "xenium_pancreas_roiA" };
const out = Deno.env.get("STHELAR_INTEROP_OUT")!;

for (const [id, folder] of Object.entries(BUNDLES)) {
  if (testDataRoot === undefined || !existsSync(`${testDataRoot}/${folder}`)) continue;
  for (const parity of [false, true]) {
    const slide = await Slide.open(parity ? `${id}_parity` : id, {
      pipeline,
      out,
      data: out,
      sources: { bundle: `${testDataRoot}/${folder}` },
      params: { "1-02": { parity } },
    });
    for (const stage of stages) {
      if (slide.planned(stage).action !== "skip") await slide.run(stage);
    }
    const artefacts = slide.artefacts().current;
    await assembleStore(slide.disk, slide.folder, { simulated: false, artefacts });
  }
}
