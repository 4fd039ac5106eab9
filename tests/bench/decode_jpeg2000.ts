/**
 * Decodes a 16-bit JPEG 2000 image of 64 tiles of 1024 x 1024 with one and with two workers, in
 * turn in one process, and with imagecodecs and as many threads, on the same file.
 *
 * Other programs on the machine spoil the wall times, so CPU times are printed beside them: two
 * workers on two free cores gain the CPU time with one over half the CPU time with two.
 *
 * [STHELAR_BENCH_PYTHON=/path/to/python] deno run -A tests/bench/decode_jpeg2000.ts [rounds] [tiles]
 */
import { createDecodePool, mapTiles, openOmeTiff } from "@/formats/ome_tiff/mod.ts";
import { writePyramidTiff } from "@/formats/ome_tiff_writer/mod.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { benchPython, NO_PYTHON, peakMb } from "./shared/measure.ts";

const TILE = 1024;
const TILES_ACROSS = 8;
const DEFAULT_ROUNDS = 3;

/** One pass over the image. */
interface Pass {
  readonly workers: number;
  /** Wall time, start of the workers included. */
  readonly seconds: number;
  /** Processor time of all threads. */
  readonly cpuSeconds: number;
  /** Of all values, to see that both sides read the same. */
  readonly sum: number;
}

interface Measurement {
  readonly passes: readonly Pass[];
  readonly peakMb: number;
}

/** Nuclei on tissue, with the noise of a camera: about 10 bits a value that do not compress. */
function renderTile(x0: number, y0: number, width: number, height: number) {
  const pixels = new Uint16Array(width * height);
  let state = (x0 * 73856093 ^ y0 * 19349663) >>> 0 || 1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      const noise = (state >>> 24) + ((state >>> 16) & 255) - 255;
      const [u, v] = [x0 + x, y0 + y];
      const tissue = 260 + 140 * Math.sin(u / 700) * Math.cos(v / 900);
      const nucleus = Math.max(0, Math.sin(u / 13) * Math.sin(v / 11 + u / 97) - 0.35);
      const light = tissue + 2600 * nucleus;
      pixels[y * width + x] = light + noise * 0.011 * Math.sqrt(light + 40);
    }
  }
  return pixels;
}

async function writeImage(path: string, rows: number): Promise<void> {
  const size = { width: TILES_ACROSS * TILE, height: rows * TILE };
  await writePyramidTiff(
    localDisk,
    path,
    {
      ...size,
      samples: 1,
      dtype: "uint16",
      compression: "jpeg2000",
      description: "bench",
      levels: 1,
    },
    renderTile,
  );
}

/** User and system time of this process, all threads, in seconds. */
async function cpuSeconds(): Promise<number> {
  const stat = await Deno.readTextFile("/proc/self/stat");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function decode(path: string, workers: number): Promise<Pass> {
  const [start, cpuBefore] = [performance.now(), await cpuSeconds()];
  let sum = 0;
  {
    await using pool = createDecodePool({ workers });
    await using image = await openOmeTiff(path, { pool });
    await mapTiles(image.levels[0], { inFlight: pool.capacity, channel: 0 }, ({ data }) => {
      // A few values of each tile: the consumer is not what is measured.
      for (let i = 0; i < data.length; i += 997) sum += data[i];
    });
  }
  const seconds = (performance.now() - start) / 1000;
  return { workers, seconds, cpuSeconds: await cpuSeconds() - cpuBefore, sum };
}

async function ours(path: string, rounds: number): Promise<Measurement> {
  const passes: Pass[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const workers of [1, 2]) passes.push(await decode(path, workers));
  }
  return { passes, peakMb: await peakMb() };
}

/** Starts a side in a process of its own and reads what it prints last. */
async function run(command: string, args: readonly string[]): Promise<Measurement> {
  const { success, stdout } = await new Deno.Command(command, {
    args: [...args],
    stderr: "inherit",
  })
    .output();
  if (!success) throw new Error(`${command} ${args.join(" ")} failed`);
  return JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1)!);
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

function report(name: string, { passes, peakMb }: Measurement, tiles: number): number {
  const medianOf = (workers: number, key: "seconds" | "cpuSeconds") =>
    median(passes.filter((pass) => pass.workers === workers).map((pass) => pass[key]));
  const [one, two] = [medianOf(1, "seconds"), medianOf(2, "seconds")];
  const [cpuOne, cpuTwo] = [medianOf(1, "cpuSeconds"), medianOf(2, "cpuSeconds")];
  const per = (seconds: number) => `${(1000 * seconds / tiles).toFixed(0)} ms a tile`;
  console.log(
    `${name.padEnd(12)} 1: ${one.toFixed(2)} s (${per(one)}, CPU ${cpuOne.toFixed(2)} s), ` +
      `2: ${two.toFixed(2)} s (${per(two)}, CPU ${cpuTwo.toFixed(2)} s), ` +
      `${(one / two).toFixed(2)} times as fast, by CPU time ${(2 * cpuOne / cpuTwo).toFixed(2)}, ` +
      `${peakMb.toFixed(0)} MB peak`,
  );
  return two;
}

async function main(rounds: string, tiles: string): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "decode_jpeg2000_" });
  try {
    const path = `${folder}/image.ome.tif`;
    await writeImage(path, Math.ceil(Number(tiles) / TILES_ACROSS));
    const count = Math.ceil(Number(tiles) / TILES_ACROSS) * TILES_ACROSS;
    const { size } = await Deno.stat(path);
    const bits = 8 * size / (count * TILE * TILE);
    const load = Deno.loadavg().map((value) => value.toFixed(1)).join(" ");
    console.log(`${count} tiles, ${bits.toFixed(1)} bits a value; load average ${load}`);
    const script = new URL(import.meta.url).pathname;
    const our = await run(Deno.execPath(), ["run", "-A", "--quiet", script, "ours", path, rounds]);
    const twoWorkers = report("ours", our, count);
    const python = benchPython();
    if (python === undefined) return console.log(NO_PYTHON);
    const theirs = await run(python, [script.replace(/\.ts$/, ".py"), path, rounds]);
    const twoThreads = report("imagecodecs", theirs, count);
    const same = our.passes.concat(theirs.passes).every(({ sum }) => sum === our.passes[0].sum);
    console.log(
      `decode_jpeg2000: with 2 workers ${(twoThreads / twoWorkers).toFixed(2)} times as fast as ` +
        `imagecodecs with 2 threads, values ${same ? "equal" : "DIFFERENT"}`,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const [mode = String(DEFAULT_ROUNDS), second = String(TILES_ACROSS ** 2), rounds] = Deno.args;
if (mode === "ours") console.log(JSON.stringify(await ours(second, Number(rounds))));
else await main(mode, second);
