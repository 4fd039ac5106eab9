/**
 * Counts 5 million synthetic transcripts in 26,000 polygons of 25 vertices: ours against geopandas,
 * in one run on the same files, each in a process of its own. Both sides read transcripts and
 * polygons from parquet, project them to pixels, and count per nucleus and feature.
 *
 * STHELAR_BENCH_PYTHON=/path/to/python deno run -A tests/bench/count_transcripts.ts
 */
import { openDuckDb } from "@/formats/parquet/mod.ts";
import { openTranscripts, openXeniumBundle, readBoundaries } from "@/formats/xenium/mod.ts";
import {
  affine,
  applyAffineToColumns,
  PointCounter,
  type PointCounts,
  PolygonIndex,
  transformPolygons,
} from "@/geometry/mod.ts";
import {
  benchPython,
  bestOf,
  describe,
  measure,
  type Measurement,
  NO_PYTHON,
  peakMb,
} from "./shared/measure.ts";
import { HEART, writeInput } from "./shared/synthetic_transcripts.ts";

const REPEATS = 3;
/** Points that are counted at once when they lie in memory. */
const BATCH = 65_536;

/** Micron to pixel, with a slight rotation; the twin has the same numbers. */
const TO_PIXEL = affine("micron", "pixel", [4.7056, 0.0411, 103.25, -0.0411, 4.7056, 57.5]);

/** Everything, from the files to the counts. */
async function all(folder: string): Promise<Measurement> {
  await import("@duckdb/node-api");
  const start = performance.now();
  using db = await openDuckDb({ memoryBytes: 128e6, threads: 1 });
  const bundle = await openXeniumBundle(folder);
  const transcripts = await openTranscripts(bundle, db);
  const [{ polygons }, features] = await Promise.all([
    readBoundaries(bundle, db, "nucleus"),
    transcripts.features(),
  ]);
  const index = new PolygonIndex(transformPolygons(TO_PIXEL, polygons));
  const ready = performance.now();
  const counter = new PointCounter(index, features.length, "all");
  let pixels: [Float64Array, Float64Array] | undefined;
  for await (const { columns } of transcripts.stream({ columns: ["x", "y", "feature_code"] })) {
    pixels = applyAffineToColumns(TO_PIXEL, columns.x, columns.y, pixels);
    const [xs, ys] = pixels;
    counter.add(xs, ys, columns.feature_code);
  }
  const counts = counter.finish();
  const end = performance.now();
  for (const part of ["indptr", "indices", "data"] as const) {
    await Deno.writeFile(`${folder}/ours.${part}`, new Uint8Array(counts.matrix[part].buffer));
  }
  const steps = { polygons: (ready - start) / 1e3, transcripts: (end - ready) / 1e3 };
  return { seconds: (end - start) / 1e3, steps, peakMb: await peakMb(), matches: checked(counts) };
}

/** The index and the counts alone, of points and polygons that lie in memory. */
async function counting(folder: string): Promise<Measurement> {
  using db = await openDuckDb({ memoryBytes: 128e6, threads: 1 });
  const bundle = await openXeniumBundle(folder);
  const transcripts = await openTranscripts(bundle, db);
  const { polygons } = await readBoundaries(bundle, db, "nucleus");
  const projected = transformPolygons(TO_PIXEL, polygons);
  const xs = new Float64Array(HEART.transcripts), ys = new Float64Array(HEART.transcripts);
  const codes = new Int32Array(HEART.transcripts);
  let end = 0;
  for await (const { columns } of transcripts.stream({ columns: ["x", "y", "feature_code"] })) {
    const [x, y] = applyAffineToColumns(TO_PIXEL, columns.x, columns.y);
    xs.set(x, end);
    ys.set(y, end);
    codes.set(columns.feature_code, end);
    end += x.length;
  }
  const start = performance.now();
  const index = new PolygonIndex(projected);
  const ready = performance.now();
  const counter = new PointCounter(index, (await transcripts.features()).length, "all");
  for (let i = 0; i < end; i += BATCH) {
    const to = Math.min(end, i + BATCH);
    counter.add(xs.subarray(i, to), ys.subarray(i, to), codes.subarray(i, to));
  }
  const matches = checked(counter.finish());
  const stop = performance.now();
  const steps = { index: (ready - start) / 1e3, count: (stop - ready) / 1e3 };
  return { seconds: (stop - start) / 1e3, steps, peakMb: await peakMb(), matches };
}

function checked({ assigned, unassigned, counted }: PointCounts): number {
  if (assigned + unassigned !== HEART.transcripts) throw new Error("transcripts were lost");
  return counted;
}

async function sameCounts(folder: string): Promise<boolean> {
  for (const part of ["indptr", "indices", "data"]) {
    const [a, b] = await Promise.all([
      Deno.readFile(`${folder}/ours.${part}`),
      Deno.readFile(`${folder}/geopandas.${part}`),
    ]);
    if (a.length !== b.length || !a.every((byte, i) => byte === b[i])) return false;
  }
  return true;
}

async function main(): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "count_transcripts_" });
  try {
    await writeInput(folder, HEART);
    const script = new URL(import.meta.url).pathname;
    const self = (mode: string) => () =>
      measure(Deno.execPath(), ["run", "-A", script, mode, folder]);
    const python = benchPython();
    const twin = python === undefined
      ? []
      : [() => measure(python, [script.replace(/\.ts$/, ".py"), folder])];
    const [ours, count, theirs] = await bestOf(REPEATS, [self("all"), self("counting"), ...twin]);
    console.log(describe("ours", ours));
    console.log(describe("  counting", count));
    if (theirs === undefined) return console.log(NO_PYTHON);
    console.log(describe("geopandas", theirs));
    const joined = theirs.steps.join + theirs.steps.matrix;
    console.log(
      `count_transcripts: from file to counts ${
        (theirs.seconds / ours.seconds).toFixed(1)
      } times ` +
        `as fast as geopandas, counting alone ${(joined / count.seconds).toFixed(1)} times ` +
        `(${count.seconds.toFixed(2)} s against ${joined.toFixed(2)} s), ` +
        `${(theirs.peakMb / ours.peakMb).toFixed(1)} times less memory, ` +
        `counts ${await sameCounts(folder) ? "equal" : "DIFFERENT"}`,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const [mode, folder] = Deno.args;
if (mode === "all") console.log(JSON.stringify(await all(folder)));
else if (mode === "counting") console.log(JSON.stringify(await counting(folder)));
else await main();
