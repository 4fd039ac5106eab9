/** Writes simulated slides of every version, and what is true of them, for the judges. */
import { localDisk } from "@/formats/disk/mod.ts";
import { MATRIX_FORMATS, type PresetName, PRESETS, simulateSlide } from "@/simulate/mod.ts";
import { linkFiles } from "../simulate/temporary_bundle.ts";
import { trueContent } from "../simulate/true_content.ts";

const out = Deno.env.get("STHELAR_INTEROP_OUT");
if (out === undefined) throw new Error("STHELAR_INTEROP_OUT is not set");

for (const preset of Object.keys(PRESETS) as PresetName[]) {
  const options = {
    slideId: "heart_s0",
    cells: 60,
    referenceCells: 20,
    preset,
    morphologyCompression: preset === "v2.0" ? "jpeg2000" : "deflate",
    matrix: MATRIX_FORMATS,
    tables: "both",
    ...(preset === "v1.9" ? { stackPlanes: 2 } : {}),
  } as const;
  await simulateSlide(localDisk, `${out}/simulated/${preset}`, options);
  const truth = JSON.stringify(trueContent(options));
  await localDisk.write(`${out}/simulated_truth/${preset}.json`, new TextEncoder().encode(truth));
}

/** Bundles of 1.9 with one format of tables and of the matrix. */
const ONLY = {
  csv: (name: string) => !/^(cells|transcripts|.*_boundaries)\.parquet$/.test(name),
  mex: (name: string) => !/\.h5$|\.zarr\.zip$/.test(name) || name === "cells.zarr.zip",
  zarr: (name: string) => !/\.h5$|^cell_feature_matrix\//.test(name),
} as const;
for (const [format, isWanted] of Object.entries(ONLY)) {
  await linkFiles(`${out}/simulated/v1.9`, `${out}/simulated_only/${format}`, isWanted);
}
