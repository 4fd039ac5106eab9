/**
 * Leiden at three resolutions on scanpy's own graph of 26,000 and 200,000 cells: ours against igraph,
 * the building of the graph included, each in a process of its own; and how the clusters agree, with
 * igraph's agreement with itself from another seed beside it.
 *
 * STHELAR_BENCH_PYTHON=/path/to/python deno run -A tests/bench/leiden.ts [CELLS…]
 */
import { Random } from "@/core/random.ts";
import { leiden, leidenGraph } from "@/numerics/leiden/mod.ts";
import {
  benchPython,
  describe,
  measure,
  type Measurement,
  NO_PYTHON,
  peakMb,
} from "./shared/measure.ts";
import { readScanpyGraph, writeScanpyGraph } from "./shared/scanpy_graph.ts";

const GENES = 377;
const SIZES = [26_000, 200_000];
const RESOLUTIONS = [0.2, 0.4, 0.6];

interface Agreement {
  readonly resolution: number;
  /** Ours, igraph's, igraph's from another seed. */
  readonly modularity: readonly number[];
  readonly clusters: readonly number[];
  readonly truth: readonly number[];
  readonly ari: number;
  readonly seedToSeed: number;
}

async function ours(folder: string): Promise<Measurement> {
  const { connectivities } = await readScanpyGraph(folder);
  const start = performance.now();
  const graph = leidenGraph(connectivities);
  const marks = [performance.now()];
  const found: Int32Array[] = [];
  for (const resolution of RESOLUTIONS) {
    found.push(await leiden(graph, { resolution, random: new Random(0) }));
    marks.push(performance.now());
  }
  const steps: Record<string, number> = { build: (marks[0] - start) / 1e3 };
  RESOLUTIONS.forEach((resolution, i) => steps[resolution] = (marks[i + 1] - marks[i]) / 1e3);
  const peak = await peakMb();
  for (const [i, clusters] of found.entries()) {
    const bytes = new Uint8Array(clusters.buffer as ArrayBuffer);
    await Deno.writeFile(`${folder}/clusters_${RESOLUTIONS[i]}`, bytes);
  }
  return { seconds: (marks.at(-1)! - start) / 1e3, steps, peakMb: peak };
}

function describeAgreement(found: Agreement): string {
  const each = (values: readonly number[], digits: number) =>
    values.map((value) => value.toFixed(digits)).join(" / ");
  return `  at ${found.resolution} (ours / igraph / igraph, other seed): modularity ` +
    `${each(found.modularity, 4)}, clusters ${found.clusters.join(" / ")}, ARI with the truth ` +
    `${each(found.truth, 3)}; ARI of ours with igraph ${found.ari.toFixed(3)}, of igraph's seeds ` +
    found.seedToSeed.toFixed(3);
}

async function compareAt(python: string, cells: number): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "leiden_" });
  try {
    await writeScanpyGraph(python, folder, cells, GENES);
    const script = new URL(import.meta.url).pathname;
    const own = await measure(Deno.execPath(), ["run", "-A", "--quiet", script, "--ours", folder]);
    const words = [script.replace(/\.ts$/, ".py"), folder, ...RESOLUTIONS.map(String)];
    const theirs = await measure(python, words) as Measurement & { agreement: Agreement[] };
    console.log(`${cells} cells, resolutions ${RESOLUTIONS.join(", ")}`);
    console.log("  " + describe("ours", own));
    console.log("  " + describe("igraph", theirs));
    const ratio = (theirs.seconds / own.seconds).toFixed(2);
    console.log(
      `  ${ratio} times as fast, ${(own.peakMb / theirs.peakMb).toFixed(2)} times the memory`,
    );
    for (const found of theirs.agreement) console.log(describeAgreement(found));
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
