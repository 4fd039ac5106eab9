// Run by decode_pool_test.ts: a pool whose first worker crashes on its first tile.
import { isSthelarError } from "@/core/errors.ts";
import { createDecodePool } from "@/formats/ome_tiff/mod.ts";
import { plainTile } from "./fixtures.ts";

const crashing = `data:application/javascript,${
  encodeURIComponent(`onmessage = () => { throw new Error("out of order"); };`)
}`;
const working = new URL("../../../lib/formats/ome_tiff/decode_worker.ts", import.meta.url).href;

let spawned = 0;
await using pool = createDecodePool({
  workers: 1,
  spawnWorker: () => new Worker(spawned++ === 0 ? crashing : working, { type: "module" }),
});
const load = () => Promise.resolve(plainTile(1));
const error = await pool.decode(load).catch((thrown: unknown) => thrown);
if (!isSthelarError(error)) throw error;
const next = [...await pool.decode(load)];
console.log(JSON.stringify({ tag: error.tag, found: error.found, next, spawned }));
