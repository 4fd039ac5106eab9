/**
 * A slide of the largest size, 42 million transcripts and 500,000 nuclei, each measurement in a
 * process of its own: transcripts of one patch's size are looked up in the store, ours against
 * spatialdata's `bounding_box_query`, and all are counted in the nuclei.
 *
 * STHELAR_BENCH_PYTHON=/path/to/python deno run -A tests/bench/large_slide.ts
 */
import { Random } from "@/core/random.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { openDuckDb } from "@/formats/parquet/mod.ts";
import {
  createPointsWriter,
  identity,
  openPoints,
  selectPoints,
  writeStoreRoot,
} from "@/formats/spatialdata/mod.ts";
import { openTranscripts, openXeniumBundle, readBoundaries } from "@/formats/xenium/mod.ts";
import { countInPolygons } from "@/numerics/count_in_polygons.ts";
import { benchPython, measure, type Measurement, NO_PYTHON, peakMb } from "./shared/measure.ts";
import { FOV_UM, LARGE, writeInput } from "./shared/synthetic_transcripts.ts";

/** Side of a box: a patch of 256 pixels at 40x. */
const BOX_UM = 54.4;
const BOXES = 20;

/** The bundle's transcripts as `st`, written as stage 1-02 does. */
async function writePoints(folder: string): Promise<void> {
  using db = await openDuckDb({ memoryBytes: 1e9, threads: 2 });
  const transcripts = await openTranscripts(await openXeniumBundle(folder), db);
  const writer = createPointsWriter(localDisk, `${folder}/large.zarr`, "st", {
    axes: ["x", "y"],
    featureKey: "feature_name",
    transformations: new Map([["global", identity]]),
  });
  await writer.fromQuery(db, transcripts.selectSql());
  await writer.finish();
  await writeStoreRoot(localDisk, `${folder}/large.zarr`);
}

/** Left upper corners of the boxes, in µm: the same on both sides. */
function corners(): { x: number; y: number }[] {
  const random = new Random(5);
  return Array.from({ length: BOXES }, () => ({
    x: random.uniform() * (10 * FOV_UM.width - BOX_UM),
    y: random.uniform() * (LARGE.fovs / 10 * FOV_UM.height - BOX_UM),
  }));
}

/** Opening the points and the first query, then the median of the others. */
async function boxes(folder: string): Promise<Measurement> {
  const start = performance.now();
  using db = await openDuckDb({ memoryBytes: 128e6, threads: 2 });
  const points = await openPoints(localDisk, `${folder}/large.zarr/points/st`);
  const seconds: number[] = [];
  let matches = 0;
  for (const { x, y } of corners()) {
    const begin = seconds.length === 0 ? start : performance.now();
    const within = { minX: x, minY: y, maxX: x + BOX_UM, maxY: y + BOX_UM };
    const sql = selectPoints(points, ["x", "y", "feature_name"], within);
    const rows = await db.query(sql, { text: ["feature_name"] });
    matches += rows.rowCount;
    seconds.push((performance.now() - begin) / 1e3);
  }
  const [first, ...others] = seconds;
  const median = others.toSorted((a, b) => a - b)[others.length >> 1];
  const steps = { first, median, slowest: Math.max(...others) };
  return { seconds: first + median, steps, peakMb: await peakMb(), matches };
}

/** From files to the matrix of counts. */
async function count(folder: string): Promise<Measurement> {
  const start = performance.now();
  using db = await openDuckDb({ memoryBytes: 512e6, threads: 1 });
  const bundle = await openXeniumBundle(folder);
  const transcripts = await openTranscripts(bundle, db);
  const { polygons } = await readBoundaries(bundle, db, "nucleus");
  const batches = transcripts.stream({ columns: ["x", "y", "feature_code"] });
  const features = await transcripts.features();
  const ready = performance.now();
  const counts = await countInPolygons(batches, polygons, features.length, { rule: "first" });
  const end = performance.now();
  const steps = { polygons: (ready - start) / 1e3, counting: (end - ready) / 1e3 };
  return {
    seconds: (end - start) / 1e3,
    steps,
    peakMb: await peakMb(),
    matches: counts.counted,
  };
}

function report(name: string, { steps, peakMb, matches }: Measurement): void {
  const parts = Object.entries(steps).map(([step, s]) => `${step} ${s.toFixed(3)} s`).join(", ");
  console.log(`${name.padEnd(22)} ${parts}, ${peakMb.toFixed(0)} MB peak, ${matches} transcripts`);
}

async function main(): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "large_slide_" });
  const script = new URL(import.meta.url).pathname;
  const self = (mode: string) => measure(Deno.execPath(), ["run", "-A", script, mode, folder]);
  try {
    await writeInput(folder, LARGE);
    await writePoints(folder);
    report("box queries", await self("boxes"));
    const python = benchPython();
    if (python === undefined) console.log(NO_PYTHON);
    else {
      await Deno.writeTextFile(
        `${folder}/boxes.json`,
        JSON.stringify({ side: BOX_UM, corners: corners() }),
      );
      report("  spatialdata", await measure(python, [script.replace(/\.ts$/, ".py"), folder]));
    }
    report("counting in nuclei", await self("count"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const [mode, folder] = Deno.args;
if (mode === "boxes") console.log(JSON.stringify(await boxes(folder)));
else if (mode === "count") console.log(JSON.stringify(await count(folder)));
else await main();
