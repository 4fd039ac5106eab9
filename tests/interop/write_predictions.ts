/** Writes predictions on patches of a planted slide into `STHELAR_INTEROP_OUT/predictions`. */
import { localDisk } from "@/formats/disk/mod.ts";
import { predictionsInput } from "@/formats/predictions/mod.ts";
import { patchesInput } from "@/formats/patches/mod.ts";
import { writeStoreRoot } from "@/formats/spatialdata/mod.ts";
import {
  openPredicted,
  PATCHES,
  plantedField,
  plantedMap,
  stainedPixel,
  writePredictions,
} from "../stages/planted_predictions.ts";
import { runAll } from "../stages/planted_slide.ts";
import { copyTree } from "@/pipeline/copy_tree.ts";

const out = Deno.env.get("STHELAR_INTEROP_OUT");
if (out === undefined) throw new Error("Cannot write: set STHELAR_INTEROP_OUT to a folder");
const folder = `${out}/predictions`;
await localDisk.remove(folder);
await localDisk.makeDirectory(folder);

const field = plantedField();
const planted = { ...field, pixel: stainedPixel(field.nuclei) };
const published = `${folder}/published.h5`;
const moved = [...PATCHES.keys()].slice(1).map((patch) =>
  [patch, plantedMap(field.nuclei, patch, { dx: 3 })] as const
);
await writePredictions(published, new Map(moved));
for (
  const [name, options] of [
    ["baseline", {}],
    ["published", { predictions: published }],
    ["parity", { predictions: published, params: { parity: true } }],
  ] as const
) {
  await localDisk.makeDirectory(`${folder}/${name}`);
  const slide = await openPredicted(`${folder}/${name}`, planted, options);
  await runAll(slide);
  const sets = { predictions: predictionsInput("xenium"), patches: patchesInput("xenium") };
  for (const [kind, input] of Object.entries(sets)) {
    const { folder: from } = await slide.open<{ readonly folder: string }>(input);
    await copyTree(localDisk, from, `${folder}/${name}/${kind}`);
  }
  const store = `${folder}/${name}/store.zarr`;
  await copyTree(localDisk, slide.resolve("shapes/he_patches"), `${store}/shapes/he_patches`);
  await writeStoreRoot(localDisk, store, {});
}
