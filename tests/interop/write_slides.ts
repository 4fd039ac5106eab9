/** Builds real and simulated bundles as a user would, for the judges to open. */
import { existsSync } from "node:fs";
import { assembleStore } from "@/pipeline/assemble.ts";
import { Slide } from "@/pipeline/slide.ts";
import { pipeline } from "@/pipeline/sthelar.ts";
import { stages } from "@/stages/mod.ts";
import { testDataRoot } from "../test_data.ts";

const out = Deno.env.get("STHELAR_INTEROP_OUT")!;

async function build(id: string, bundle: string, parity: boolean): Promise<void> {
  if (!existsSync(bundle)) return;
  const slide = await Slide.open(id, {
    pipeline,
    out,
    data: out,
    sources: { bundle },
    params: { "1-02": { parity }, "2-04": { parity } },
  });
  for (const stage of stages) {
    if (slide.planned(stage).action !== "skip") await slide.run(stage);
  }
  const artefacts = slide.artefacts().current;
  await assembleStore(slide.disk, slide.folder, { simulated: false, artefacts });
}

const REAL = { ileum: "xenium_ileum_tiny_outs", pancreas: "xenium_pancreas_roiA" };
for (const [id, folder] of Object.entries(REAL)) {
  await build(id, `${testDataRoot}/${folder}`, false);
  await build(`${id}_parity`, `${testDataRoot}/${folder}`, true);
}
for (const preset of ["v2.0", "v2.0-kit", "v3.0", "v4.0"]) {
  await build(`simulated_${preset.replace(".", "_")}`, `${out}/simulated/${preset}`, false);
}
