/**
 * Stage 2-10 on many cells: seconds and peak memory of each part, in a process of its own. Cells are
 * synthetic, of planted types; a transcript lies in the nucleus with a probability of 0.3 or 0.45 by its
 * gene, and nuclei have some more that their cells do not count. Tables are read from a store and the result
 * is written to it, as the stage does.
 *
 * deno run -A tests/bench/million_combined.ts [CELLS=700000] [GENES=377]
 */
import { type Categorical, categorical } from "@/core/categorical.ts";
import { parseParams } from "@/core/params.ts";
import { silentProgress } from "@/core/progress.ts";
import { Random } from "@/core/random.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import { type AnnData, openAnnDataZarr, writeAnnDataZarr } from "@/formats/anndata/mod.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { adjustedRandIndex } from "@/numerics/metrics/mod.ts";
import { chooseCombined } from "@/stages/combined_choice.ts";
import { combinedParams } from "@/stages/combined_params.ts";
import { combinedRows } from "@/stages/combined_rows.ts";
import { combinedSpace } from "@/stages/combined_space.ts";
import { combinedTable } from "@/stages/combined_table.ts";
import { measure, type Measurement, peakMb, resetPeak } from "./shared/measure.ts";
import { syntheticCounts } from "./shared/synthetic_counts.ts";

const THREADS = 2;
const CONTROLS = 164;
const CATEGORIES = ["B_Plasma", "Blood_vessel", "Epithelial", "Myeloid", "T_NK", "Unknown"];

interface CombinedMeasurement extends Measurement {
  readonly stepPeaksMb: Readonly<Record<string, number>>;
  readonly found: string;
}

/** A part of the counts, and some that are counted in nuclei only. */
function nucleiOf(cells: SparseMatrix, random: Random): SparseMatrix {
  const [rows, genes] = cells.shape;
  const shares = Array.from({ length: genes }, (_, gene) => gene % 2 === 0 ? 0.3 : 0.45);
  const data: number[] = [], indices: number[] = [];
  const indptr = new Int32Array(rows + 1);
  for (let row = 0; row < rows; row++) {
    for (let k = Number(cells.indptr[row]); k < Number(cells.indptr[row + 1]); k++) {
      const gene = Number(cells.indices[k]);
      let count = random.uniform() < 0.02 ? 1 : 0;
      for (let i = Number(cells.data[k]); i > 0; i--) if (random.uniform() < shares[gene]) count++;
      if (count > 0) {
        data.push(count);
        indices.push(gene);
      }
    }
    indptr[row + 1] = data.length;
  }
  const arrays = { data: Float32Array.from(data), indices: Int32Array.from(indices), indptr };
  return { format: "csr", shape: [rows, genes + CONTROLS], ...arrays };
}

function tableOf(X: SparseMatrix): AnnData {
  const [rows, columns] = X.shape;
  const index = Array.from({ length: rows }, (_, row) => `c${String(row).padStart(8, "0")}-1`);
  return {
    X,
    obs: { index, columns: new Map([["cell_id", index]]) },
    var: { index: Array.from({ length: columns }, (_, i) => `G${i}`), columns: new Map() },
    obsm: { spatial: { data: new Float64Array(2 * rows), shape: [rows, 2] } },
    ...{ varm: {}, obsp: {}, varp: {}, layers: {}, uns: new Map() },
  };
}

async function plant(folder: string, cells: number, genes: number): Promise<void> {
  const { counts, labels } = syntheticCounts({ cells, genes });
  await writeAnnDataZarr(localDisk, `${folder}/cells.zarr`, tableOf(counts));
  const nuclei = nucleiOf(counts, new Random("nuclei"));
  await writeAnnDataZarr(localDisk, `${folder}/nuclei.zarr`, tableOf(nuclei));
  await Deno.writeFile(`${folder}/labels`, new Uint8Array(labels.buffer));
}

async function measured(folder: string): Promise<CombinedMeasurement> {
  const planted = new Int32Array((await Deno.readFile(`${folder}/labels`)).buffer);
  const column = (shift: number): Categorical =>
    categorical(Array.from(planted, (type) => CATEGORIES[(type + shift) % CATEGORIES.length]));
  const cellLabels = column(0), nucleusLabels = column(0);
  const nuclei = await openAnnDataZarr(localDisk, `${folder}/nuclei.zarr`);
  const cells = await openAnnDataZarr(localDisk, `${folder}/cells.zarr`);
  const steps: Record<string, number> = {}, stepPeaksMb: Record<string, number> = {};
  const step = async <T>(name: string, run: () => T | Promise<T>): Promise<T> => {
    console.error(`  ${name} …`);
    await resetPeak();
    const start = performance.now();
    const value = await run();
    steps[name] = (performance.now() - start) / 1e3;
    stepPeaksMb[name] = await peakMb();
    return value;
  };
  const params = parseParams("the bench", combinedParams, {});
  const ctx = {
    random: new Random("bench"),
    limits: { threads: THREADS, memoryBytes: 12e9 },
    progress: silentProgress,
    signal: new AbortController().signal,
    warn: (message: string) => console.error(message),
  };
  const rows = await step("read, pair", () => combinedRows(nuclei, cells, params.minTranscripts));
  const space = await step("space", () => combinedSpace(rows.cells, rows.nuclei, params, ctx));
  const taken = (of: Categorical, at: Int32Array) => ({
    ...of,
    codes: at.map((row) => of.codes[row]),
  });
  const labels = {
    cells: taken(cellLabels, rows.cellRows),
    nuclei: taken(nucleusLabels, rows.nucleusRows),
    cellLabel1: taken(cellLabels, rows.cellRows),
    nucleusLabel1: taken(nucleusLabels, rows.nucleusRows),
  };
  const choice = await step("labels", () =>
    chooseCombined(
      {
        ids: rows.ids,
        clusterings: space.clusterings,
        labels,
        counts: rows.cells,
        genes: rows.genes,
      },
      { resolution: undefined, flagAbove: 0.4 },
      undefined,
      ctx,
    ));
  const table = await step("table", () =>
    combinedTable({
      ...{ slide: "bench", nuclei, rows, space, choice, minDist: params.minDist },
      finalLabels: { nuclei: nucleusLabels, cells: cellLabels },
      label1: { nuclei: nucleusLabels, cells: cellLabels },
      ...{ transcriptCat: undefined, tangramTypes: undefined, tangramScores: undefined },
    }));
  await step("write", () => writeAnnDataZarr(localDisk, `${folder}/combined.zarr`, table));
  const truth = Int32Array.from(rows.cellRows, (row) => planted[row]);
  return {
    seconds: Object.values(steps).reduce((sum, seconds) => sum + seconds, 0),
    ...{ steps, stepPeaksMb, peakMb: Math.max(...Object.values(stepPeaksMb)) },
    found: [
      ...space.blocks.map(({ name, components }) => `${name} ${components} components`),
      ...space.clusterings.map(({ resolution, clusters, count }) =>
        `at ${resolution}: ${count} clusters, ARI with the planted types ` +
        adjustedRandIndex(clusters, truth).toFixed(3)
      ),
    ].join("; "),
  };
}

async function bench(cells: number, genes: number): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "million_combined_" });
  try {
    const script = new URL(import.meta.url).pathname;
    const own = ["run", "-A", "--quiet", script];
    // Planting takes memory that is not the stage's: it has a process of its own.
    const planting = ["--plant", folder, String(cells), String(genes)];
    await measure(Deno.execPath(), [...own, ...planting]);
    const result = await measure(Deno.execPath(), [...own, "--ours", folder]);
    const { steps, stepPeaksMb, seconds, peakMb, found } = result as CombinedMeasurement;
    console.log(`${cells} cells x ${genes} genes, ${THREADS} threads`);
    const line = (name: string, time: number, memory: number) =>
      console.log(`  ${name.padEnd(12)} ${time.toFixed(1).padStart(8)} s ${memory.toFixed(0)} MB`);
    for (const [name, time] of Object.entries(steps)) line(name, time, stepPeaksMb[name]);
    line("in all", seconds, peakMb);
    console.log(`  ${found}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (Deno.args[0] === "--plant") {
  await plant(Deno.args[1], Number(Deno.args[2]), Number(Deno.args[3]));
  console.log("{}");
} else if (Deno.args[0] === "--ours") {
  console.log(JSON.stringify(await measured(Deno.args[1])));
} else {
  const [cells = 700_000, genes = 377] = Deno.args.map(Number);
  await bench(cells, genes);
}
