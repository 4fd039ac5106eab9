/** Writes the fixture table, read from h5ad, as zarr and as h5ad into `STHELAR_INTEROP_OUT`. */
import { readH5ad, type UnsValue, writeAnnDataZarr, writeH5ad } from "@/formats/anndata/mod.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { consolidateMetadata } from "@/formats/zarr/mod.ts";

const out = Deno.env.get("STHELAR_INTEROP_OUT");
if (out === undefined) throw new Error("Cannot write: set STHELAR_INTEROP_OUT to a folder");

const fixture = new URL("../fixtures/anndata/table.h5ad", import.meta.url).pathname;
const table = await readH5ad(fixture);
const uns = new Map<string, UnsValue>(table.uns);
uns.set("grid", { kind: "texts", values: ["a", "b", "c", "d", "e", "f"], shape: [3, 2] });

const large = {
  ...table,
  obs: { index: table.obs.index, columns: new Map() },
  X: { data: Float32Array.from({ length: 6 * 6000 }, (_, i) => i % 251), shape: [6, 6000] },
  var: {
    index: Array.from({ length: 6000 }, (_, i) => `gene_${i}`),
    columns: new Map([["keep", {
      kind: "boolean" as const,
      values: Uint8Array.from({ length: 6000 }, (_, i) => Number(i % 3 === 0)),
    }]]),
  },
  obsm: {},
  varm: {},
  obsp: {},
  varp: {},
  layers: {},
  uns: new Map(),
};

await localDisk.remove(`${out}/anndata`);
for (const [name, content] of [["table", { ...table, uns }], ["large", large]] as const) {
  await writeAnnDataZarr(localDisk, `${out}/anndata/${name}.zarr`, content);
  await writeH5ad(localDisk, `${out}/anndata/${name}.h5ad`, content);
}
await consolidateMetadata(localDisk, `${out}/anndata/table.zarr`);
