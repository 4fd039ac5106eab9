/**
 * Neighbours and the fuzzy graph: ours against scanpy's `pp.neighbors` (its second call: the first
 * one compiles), on the same principal components and threads, each in a process of its own; and
 * how many of the exact neighbours of 2,000 points each finds.
 *
 * STHELAR_BENCH_PYTHON=/path/to/python deno run -A tests/bench/neighbours.ts [cells genes components]
 * [--ours]
 */
import type { DenseArray } from "@/core/arrays.ts";
import { Random } from "@/core/random.ts";
import { fuzzyGraph, nearestNeighbours } from "@/numerics/neighbours/mod.ts";
import { log1p, normaliseTotal } from "@/numerics/normalise/mod.ts";
import { pca } from "@/numerics/pca/mod.ts";
import {
  benchPython,
  cpuSeconds,
  measure,
  type Measurement,
  NO_PYTHON,
  peakMb,
} from "./shared/measure.ts";
import { syntheticCounts } from "./shared/synthetic_counts.ts";

const THREADS = 2;
const NEIGHBOURS = 15;
const SAMPLE = 2000;
const SIZES: readonly Size[] = [
  { cells: 26_000, genes: 377, components: 16 },
  { cells: 26_000, genes: 377, components: 30 },
  { cells: 20_000, genes: 5000, components: 30 },
  { cells: 200_000, genes: 377, components: 16 },
];

interface Size {
  readonly cells: number;
  readonly genes: number;
  readonly components: number;
}

/** Scores of cells of a synthetic panel, written as float32 without a header. */
async function writeScores(path: string, { cells, genes, components }: Size): Promise<void> {
  const { counts } = syntheticCounts({ cells, genes });
  const logNorm = log1p(normaliseTotal(counts));
  const { scores } = await pca(logNorm, {
    components,
    random: new Random("neighbours"),
    threads: THREADS,
  });
  await Deno.writeFile(path, new Uint8Array(scores.data.buffer as ArrayBuffer));
}

async function readScores(path: string, components: number): Promise<DenseArray<Float32Array>> {
  const data = new Float32Array((await Deno.readFile(path)).buffer);
  return { data, shape: [data.length / components, components] };
}

async function ours(folder: string, components: number): Promise<Measurement> {
  const points = await readScores(`${folder}/scores`, components);
  const [start, cpuStart] = [performance.now(), cpuSeconds()];
  const nearest = await nearestNeighbours(points, {
    ...{ neighbours: NEIGHBOURS, random: new Random("neighbours"), threads: THREADS },
  });
  const found = performance.now();
  const { connectivities } = fuzzyGraph(nearest);
  const end = performance.now();
  const cpu = cpuSeconds() - cpuStart;
  await Deno.writeFile(`${folder}/ours`, new Uint8Array(nearest.indices.buffer));
  return {
    seconds: (end - start) / 1e3,
    steps: { neighbours: (found - start) / 1e3, graph: (end - found) / 1e3, cpu },
    peakMb: await peakMb(),
    matches: connectivities.data.length,
  };
}

/** Share of the nearest neighbours of sampled points, themselves left out, that were found. */
async function recall(folder: string, name: string, { components }: Size): Promise<number> {
  const { data, shape: [cells] } = await readScores(`${folder}/scores`, components);
  const indices = new Int32Array((await Deno.readFile(`${folder}/${name}`)).buffer);
  const random = new Random("sample");
  const squares = new Float64Array(cells);
  let hits = 0;
  for (let i = 0; i < SAMPLE; i++) {
    const cell = random.integer(cells);
    for (let other = 0; other < cells; other++) {
      let square = 0;
      for (let k = 0; k < components; k++) {
        square += (data[cell * components + k] - data[other * components + k]) ** 2;
      }
      squares[other] = other === cell ? Infinity : square;
    }
    const own = indices.subarray(cell * NEIGHBOURS, (cell + 1) * NEIGHBOURS);
    const farthest = squares.filter((square) => square < Infinity).sort()[NEIGHBOURS - 2];
    for (const other of own) if (squares[other] <= farthest) hits++;
  }
  return hits / (SAMPLE * (NEIGHBOURS - 1));
}

function describeSide(name: string, { seconds, steps, peakMb }: Measurement, found: number) {
  const { cpu, ...parts } = steps;
  const text = Object.entries(parts).map(([step, s]) => `${step} ${s.toFixed(2)}`).join(", ");
  return `  ${name.padEnd(8)} ${seconds.toFixed(2)} s (${text && `${text}, `}CPU ${
    cpu.toFixed(2)
  }), ` +
    `${peakMb.toFixed(0)} MB peak, recall ${found.toFixed(4)}`;
}

async function compareAt(size: Size, alone: boolean): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "neighbours_" });
  try {
    await writeScores(`${folder}/scores`, size);
    const script = new URL(import.meta.url).pathname;
    const words = [folder, String(size.components)];
    console.log(`${size.cells} cells x ${size.genes} genes, ${size.components} components`);
    const own = await measure(Deno.execPath(), ["run", "-A", "--quiet", script, "side", ...words]);
    console.log(describeSide("ours", own, await recall(folder, "ours", size)));
    const python = benchPython();
    if (alone || python === undefined) return console.log(alone ? "" : NO_PYTHON);
    const theirs = await measure(python, [
      ...[script.replace(/\.ts$/, ".py"), ...words, String(THREADS), String(NEIGHBOURS)],
    ]);
    console.log(describeSide("scanpy", theirs, await recall(folder, "scanpy", size)));
    console.log(
      `  ${(theirs.seconds / own.seconds).toFixed(2)} times as fast ` +
        `(CPU time ${(theirs.steps.cpu / own.steps.cpu).toFixed(2)}), ` +
        `${(own.peakMb / theirs.peakMb).toFixed(2)} times the memory`,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (Deno.args[0] === "side") {
  console.log(JSON.stringify(await ours(Deno.args[1], Number(Deno.args[2]))));
} else {
  const [cells, genes, components] = Deno.args.filter((word) => !word.startsWith("-")).map(Number);
  const sizes = cells === undefined ? SIZES : [{ cells, genes, components }];
  for (const size of sizes) await compareAt(size, Deno.args.includes("--ours"));
}
