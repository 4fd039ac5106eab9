/**
 * The published recipe on a table of a million cells (`clusterRows` of lib/stages with its default
 * parameters): seconds and peak memory of each step, in a process of its own, and how the clusters agree
 * with the planted types. The steps are called one by one, as `clusterRows` calls them; `clusterRows`
 * itself runs on a small table first, and must find the same.
 *
 * deno run -A tests/bench/million_cells.ts [CELLS=1000000] [GENES=377]
 */
import type { DenseArray } from "@/core/arrays.ts";
import { numbersOf, type ParamValues, parseParams } from "@/core/params.ts";
import { silentProgress } from "@/core/progress.ts";
import { Random } from "@/core/random.ts";
import { leiden, leidenGraph } from "@/numerics/leiden/mod.ts";
import { adjustedRandIndex } from "@/numerics/metrics/mod.ts";
import { fuzzyGraph, nearestNeighbours } from "@/numerics/neighbours/mod.ts";
import { log1p, normaliseTotal } from "@/numerics/normalise/mod.ts";
import { pca } from "@/numerics/pca/mod.ts";
import { rankGenes } from "@/numerics/rank_genes/mod.ts";
import { umap } from "@/numerics/umap/mod.ts";
import { clusteringParams } from "@/stages/clustering_params.ts";
import { clusterRows } from "@/stages/cluster_rows.ts";
import { measure, type Measurement, peakMb, resetPeak } from "./shared/measure.ts";
import {
  readCounts,
  type SyntheticCounts,
  syntheticCounts,
  writeCounts,
} from "./shared/synthetic_counts.ts";

const THREADS = 2;
const CHECKED_CELLS = 3000;
const SEED = "bench";

type Params = ParamValues<typeof clusteringParams>;

interface RecipeMeasurement extends Measurement {
  /** Values of the matrix that are not zero. */
  readonly stored: number;
  /** Largest resident memory during each step. */
  readonly stepPeaksMb: Readonly<Record<string, number>>;
  readonly clusterings: readonly {
    readonly resolution: number;
    readonly clusters: number;
    readonly ari: number;
  }[];
}

interface Found {
  readonly layout: DenseArray<Float32Array>;
  readonly clusterings: readonly { readonly resolution: number; readonly clusters: Int32Array }[];
}

/** Runs one step of the recipe. */
type Step = <T>(name: string, run: () => T | Promise<T>) => Promise<T>;

/** What `clusterRows` does, step by step. */
async function recipe(
  counts: SyntheticCounts["counts"],
  params: Params,
  step: Step,
): Promise<Found> {
  const random = new Random(SEED);
  const common = { threads: THREADS };
  const logNorm = await step("normalise", () => log1p(normaliseTotal(counts)));
  const analysed = await step(
    "PCA",
    () => pca(logNorm, { components: params.components, random: random.split("pca"), ...common }),
  );
  const nearest = await step("neighbours", () =>
    nearestNeighbours(analysed.scores, {
      neighbours: params.neighbours,
      components: params.principalComponents,
      random: random.split("neighbours"),
      ...common,
    }));
  const weights = await step("fuzzy graph", () => fuzzyGraph(nearest));
  const layout = await step("UMAP", () =>
    umap(weights.connectivities, {
      minDist: params.minDist,
      start: "spectral",
      random: random.split("umap"),
      ...common,
    }));
  const graph = await step("Leiden's graph", () => leidenGraph(weights.connectivities));
  const name = `pca_n${params.neighbours}_pcs${params.principalComponents}_leiden_res`;
  const clusterings = await step(
    "Leiden",
    () =>
      Promise.all(
        numbersOf(params.resolutions).map(async (resolution) => ({
          resolution,
          clusters: await leiden(graph, {
            resolution,
            random: random.split(`${name}${resolution}`),
          }),
        })),
      ),
  );
  await step("Wilcoxon", async () => {
    for (const { clusters } of clusterings) {
      const count = countOf(clusters);
      if (count > 1) await rankGenes(logNorm, clusters, count);
    }
  });
  return { layout, clusterings };
}

async function measured(folder: string, genes: number): Promise<RecipeMeasurement> {
  const { counts, labels } = await readCounts(folder, genes);
  const steps: Record<string, number> = {};
  const stepPeaksMb: Record<string, number> = {};
  const { clusterings } = await recipe(
    counts,
    parseParams("the bench", clusteringParams, {}),
    async (name, run) => {
      console.error(`  ${name} …`);
      await resetPeak();
      const start = performance.now();
      const value = await run();
      steps[name] = (performance.now() - start) / 1e3;
      stepPeaksMb[name] = await peakMb();
      return value;
    },
  );
  return {
    seconds: Object.values(steps).reduce((sum, seconds) => sum + seconds, 0),
    steps,
    peakMb: Math.max(...Object.values(stepPeaksMb)),
    stepPeaksMb,
    stored: counts.data.length,
    clusterings: clusterings.map(({ resolution, clusters }) => ({
      resolution,
      clusters: countOf(clusters),
      ari: adjustedRandIndex(clusters, labels),
    })),
  };
}

function countOf(clusters: Int32Array): number {
  return clusters.reduce((most, cluster) => Math.max(most, cluster + 1), 0);
}

/** Refuses to measure what is not the recipe. */
async function requireSameAsClusterRows(genes: number): Promise<void> {
  const { counts } = syntheticCounts({ cells: CHECKED_CELLS, genes });
  const params = parseParams("the bench", clusteringParams, {});
  const own = await recipe(counts, params, async (_, run) => await run());
  const whole = await clusterRows(counts, params, {
    random: new Random(SEED),
    limits: { threads: THREADS, memoryBytes: 4e9 },
    progress: silentProgress,
    signal: new AbortController().signal,
    warn: (message) => console.error(message),
  });
  const isSame = isEqual(own.layout.data, whole.layout.data) &&
    own.clusterings.every(({ clusters }, i) => isEqual(clusters, whole.clusterings[i].clusters));
  if (!isSame) throw new Error("the steps of this bench are not those of clusterRows");
}

function isEqual(a: Float32Array | Int32Array, b: Float32Array | Int32Array): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

function report({ seconds, peakMb, steps, stepPeaksMb, clusterings }: RecipeMeasurement): void {
  const row = (name: string, time: number, memory: number) =>
    console.log(
      `  ${name.padEnd(16)} ${time.toFixed(1).padStart(8)} s ${memory.toFixed(0).padStart(7)} MB`,
    );
  for (const [name, time] of Object.entries(steps)) row(name, time, stepPeaksMb[name]);
  row("in all", seconds, peakMb);
  for (const { resolution, clusters, ari } of clusterings) {
    console.log(
      `  at ${resolution}: ${clusters} clusters, ARI with the planted types ${ari.toFixed(3)}`,
    );
  }
}

async function bench(cells: number, genes: number): Promise<void> {
  await requireSameAsClusterRows(genes);
  const folder = await Deno.makeTempDir({ prefix: "million_cells_" });
  try {
    await writeCounts(folder, syntheticCounts({ cells, genes }));
    const script = new URL(import.meta.url).pathname;
    const args = ["run", "-A", "--quiet", script, "--ours", folder, String(genes)];
    const found = await measure(Deno.execPath(), args) as RecipeMeasurement;
    const stored = (found.stored / 1e6).toFixed(1);
    console.log(`${cells} cells x ${genes} genes, ${stored} million values, ${THREADS} threads`);
    report(found);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (Deno.args[0] === "--ours") {
  console.log(JSON.stringify(await measured(Deno.args[1], Number(Deno.args[2]))));
} else {
  const [cells = 1_000_000, genes = 377] = Deno.args.map(Number);
  await bench(cells, genes);
}
