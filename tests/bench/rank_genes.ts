/**
 * Wilcoxon's test of 12 groups at 26,000 x 377, 200,000 x 377 and 20,000 x 5,000 (cells, genes): ours
 * against scanpy 1.11.5 on the same log-normalised values, scanpy with two threads, each in a process
 * of its own; and 1,000,000 x 377 by itself.
 *
 * STHELAR_BENCH_PYTHON=/path/to/python deno run -A tests/bench/rank_genes.ts
 */
import { log1p, normaliseTotal } from "@/numerics/normalise/mod.ts";
import { rankGenes } from "@/numerics/rank_genes/mod.ts";
import {
  benchPython,
  cpuSeconds,
  measure,
  type Measurement,
  NO_PYTHON,
  peakMb,
} from "./shared/measure.ts";
import { readCounts, syntheticCounts, writeCounts } from "./shared/synthetic_counts.ts";

const THREADS = 2;
const GROUPS = 12;
const COMPARED: readonly Size[] = [
  { cells: 26_000, genes: 377 },
  { cells: 200_000, genes: 377 },
  { cells: 20_000, genes: 5000 },
];
const ALONE: Size = { cells: 1_000_000, genes: 377 };

interface Size {
  readonly cells: number;
  readonly genes: number;
}

async function ours(folder: string, genes: number): Promise<Measurement> {
  const { counts: values, labels } = await readCounts(folder, genes);
  const [start, cpu] = [performance.now(), cpuSeconds()];
  const { groups } = await rankGenes(values, labels, GROUPS);
  const seconds = (performance.now() - start) / 1e3;
  const steps = { cpu: cpuSeconds() - cpu };
  const write = async (name: string, columns: readonly ArrayLike<number>[]) => {
    const byGene = new Float64Array(GROUPS * genes);
    columns.forEach((column, i) => {
      for (let k = 0; k < genes; k++) byGene[i * genes + groups[i].genes[k]] = column[k];
    });
    await Deno.writeFile(`${folder}/${name}`, new Uint8Array(byGene.buffer));
  };
  const peak = await peakMb();
  await write("scores", groups.map(({ scores }) => scores));
  await write("pvals_adj", groups.map(({ adjustedPValues }) => adjustedPValues));
  await write("logfoldchanges", groups.map(({ log2FoldChanges }) => log2FoldChanges));
  return { seconds, steps, peakMb: peak };
}

/** Largest difference of any value of any gene and group. */
async function difference(folder: string, name: string): Promise<number> {
  const read = async (file: string) =>
    new Float64Array((await Deno.readFile(`${folder}/${file}`)).buffer);
  const [own, theirs] = [await read(name), await read(`${name}_scanpy`)];
  return own.reduce((worst, value, k) => Math.max(worst, Math.abs(value - theirs[k])), 0);
}

function describeRun(name: string, { seconds, steps, peakMb }: Measurement): string {
  return `  ${name.padEnd(7)} ${seconds.toFixed(2)} s (CPU ${steps.cpu.toFixed(2)} s), ` +
    `${peakMb.toFixed(0)} MB peak`;
}

async function bench({ cells, genes }: Size, against: string | undefined): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "rank_genes_" });
  try {
    const { counts, labels } = syntheticCounts({ cells, genes, clusters: GROUPS });
    await writeCounts(folder, { counts: log1p(normaliseTotal(counts)) as typeof counts, labels });
    const script = new URL(import.meta.url).pathname;
    const words = [folder, String(genes)];
    console.log(`${cells} cells x ${genes} genes, ${GROUPS} groups, ${counts.data.length} values`);
    const args = ["run", "-A", "--quiet", script, ...words];
    const own = await measure(Deno.execPath(), args);
    console.log(describeRun("ours", own));
    if (against === undefined) return;
    const twin = [script.replace(/\.ts$/, ".py"), ...words, String(THREADS)];
    const theirs = await measure(against, twin);
    console.log(describeRun("scanpy", theirs));
    const differences = await Promise.all(
      ["scores", "pvals_adj", "logfoldchanges"].map((name) => difference(folder, name)),
    );
    const ratio = (part: (run: Measurement) => number) => part(theirs) / part(own);
    const seconds = ratio((run) => run.seconds).toFixed(1);
    const cpu = ratio((run) => run.steps.cpu).toFixed(1);
    const memory = (1 / ratio((run) => run.peakMb)).toFixed(2);
    console.log(
      `  ${seconds} times as fast (CPU ${cpu}), ${memory} times the memory; scores, corrected ` +
        `p-values and fold changes differ by ` +
        `${differences.map((d) => d.toExponential(1)).join(", ")} at most`,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (Deno.args.length > 0) {
  const [folder, genes] = Deno.args;
  console.log(JSON.stringify(await ours(folder, Number(genes))));
} else {
  const python = benchPython();
  if (python === undefined) console.log(NO_PYTHON);
  for (const size of COMPARED) await bench(size, python);
  await bench(ALONE, undefined);
}
