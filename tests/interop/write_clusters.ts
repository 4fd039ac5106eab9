/** Builds a simulated slide up to the labels of its cells, for the judges to open and repeat. */
import { localDisk } from "@/formats/disk/mod.ts";
import { assembleStore } from "@/pipeline/assemble.ts";
import { Slide } from "@/pipeline/slide.ts";
import { pipeline } from "@/pipeline/sthelar.ts";
import { simulateSlide } from "@/simulate/mod.ts";

const out = Deno.env.get("STHELAR_INTEROP_OUT");
if (out === undefined) throw new Error("Cannot write: set STHELAR_INTEROP_OUT to a folder");

const bundle = `${out}/clustered_bundle`;
await simulateSlide(localDisk, bundle, {
  slideId: "heart_s0",
  cells: 900,
  referenceCells: 200,
});
const slide = await Slide.open("heart_s0", {
  ...{ pipeline, out, data: out },
  sources: { bundle },
  params: { "2-02": { mode: "clusters", epochs: 100 } },
});
for (const { stage, action } of slide.plan) {
  if (action !== "skip") await slide.run(stage);
}
const artefacts = slide.artefacts().current;
await assembleStore(slide.disk, slide.folder, { simulated: true, artefacts });
