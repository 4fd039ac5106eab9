/**
 * Writes stores in both layouts for `test_zarr_v2.py`: `zarr_v2/<name>.v3.zarr` and `.v2.zarr`.
 *
 * | name      | what                                                                        |
 * |-----------|-----------------------------------------------------------------------------|
 * | simulated | the slide that `write_slides.ts` built                                      |
 * | elements  | the store of `write_spatialdata.ts`: pyramids, labels, affines, categories   |
 * | table     | a table with each encoding that older releases of anndata know              |
 */
import { constantCategorical } from "@/core/categorical.ts";
import { packPolygons } from "@/core/polygons.ts";
import { type AnnData, type Column, readH5ad, type UnsValue } from "@/formats/anndata/mod.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import {
  createLabelsWriter,
  identity,
  writeShapes,
  writeStoreRoot,
  writeTable,
} from "@/formats/spatialdata/mod.ts";
import { convertToZarrV2 } from "@/formats/spatialdata/zarr_v2/mod.ts";
import { zipFolder } from "@/formats/zip/mod.ts";

const out = Deno.env.get("STHELAR_INTEROP_OUT");
if (out === undefined) throw new Error("set STHELAR_INTEROP_OUT to the folder to write to");
const folder = `${out}/zarr_v2`;
await localDisk.remove(folder);

const inGlobal = new Map([["global", identity]]);

/** A store around the fixture table of anndata, with every encoding in uns as well. */
async function writeTableStore(root: string): Promise<void> {
  const fixture = new URL("../fixtures/anndata/table.h5ad", import.meta.url).pathname;
  const table = await readH5ad(fixture);
  const rows = table.obs.index.length;
  const ids = Int32Array.from({ length: rows }, (_, i) => i + 1);
  const columns = new Map<string, Column>(table.obs.columns);
  columns.set("cell_id", ids);
  columns.set("region", constantCategorical("cells", rows));
  const uns = new Map<string, UnsValue>(table.uns);
  uns.set("grid", { kind: "texts", values: ["a", "b", "c", "", "µ", "f"], shape: [3, 2] });
  uns.set("infinite", Float32Array.of(NaN, Infinity, -Infinity, -0));
  uns.set("no", false);
  uns.set("nothing", null);
  const linked: AnnData = { ...table, obs: { ...table.obs, columns }, uns };
  await writeTable(localDisk, root, "table", linked, {
    region: "cells",
    regionKey: "region",
    instanceKey: "cell_id",
  });
  const ring = (x: number) => [x, 0, x + 1, 0, x + 1, 1, x, 0];
  await writeShapes(localDisk, root, "cells", {
    ids: BigInt64Array.from(ids, BigInt),
    geometries: packPolygons(Array.from(ids, (id) => [[ring(id)]])),
    transformations: inGlobal,
  });
  const labels = await createLabelsWriter(localDisk, root, {
    name: "one_level",
    shape: [40, 50],
    dtype: "uint16",
    tile: [16, 16],
    pyramid: { kind: "halved", levels: 1 },
    transformations: inGlobal,
  });
  const tile = Uint16Array.from({ length: 256 }, (_, i) => i);
  await labels.writeTile({ channel: 0, row: 1, column: 1 }, tile);
  await labels.finish();
  await writeStoreRoot(localDisk, root, { simulated: true });
}

await writeTableStore(`${folder}/table.v3.zarr`);
const sources = {
  simulated: `${out}/simulated_v3_0/sdata_simulated_v3_0.zarr`,
  elements: `${out}/sdata_interop.zarr`,
  table: `${folder}/table.v3.zarr`,
};
for (const [name, source] of Object.entries(sources)) {
  const v3 = `${folder}/${name}.v3.zarr`;
  if (source !== v3) await Deno.symlink(source, v3);
  await convertToZarrV2(localDisk, source, `${folder}/${name}.v2.zarr`);
}
await zipFolder(localDisk, `${folder}/elements.v2.zarr`, `${folder}/elements.v2.zarr.zip`);
