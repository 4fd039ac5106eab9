/**
 * Draws the masks of 7,168 patches from 26,366 synthetic nuclei and cells: ours against a loop of shapely
 * and scikit-image, on the same polygons in one run, each in a process of its own; with vertices anywhere
 * and on whole pixels, where edges of polygons, patches and pixels coincide. The masks must be equal.
 *
 * STHELAR_BENCH_PYTHON=/path/to/python deno run -A tests/bench/patch_masks.ts [COUNT]
 */
import {
  PARITY_MASKS,
  patchGrid,
  type PatchMask,
  patchMasks,
  type PatchMaskStreamOptions,
  prepareMaskShapes,
} from "@/geometry/mod.ts";
import { cpuUsage } from "node:process";
import { crc32 } from "node:zlib";
import {
  benchPython,
  describe,
  measure,
  type Measurement,
  NO_PYTHON,
  peakMb,
} from "./shared/measure.ts";
import { HEART_NUCLEI, syntheticNuclei } from "./shared/synthetic_nuclei.ts";

interface MaskMeasurement extends Measurement {
  /** Processor time of all threads, seconds. */
  readonly processor: number;
  /** Per kept patch: its number, and checksums of its three masks. */
  readonly patches: readonly (readonly number[])[];
}

async function writeShapes(folder: string, count: number, lattice: number): Promise<void> {
  const { nuclei, cells } = syntheticNuclei({ ...HEART_NUCLEI, count, lattice });
  for (const [name, { xy, ringStart }] of Object.entries({ nuclei, cells })) {
    await Deno.writeFile(`${folder}/${name}_xy`, new Uint8Array(xy.buffer as ArrayBuffer));
    const starts = new Uint8Array(ringStart.buffer as ArrayBuffer);
    await Deno.writeFile(`${folder}/${name}_starts`, starts);
  }
}

async function readShapes(folder: string) {
  const read = async (name: string) => {
    const ringStart = new Int32Array((await Deno.readFile(`${folder}/${name}_starts`)).buffer);
    const polygonStart = Int32Array.from(ringStart.keys());
    const xy = new Float64Array((await Deno.readFile(`${folder}/${name}_xy`)).buffer);
    return { xy, ringStart, polygonStart, geometryStart: polygonStart };
  };
  const nuclei = await read("nuclei");
  const ids = Int32Array.from({ length: nuclei.ringStart.length - 1 }, (_, i) => i + 1);
  return { nuclei, cells: await read("cells"), ids };
}

async function ours(folder: string, options: PatchMaskStreamOptions): Promise<MaskMeasurement> {
  const raw = await readShapes(folder);
  const grid = patchGrid(HEART_NUCLEI.width, HEART_NUCLEI.height);
  const used = cpuUsage();
  const start = performance.now();
  const { shapes } = await prepareMaskShapes(raw);
  const prepared = performance.now();
  let kept = 0;
  for await (const { verdict } of patchMasks(shapes, grid, options)) kept += +(verdict === "kept");
  const end = performance.now();
  const { user, system } = cpuUsage(used);
  const processor = (user + system) / 1e6;
  const peak = await peakMb();
  const patches: number[][] = [];
  for await (const mask of patchMasks(shapes, grid, options)) {
    if (mask.verdict === "kept") patches.push([mask.patch, ...checksums(mask)]);
  }
  const steps = { repair: (prepared - start) / 1e3, draw: (end - prepared) / 1e3 };
  return {
    seconds: (end - start) / 1e3,
    processor,
    steps,
    peakMb: peak,
    matches: kept,
    patches,
  };
}

function checksums({ instances, nucleusIds, cellIds }: PatchMask): number[] {
  return [instances, nucleusIds, cellIds].map((mask) =>
    crc32(new Uint8Array(mask.buffer as ArrayBuffer, mask.byteOffset, mask.byteLength))
  );
}

function line(name: string, measured: MaskMeasurement): string {
  const { processor } = measured;
  const text = describe(name, measured).replace("matches", "patches");
  return `  ${text}, ${processor.toFixed(2)} s of processor time`;
}

async function bench(count: number, lattice: number, python: string | undefined): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "patch_masks_" });
  try {
    await writeShapes(folder, count, lattice);
    console.log(`${count} nuclei and cells, vertices ${lattice > 0 ? "on pixels" : "anywhere"}`);
    const script = new URL(import.meta.url).pathname;
    const run = async (name: string, mode: string) => {
      const args = ["run", "-A", "--quiet", script, mode, folder];
      const measured = await measure(Deno.execPath(), args) as MaskMeasurement;
      console.log(line(name, measured));
      return measured;
    };
    const own = await run("parity", "--parity");
    await run("2 workers", "--workers");
    await run("centre", "--centre");
    if (python === undefined) return;
    const theirs = await measure(python, [
      script.replace(/\.ts$/, ".py"),
      folder,
    ]) as MaskMeasurement;
    console.log(line("loop", theirs));
    const texts = new Set(theirs.patches.map(String));
    const different = own.patches.filter((patch) => !texts.has(String(patch)));
    const numbers = different.slice(0, 5).map(([patch]) => patch).join(", ");
    const ratio = (theirs.seconds / own.seconds).toFixed(1);
    const byProcessor = (theirs.processor / own.processor).toFixed(1);
    console.log(
      `  ${ratio} times as fast (${byProcessor} by processor time), ${different.length} of ${theirs.patches.length} patches differ` +
        (different.length > 0 ? ` (${numbers} …)` : ""),
    );
    if (different.length > 0 || own.patches.length !== theirs.patches.length) Deno.exitCode = 1;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const [mode, folder] = Deno.args;
const MODES: Readonly<Record<string, PatchMaskStreamOptions>> = {
  "--parity": PARITY_MASKS,
  "--workers": { ...PARITY_MASKS, workers: 2 },
  "--centre": {},
};
if (mode in MODES) {
  console.log(JSON.stringify(await ours(folder, MODES[mode])));
} else {
  const python = benchPython();
  if (python === undefined) console.log(NO_PYTHON);
  for (const lattice of [0, 1]) {
    await bench(mode === undefined ? HEART_NUCLEI.count : Number(mode), lattice, python);
  }
}
