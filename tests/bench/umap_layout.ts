/**
 * UMAP of scanpy's own graph of 26,000 and 200,000 cells, 200 epochs from a spectral start: ours against
 * umap-learn (compiled before), each in a process of its own; and the trustworthiness of both layouts.
 *
 * STHELAR_BENCH_PYTHON=/path/to/python deno run -A tests/bench/umap_layout.ts [CELLS…]
 */
import { Random } from "@/core/random.ts";
import { umap } from "@/numerics/umap/mod.ts";
import {
  benchPython,
  cpuSeconds,
  describe,
  measure,
  type Measurement,
  NO_PYTHON,
  peakMb,
} from "./shared/measure.ts";
import { readScanpyGraph, writeScanpyGraph } from "./shared/scanpy_graph.ts";

const GENES = 377;
const SIZES = [26_000, 200_000];

interface Quality {
  readonly trustworthiness: number;
  readonly silhouette: number;
}

async function ours(folder: string): Promise<Measurement> {
  const { connectivities } = await readScanpyGraph(folder);
  const [start, cpu] = [performance.now(), cpuSeconds()];
  const { data } = await umap(connectivities, { start: "spectral", random: new Random(0) });
  const seconds = (performance.now() - start) / 1e3;
  const steps = { cpu: cpuSeconds() - cpu };
  const peak = await peakMb();
  await Deno.writeFile(`${folder}/layout`, new Uint8Array(data.buffer as ArrayBuffer));
  return { seconds, steps, peakMb: peak };
}

async function compareAt(python: string, cells: number): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "umap_layout_" });
  try {
    await writeScanpyGraph(python, folder, cells, GENES);
    const script = new URL(import.meta.url).pathname;
    const own = await measure(Deno.execPath(), ["run", "-A", "--quiet", script, "--ours", folder]);
    const words = ["-W", "ignore", script.replace(/\.ts$/, ".py"), folder];
    const theirs = await measure(python, words) as
      & Measurement
      & Readonly<Record<"ours" | "theirs", Quality>>;
    console.log(`${cells} cells`);
    console.log("  " + describe("ours", own));
    console.log("  " + describe("umap-learn", theirs));
    const ratio = (theirs.seconds / own.seconds).toFixed(2);
    const cpuRatio = (theirs.steps.cpu / own.steps.cpu).toFixed(2);
    const memory = (own.peakMb / theirs.peakMb).toFixed(2);
    console.log(`  ${ratio} times as fast (CPU time ${cpuRatio}), ${memory} times the memory`);
    for (const key of ["trustworthiness", "silhouette"] as const) {
      const [a, b] = [theirs.ours[key], theirs.theirs[key]];
      console.log(`  ${key}: ours ${a.toFixed(4)}, umap-learn ${b.toFixed(4)}`);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (Deno.args[0] === "--ours") console.log(JSON.stringify(await ours(Deno.args[1])));
else {
  const python = benchPython();
  const sizes = Deno.args.length > 0 ? Deno.args.map(Number) : SIZES;
  if (python === undefined) console.log(NO_PYTHON);
  else for (const cells of sizes) await compareAt(python, cells);
}
