/**
 * An epoch of scVI on 26,000 cells x 377 genes at batches of 128 and 1024: ours against scvi-tools
 * 1.2.0 on PyTorch, on the same counts, split, plan and threads, each in a process of its own. And what
 * both learn: losses of the validation rows and labels of nearest neighbours after equal epochs, from
 * three seeds.
 *
 * STHELAR_BENCH_PYTHON=/path/to/python deno run -A tests/bench/scvi_epoch.ts [speed|accuracy]
 */
import { Random } from "@/core/random.ts";
import { scviLatent, sparseCounts, trainScvi } from "@/numerics/scvi/mod.ts";
import { splitRows } from "@/numerics/scvi/split_rows.ts";
import { withTempDir } from "../e2e/run_cli.ts";
import {
  benchPython,
  bestOf,
  cpuSeconds,
  measure,
  type Measurement,
  NO_PYTHON,
  peakMb,
} from "./shared/measure.ts";
import { readCounts, syntheticCounts, writeCounts } from "./shared/synthetic_counts.ts";

const GENES = 377;
/** Neither side gains from a second one at these sizes. */
const THREADS = 1;
const REPEATS = 2;
const TRAIN_SHARE = 0.9;
const SPEED = { cells: 26_000, epochs: 4, batches: [128, 1024] };
const ACCURACY = { cells: 26_000, epochs: 20, batch: 128, seeds: ["a", "b", "c"] };

/** Seconds are those of an epoch. */
interface EpochMeasurement extends Measurement {
  /** Of the validation rows after the last epoch. */
  readonly reconstruction: number;
}

interface Task {
  readonly folder: string;
  readonly epochs: number;
  readonly batch: number;
  readonly seed: string;
}

/** Writes counts, and the split that both sides use. */
async function writeProblem(folder: string, cells: number, seed: string): Promise<void> {
  await writeCounts(folder, syntheticCounts({ cells, genes: GENES }));
  const split = splitRows(cells, TRAIN_SHARE, new Random(seed).split("split"));
  for (const [name, rows] of Object.entries(split)) {
    await Deno.writeFile(
      `${folder}/${name}`,
      new Uint8Array(Int32Array.from(rows as Int32Array).buffer),
    );
  }
}

async function ours({ folder, epochs, batch, seed }: Task): Promise<EpochMeasurement> {
  const counts = sparseCounts((await readCounts(folder, GENES)).counts);
  const genes = Array.from({ length: GENES }, (_, gene) => `gene ${gene}`);
  const marks = new Map<number, readonly [seconds: number, cpu: number]>();
  const { model, history } = await trainScvi(counts, genes, {
    ...{ epochs, batchSize: batch, trainShare: TRAIN_SHARE, threads: THREADS },
    stopPatience: epochs + 1,
    random: new Random(seed),
    progress: {
      update: (done, total) => {
        if (done % (total / epochs) > 0) return;
        marks.set(done, [performance.now() / 1e3, cpuSeconds()]);
      },
    },
  });
  const [first, ...rest] = [...marks.values()];
  const last = rest.at(-1) ?? first;
  const peak = await peakMb();
  const latent = await scviLatent(model, counts, genes, { threads: THREADS });
  await Deno.writeFile(`${folder}/latent`, new Uint8Array(latent.data.buffer as ArrayBuffer));
  return {
    seconds: (last[0] - first[0]) / rest.length,
    steps: { cpu: (last[1] - first[1]) / rest.length },
    peakMb: peak,
    reconstruction: history.validation.reconstruction.at(-1)!,
  };
}

function describeEpoch(name: string, { seconds, steps, peakMb }: Measurement): string {
  return `  ${name.padEnd(12)} ${seconds.toFixed(2)} s an epoch (CPU ${steps.cpu.toFixed(2)} s), ` +
    `${peakMb.toFixed(0)} MB peak`;
}

/** Both sides, ours first. */
async function bothSides(task: Task, repeats: number): Promise<EpochMeasurement[]> {
  const script = new URL(import.meta.url).pathname;
  const words = [task.folder, String(task.epochs), String(task.batch), task.seed];
  const python = benchPython();
  const twin = python === undefined
    ? []
    : [() =>
      measure(python, ["-W", "ignore", script.replace(/\.ts$/, ".py"), ...words, String(THREADS)])];
  const self = () => measure(Deno.execPath(), ["run", "-A", "--quiet", script, ...words]);
  return await bestOf(repeats, [self, ...twin]) as EpochMeasurement[];
}

async function compareSpeed(folder: string): Promise<void> {
  const { cells, epochs, batches } = SPEED;
  await writeProblem(folder, cells, "speed");
  for (const batch of batches) {
    const [own, theirs] = await bothSides({ folder, epochs, batch, seed: "speed" }, REPEATS);
    console.log(`${cells} cells x ${GENES} genes, batches of ${batch}, ${THREADS} thread`);
    console.log(describeEpoch("ours", own));
    if (theirs === undefined) return console.log(NO_PYTHON);
    console.log(describeEpoch("scvi-tools", theirs));
    const ratio = (theirs.seconds / own.seconds).toFixed(2);
    const cpuRatio = (theirs.steps.cpu / own.steps.cpu).toFixed(2);
    const memory = (own.peakMb / theirs.peakMb).toFixed(2);
    console.log(`  ${ratio} times as fast (CPU time ${cpuRatio}), ${memory} times the memory`);
  }
}

/** Share of cells whose 15 nearest neighbours mostly have their label, of both sides' components. */
async function neighbourLabels(folder: string): Promise<{ ours: number; theirs: number }> {
  const script = new URL(import.meta.url).pathname.replace(/\.ts$/, ".py");
  const measured: unknown = await measure(benchPython()!, ["-W", "ignore", script, folder]);
  return measured as { ours: number; theirs: number };
}

async function compareAccuracy(folder: string): Promise<void> {
  const { cells, epochs, batch, seeds } = ACCURACY;
  if (benchPython() === undefined) return console.log(NO_PYTHON);
  console.log(`${cells} cells x ${GENES} genes after ${epochs} epochs at ${batch}`);
  for (const seed of seeds) {
    await writeProblem(folder, cells, seed);
    const [own, theirs] = await bothSides({ folder, epochs, batch, seed }, 1);
    const accuracy = await neighbourLabels(folder);
    const share = 100 * (own.reconstruction / theirs.reconstruction - 1);
    console.log(
      `  seed ${seed}: reconstruction of validation rows ${
        own.reconstruction.toFixed(2)
      } against ` +
        `${theirs.reconstruction.toFixed(2)} (${share.toFixed(2)} %), neighbours' labels ` +
        `${accuracy.ours.toFixed(4)} against ${accuracy.theirs.toFixed(4)}`,
    );
  }
}

const [first, ...rest] = Deno.args;
if (first?.startsWith("/")) {
  const [epochs, batch, seed] = rest;
  const task = { folder: first, epochs: Number(epochs), batch: Number(batch), seed };
  console.log(JSON.stringify(await ours(task)));
} else {
  if (first !== "accuracy") await withTempDir(compareSpeed);
  if (first !== "speed") await withTempDir(compareAccuracy);
}
