/** Writes predicted instance maps and metrics into `STHELAR_INTEROP_OUT`. */
import { inferenceResultsJson, writeInstanceMaps } from "@/formats/cellvit/mod.ts";
import { localDisk } from "@/formats/disk/mod.ts";

const out = Deno.env.get("STHELAR_INTEROP_OUT");
if (out === undefined) throw new Error("Cannot write: set STHELAR_INTEROP_OUT to a folder");
const folder = `${out}/cellvit`;
await localDisk.remove(folder);

function mapOf(patch: number) {
  const instances = Int32Array.from({ length: 65536 }, (_, k) => k % 3 === patch % 3 ? k : 0);
  return { instances, shape: [256, 256] as const };
}

const maps = [0, 7, 361].map((patch) => ({ name: `heart_s0_${patch}`, ...mapOf(patch) }));
const empty = { name: "heart_s0_8", instances: new Int32Array(65536), shape: [256, 256] as const };
await writeInstanceMaps(localDisk, `${folder}/maps.h5`, [...maps, empty]);
const results = inferenceResultsJson({
  dataset: { bPQ: 1e-5 },
  tissues: {},
  patches: new Map([["0.png", { dice: 1 / 3, jaccard: 1, bPQ: undefined }]]),
  pq: {},
  detection: {},
});
await localDisk.write(`${folder}/inference_results.json`, new TextEncoder().encode(results));
