/**
 * A step of Tangram at 5,000 x 5,000 x 300 and 10,000 x 10,000 x 377 (cells, nuclei, genes): ours
 * against tangram-sc 1.0.4 on PyTorch, on the same files and threads, each in a process of its own;
 * and the loss of 100 steps from the same start at 1,000 x 1,000 x 300.
 *
 * STHELAR_BENCH_PYTHON=/path/to/python deno run -A tests/bench/tangram_step.ts [SIZE] [REPEATS]
 *
 * SIZE is one size, `5000x5000x300x8` (cells, nuclei, genes, epochs), in place of all.
 */
import { Random } from "@/core/random.ts";
import { mapCells } from "@/numerics/tangram/mod.ts";
import {
  benchPython,
  bestOf,
  cpuSeconds,
  measure,
  type Measurement,
  NO_PYTHON,
  peakMb,
} from "./shared/measure.ts";

const THREADS = 2;
const REPEATS = 2;
const TIMED: readonly Size[] = [
  { cells: 5000, nuclei: 5000, genes: 300, epochs: 8 },
  { cells: 10_000, nuclei: 10_000, genes: 377, epochs: 6 },
];
const COMPARED: Size = { cells: 1000, nuclei: 1000, genes: 300, epochs: 100 };

interface Size {
  readonly cells: number;
  readonly nuclei: number;
  readonly genes: number;
  readonly epochs: number;
}

/** Seconds are those of a step. */
interface StepMeasurement extends Measurement {
  readonly geneScore: readonly number[];
  readonly kl: readonly number[];
}

/** Counts and a start, as float32 without a header. */
async function writeProblem(folder: string, { cells, nuclei, genes }: Size): Promise<void> {
  const random = new Random("tangram_step");
  for (const [name, rows] of [["cells", cells], ["nuclei", nuclei]] as const) {
    const counts = new Float32Array(rows * genes);
    for (let k = 0; k < counts.length; k++) counts[k] = Math.max(0, random.integer(8) - 4);
    await Deno.writeFile(`${folder}/${name}`, new Uint8Array(counts.buffer));
  }
  const start = new Float32Array(cells * nuclei);
  random.fillNormal(start);
  await Deno.writeFile(`${folder}/start`, new Uint8Array(start.buffer));
}

/** A start that is read as it is asked for, and not held beside the map. */
class StoredStart extends Random {
  readonly #file: Deno.FsFile;

  constructor(path: string) {
    super(0);
    this.#file = Deno.openSync(path);
  }

  override fillNormal(values: Float32Array): void {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    for (let read = 0; read < bytes.length;) read += this.#file.readSync(bytes.subarray(read)) ?? 0;
  }
}

async function ours(folder: string, { cells, nuclei, genes, epochs }: Size) {
  const read = async (name: string) =>
    new Float32Array((await Deno.readFile(`${folder}/${name}`)).buffer);
  const measured = await read("nuclei");
  const totals = Float64Array.from(
    { length: nuclei },
    (_, nucleus) =>
      measured.subarray(nucleus * genes, (nucleus + 1) * genes).reduce(
        (sum, count) => sum + count,
        0,
      ),
  );
  const total = totals.reduce((sum, count) => sum + count, 0);
  const marks: (readonly [epoch: number, seconds: number, cpu: number])[] = [];
  const { geneScore, kl } = await mapCells({
    cells: { data: await read("cells"), shape: [cells, genes] },
    nuclei: { data: measured, shape: [nuclei, genes] },
    types: new Int32Array(cells),
    typeCount: 1,
    density: totals.map((count) => count / total),
    start: new StoredStart(`${folder}/start`),
  }, {
    epochs,
    threads: THREADS,
    onEpoch: (done) => marks.push([done, performance.now() / 1e3, cpuSeconds()]),
  });
  const [first, last] = [marks[0], marks.at(-1)!];
  const steps = last[0] - first[0];
  return {
    seconds: (last[1] - first[1]) / steps,
    steps: { cpu: (last[2] - first[2]) / steps },
    peakMb: await peakMb(),
    geneScore: [...geneScore],
    kl: [...kl!],
  };
}

/** Largest difference of the losses of any epoch, as a share of the loss. */
function furthest(a: StepMeasurement, b: StepMeasurement): number {
  const loss = ({ geneScore, kl }: StepMeasurement, epoch: number) => kl[epoch] - geneScore[epoch];
  const shares = a.kl.map((_, epoch) =>
    Math.abs(loss(a, epoch) - loss(b, epoch)) / Math.abs(loss(b, epoch))
  );
  return Math.max(...shares);
}

function describeStep(name: string, { seconds, steps, peakMb }: Measurement): string {
  return `  ${name.padEnd(12)} ${seconds.toFixed(3)} s a step (CPU ${steps.cpu.toFixed(3)} s), ` +
    `${peakMb.toFixed(0)} MB peak`;
}

async function compareAt(size: Size, repeats: number): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "tangram_step_" });
  try {
    await writeProblem(folder, size);
    const script = new URL(import.meta.url).pathname;
    const { cells, nuclei, genes, epochs } = size;
    const words = [folder, ...[cells, nuclei, genes, epochs].map(String)];
    const python = benchPython();
    const twin = python === undefined
      ? []
      : [() => measure(python, [script.replace(/\.ts$/, ".py"), ...words, String(THREADS)])];
    const self = () => measure(Deno.execPath(), ["run", "-A", "--quiet", script, ...words]);
    const [own, theirs] = await bestOf(repeats, [self, ...twin]) as StepMeasurement[];
    console.log(`${cells} cells x ${nuclei} nuclei x ${genes} genes, ${THREADS} threads`);
    console.log(describeStep("ours", own));
    if (theirs === undefined) return console.log(NO_PYTHON);
    console.log(describeStep("tangram-sc", theirs));
    const ratio = (theirs.seconds / own.seconds).toFixed(2);
    const cpuRatio = (theirs.steps.cpu / own.steps.cpu).toFixed(2);
    const memory = (own.peakMb / theirs.peakMb).toFixed(2);
    const loss = furthest(own, theirs).toExponential(1);
    console.log(
      `  ${ratio} times as fast (CPU time ${cpuRatio}), ${memory} times the memory; the loss of ` +
        `${epochs} steps from the same start differs by ${loss} of itself at most`,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function sizeOf(text: string): Size {
  const [cells, nuclei, genes, epochs] = text.split("x").map(Number);
  return { cells, nuclei, genes, epochs };
}

const [first, ...rest] = Deno.args;
if (first === undefined) {
  await compareAt(COMPARED, 1);
  for (const size of TIMED) await compareAt(size, REPEATS);
} else if (first.startsWith("/")) {
  console.log(JSON.stringify(await ours(first, sizeOf(rest.join("x")))));
} else await compareAt(sizeOf(first), Number(rest[0] ?? REPEATS));
