/**
 * Counts to log-normalised values to 50 principal components at 26,000 x 377, 200,000 x 377 and
 * 20,000 x 5,000 (cells, genes): ours against scanpy 1.11.5 (`scale`, `pca` with arpack), on the same
 * counts and threads, each in a process of its own; and 1,000,000 x 377 by itself.
 *
 * STHELAR_BENCH_PYTHON=/path/to/python deno run -A tests/bench/pca.ts [CELLS GENES]
 */
import { Random } from "@/core/random.ts";
import { log1p, normaliseTotal } from "@/numerics/normalise/mod.ts";
import { pca } from "@/numerics/pca/mod.ts";
import { benchPython, measure, type Measurement, NO_PYTHON, peakMb } from "./shared/measure.ts";
import { readCounts, syntheticCounts, writeCounts } from "./shared/synthetic_counts.ts";

const THREADS = 2;
const COMPONENTS = 50;
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

/** Seconds are those from log-normalised values on. */
interface PcaMeasurement extends Measurement {
  readonly variance: readonly number[];
}

async function ours(folder: string, genes: number) {
  const { counts } = await readCounts(folder, genes);
  const start = performance.now();
  const logNorm = log1p(normaliseTotal(counts));
  const normalised = performance.now();
  const { variance, loadings } = await pca(logNorm, {
    components: COMPONENTS,
    random: new Random("bench"),
    threads: THREADS,
  });
  const end = performance.now();
  await Deno.writeFile(`${folder}/loadings`, new Uint8Array(loadings.data.buffer));
  return {
    seconds: (end - normalised) / 1e3,
    steps: { normalise: (normalised - start) / 1e3 },
    peakMb: await peakMb(),
    variance: [...variance],
  };
}

/** Largest difference of a variance, as a share of it. */
function varianceDifference(own: PcaMeasurement, theirs: PcaMeasurement): number {
  return Math.max(
    ...own.variance.map((value, k) => Math.abs(value / theirs.variance[k] - 1)),
  );
}

/** Length of what of a loading of one side lies outside the space of the other's: the largest. */
async function outsideSpace(folder: string): Promise<number> {
  const own = new Float32Array((await Deno.readFile(`${folder}/loadings`)).buffer);
  const theirs = new Float64Array((await Deno.readFile(`${folder}/loadings_scanpy`)).buffer);
  let worst = 0;
  for (let j = 0; j < COMPONENTS; j++) {
    const rest = theirs.filter((_, k) => k % COMPONENTS === j);
    for (let i = 0; i < COMPONENTS; i++) {
      const axis = own.filter((_, k) => k % COMPONENTS === i);
      const along = rest.reduce((sum, value, gene) => sum + value * axis[gene], 0);
      rest.forEach((value, gene) => rest[gene] = value - along * axis[gene]);
    }
    worst = Math.max(worst, Math.hypot(...rest));
  }
  return worst;
}

function describePca(name: string, { seconds, steps, peakMb }: Measurement): string {
  return `  ${name.padEnd(7)} ${seconds.toFixed(2)} s (normalised before in ` +
    `${steps.normalise.toFixed(2)} s), ${peakMb.toFixed(0)} MB peak`;
}

async function bench({ cells, genes }: Size, against: string | undefined): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "pca_" });
  try {
    await writeCounts(folder, syntheticCounts({ cells, genes }));
    const script = new URL(import.meta.url).pathname;
    const words = [folder, String(genes)];
    console.log(`${cells} cells x ${genes} genes, ${THREADS} threads`);
    const args = ["run", "-A", "--quiet", script, "--ours", ...words];
    const own = await measure(Deno.execPath(), args) as PcaMeasurement;
    console.log(describePca("ours", own));
    if (against === undefined) return;
    const twin = [script.replace(/\.ts$/, ".py"), ...words, String(COMPONENTS), String(THREADS)];
    const theirs = await measure(against, twin) as PcaMeasurement;
    console.log(describePca("scanpy", theirs));
    const ratio = (theirs.seconds / own.seconds).toFixed(1);
    const normalising = (theirs.steps.normalise / own.steps.normalise).toFixed(2);
    console.log(
      `  ${ratio} times as fast (normalising ${normalising}), ` +
        `${(own.peakMb / theirs.peakMb).toFixed(2)} times the memory; variances differ by ` +
        `${varianceDifference(own, theirs).toExponential(1)} of themselves, spaces by ` +
        `${(await outsideSpace(folder)).toExponential(1)} at most`,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (Deno.args[0] === "--ours") {
  console.log(JSON.stringify(await ours(Deno.args[1], Number(Deno.args[2]))));
} else {
  const python = benchPython();
  if (python === undefined) console.log(NO_PYTHON);
  if (Deno.args.length > 0) {
    const [cells, genes = 377] = Deno.args.map(Number);
    await bench({ cells, genes }, python);
  } else {
    for (const size of COMPARED) await bench(size, python);
    await bench(ALONE, undefined);
  }
}
