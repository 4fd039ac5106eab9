/** Writes patches of a synthetic slide, in parity and not, into `STHELAR_INTEROP_OUT/patches`. */
import { localDisk } from "@/formats/disk/mod.ts";
import { writeGeoParquet } from "@/formats/parquet/mod.ts";
import { hePatches, patchesInput } from "@/formats/patches/mod.ts";
import { shapesInput } from "@/formats/spatialdata/stage_elements.ts";
import { writeShapes, writeStoreRoot } from "@/formats/spatialdata/mod.ts";
import { openPlantedPatches, type PxRing } from "../stages/planted_patches.ts";
import { runAll } from "../stages/planted_slide.ts";
import { Random } from "@/core/random.ts";
import { encodeCellId } from "@/core/ids.ts";

const out = Deno.env.get("STHELAR_INTEROP_OUT");
if (out === undefined) throw new Error("Cannot write: set STHELAR_INTEROP_OUT to a folder");
const folder = `${out}/patches`;
await localDisk.remove(folder);
await localDisk.makeDirectory(folder);

const random = new Random("patches");
const nuclei = new Map<string, PxRing>(), cells = new Map<string, PxRing>();
for (let i = 0; i < 260; i++) {
  const [x, y] = [720 * random.uniform(), 560 * random.uniform()];
  const ring = (radius: number): PxRing => {
    const open = Array.from({ length: 12 }, (_, k) => {
      const r = radius * (0.7 + 0.6 * random.uniform());
      return [x + r * Math.cos(k * Math.PI / 6), y + r * Math.sin(k * Math.PI / 6)];
    }).flat();
    return [...open, open[0], open[1]];
  };
  nuclei.set(encodeCellId(i), ring(9));
  cells.set(encodeCellId(i), ring(20));
}
for (
  const [name, params] of [["centre", {}], ["parity", { parity: true, images: "npy" }]] as const
) {
  await localDisk.makeDirectory(`${folder}/${name}`);
  const planted = { width: 700, height: 540, nuclei, cells };
  const slide = await openPlantedPatches(`${folder}/${name}`, planted, { params });
  await runAll(slide);
  const set = await slide.open(patchesInput("xenium"));
  await localDisk.rename(set.folder, `${folder}/${name}/set`);
  for (const element of ["nucleus_boundaries", "cell_boundaries"]) {
    const { ids, geometries } = await slide.open(shapesInput(element));
    await writeGeoParquet(localDisk, `${folder}/${name}/${element}.parquet`, { ids, geometries });
  }
}
const count = 12;
const metric = {
  values: Float64Array.from({ length: count }, (_, i) => i / count),
  missing: Uint8Array.from({ length: count }, (_, i) => +(i === 3)),
};
const grid = { patchWidth: 256, step: 192, columns: 4, count };
const spec = hePatches(grid, [2, 0, 100, 0, -2, 5000], {
  ...{ Dice: metric, Jaccard: metric, bPQ: metric },
});
await writeShapes(localDisk, `${folder}/grid.zarr`, "he_patches", spec);
await writeStoreRoot(localDisk, `${folder}/grid.zarr`, {});
