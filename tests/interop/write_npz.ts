/** Writes arrays, sparse masks and labels into `STHELAR_INTEROP_OUT`. */
import { localDisk } from "@/formats/disk/mod.ts";
import {
  labelNpzBytes,
  npyBytes,
  npzBytes,
  sparseNpzBytes,
  SparseNpzWriter,
  sparseOf,
} from "@/formats/npz/mod.ts";

const out = Deno.env.get("STHELAR_INTEROP_OUT");
if (out === undefined) throw new Error("Cannot write: set STHELAR_INTEROP_OUT to a folder");
const folder = `${out}/npz`;
await localDisk.remove(folder);
await localDisk.makeDirectory(folder);

const PATCHES = 3, PIXELS = 65536;
const id = (n: number, pixel: number) => pixel % 7 === n ? 812 * (n + 1) + pixel : 0;
const instances = (n: number) => Int32Array.from({ length: PIXELS }, (_, k) => +(id(n, k) > 0));
const ids = (n: number) => Int32Array.from({ length: PIXELS }, (_, k) => id(n, k));

using masks = new SparseNpzWriter(localDisk, `${folder}/masks.npz`, 6);
using cells = new SparseNpzWriter(localDisk, `${folder}/masks_cells.npz`, PIXELS);
for (let n = 0; n < PATCHES; n++) {
  masks.appendPixels([[0, instances(n)], [5, ids(n)]]);
  cells.appendRow(ids(n));
}
await masks.finish();
await cells.finish();
using none = new SparseNpzWriter(localDisk, `${folder}/none.npz`, 6);
await none.finish();

const types = { texts: ["Heart", "Skin"], shape: [2], encoding: "unicode" as const };
await localDisk.write(`${folder}/types.npy`, npyBytes(types));
await localDisk.write(`${folder}/cell_ids.npz`, await sparseNpzBytes(sparseOf(ids(0), [256, 256])));
const maps = { instances: instances(1), types: instances(1), shape: [256, 256] as const };
await localDisk.write(`${folder}/label.npz`, await labelNpzBytes(maps));
const patchIds = { data: BigInt64Array.of(3n, 361n), shape: [2] };
await localDisk.write(`${folder}/arrays.npz`, await npzBytes({ patch_ids: patchIds, types }, true));
