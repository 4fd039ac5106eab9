/** Writes simulated slides of several versions for the judges. */
import { localDisk } from "@/formats/disk/mod.ts";
import { type PresetName, simulateSlide } from "@/simulate/mod.ts";

const out = Deno.env.get("STHELAR_INTEROP_OUT");
if (out === undefined) throw new Error("STHELAR_INTEROP_OUT is not set");

const PRESETS: readonly PresetName[] = ["v1.0", "v1.4", "v1.9", "v2.0", "v2.0-kit", "v3.0", "v4.0"];
for (const preset of PRESETS) {
  await simulateSlide(localDisk, `${out}/simulated/${preset}`, {
    slideId: "heart_s0",
    cells: 150,
    referenceCells: 40,
    preset,
    morphologyCompression: preset === "v2.0" ? "jpeg2000" : "deflate",
  });
}
