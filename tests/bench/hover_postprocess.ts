/**
 * Post-processes HoVer maps of synthetic touching nuclei, and lists the nuclei: ours against OpenCV, SciPy
 * and scikit-image on the same maps in one run, each in a process of its own, one thread each. Both sides
 * go through all maps three times, of which the last is timed. The instance maps must be equal.
 *
 * STHELAR_BENCH_PYTHON=/path/to/python deno run -A tests/bench/hover_postprocess.ts [PATCHES]
 */
import { Random } from "@/core/random.ts";
import {
  HOVER_CONSTANTS,
  type HoverMaps,
  HoverPostProcessor,
  nucleusRecords,
} from "@/vision/hover/mod.ts";
import { gaussianKernel, SeparableFilter } from "@/vision/raster/mod.ts";
import { cpuUsage } from "node:process";
import { crc32 } from "node:zlib";
import {
  benchPython,
  bestOf,
  describe,
  measure,
  type Measurement,
  NO_PYTHON,
  peakMb,
} from "./shared/measure.ts";

const SIZE = 256;
const PIXELS = SIZE * SIZE;
const NUCLEI = 45;
const RADIUS = 12;

interface HoverMeasurement extends Measurement {
  /** Processor time, the sum of the steps. */
  readonly processor: number;
  /** Checksums of the instance maps. */
  readonly patches: readonly number[];
}

/** Ellipses in clusters, each with distances from -1 to 1, blurred and with noise as a network's. */
function syntheticMaps(random: Random): HoverMaps {
  const binary = new Uint8Array(PIXELS);
  const horizontal = new Float32Array(PIXELS), vertical = new Float32Array(PIXELS);
  let x = 0, y = 0;
  for (let i = 0; i < NUCLEI; i++) {
    const angle = 2 * Math.PI * random.uniform();
    if (random.uniform() < 0.4) [x, y] = [SIZE * random.uniform(), SIZE * random.uniform()];
    else [x, y] = [x + 1.7 * RADIUS * Math.cos(angle), y + 1.7 * RADIUS * Math.sin(angle)];
    const a = RADIUS * (0.6 + 0.6 * random.uniform()), b = RADIUS * (0.6 + 0.6 * random.uniform());
    for (let p = 0; p < PIXELS; p++) {
      const u = (p % SIZE - x) / a, v = ((p / SIZE | 0) - y) / b;
      if (u * u + v * v >= 1) continue;
      [binary[p], horizontal[p], vertical[p]] = [1, u, v];
    }
  }
  const size = { width: SIZE, height: SIZE };
  const filter = new SeparableFilter(size);
  for (const map of [horizontal, vertical]) {
    filter.filter(map, gaussianKernel(0.8), map);
    for (let p = 0; p < PIXELS; p++) map[p] += 0.03 * random.normal();
  }
  return { ...size, binary, horizontal, vertical };
}

async function writeMaps(folder: string, count: number): Promise<void> {
  const random = new Random("hover");
  for (let i = 0; i < count; i++) {
    const { binary, horizontal, vertical } = syntheticMaps(random);
    for (const [name, map] of Object.entries({ binary, horizontal, vertical })) {
      await Deno.writeFile(`${folder}/${name}_${i}`, new Uint8Array(map.buffer as ArrayBuffer));
    }
  }
}

async function readMaps(folder: string, count: number): Promise<HoverMaps[]> {
  const read = (name: string) => Deno.readFile(`${folder}/${name}`);
  return await Promise.all(Array.from({ length: count }, async (_, i) => ({
    width: SIZE,
    height: SIZE,
    binary: await read(`binary_${i}`),
    horizontal: new Float32Array((await read(`horizontal_${i}`)).buffer),
    vertical: new Float32Array((await read(`vertical_${i}`)).buffer),
  })));
}

async function ours(folder: string, count: number): Promise<HoverMeasurement> {
  const maps = await readMaps(folder, count);
  for (let pass = 0; pass < 2; pass++) measuredPass(maps);
  return { ...measuredPass(maps), peakMb: await peakMb() };
}

function measuredPass(maps: readonly HoverMaps[]): Omit<HoverMeasurement, "peakMb"> {
  const processor = new HoverPostProcessor(maps[0], HOVER_CONSTANTS[40]);
  const labels = new Int32Array(PIXELS);
  const patches: number[] = [];
  let nuclei = 0, seconds = 0, segment = 0, list = 0;
  for (const map of maps) {
    const start = performance.now(), used = processorSeconds();
    processor.segment(map, labels);
    const segmented = processorSeconds();
    nuclei += nucleusRecords(labels, map.binary, map).length;
    list += processorSeconds() - segmented;
    segment += segmented - used;
    seconds += (performance.now() - start) / 1e3;
    patches.push(crc32(new Uint8Array(labels.buffer)));
  }
  const steps = { segment, list };
  return { seconds, processor: segment + list, steps, matches: nuclei, patches };
}

function processorSeconds(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1e6;
}

async function bench(count: number): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "hover_" });
  try {
    await writeMaps(folder, count);
    const script = new URL(import.meta.url).pathname;
    const own = () =>
      measure(Deno.execPath(), ["run", "-A", "--quiet", script, "--ours", folder, `${count}`]);
    const python = benchPython();
    if (python === undefined) console.log(NO_PYTHON);
    const arguments_ = [script.replace(/\.ts$/, ".py"), folder, `${count}`];
    const theirs = python === undefined ? [] : [() => measure(python, arguments_)];
    const runs = await bestOf(3, [own, ...theirs]) as HoverMeasurement[];
    console.log(`${count} patches of ${SIZE} x ${SIZE} px`);
    for (const [i, run] of runs.entries()) {
      const line = describe(["ours", "python"][i], run).replace("matches", "nuclei");
      console.log(
        `  ${line}, ${(1e3 * run.processor / count).toFixed(2)} ms of processor time a patch`,
      );
    }
    if (runs.length === 1) return;
    const [a, b] = runs;
    const different = a.patches.filter((sum, i) => sum !== b.patches[i]).length;
    const ratio = (b.seconds / a.seconds).toFixed(1);
    const byProcessor = (b.processor / a.processor).toFixed(1);
    console.log(
      `  ${ratio} times as fast (${byProcessor} by processor time), ` +
        `${different} of ${count} instance maps differ`,
    );
    if (different > 0) Deno.exitCode = 1;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const [mode, folder, patches] = Deno.args;
if (mode === "--ours") console.log(JSON.stringify(await ours(folder, Number(patches))));
else await bench(mode === undefined ? 60 : Number(mode));
