/**
 * Counts 5 million synthetic transcripts in 26,000 polygons of 25 vertices: ours against geopandas,
 * in one run on the same files, each in a process of its own.
 *
 * STHELAR_BENCH_PYTHON=/path/to/python deno run -A tests/bench/count_transcripts.ts
 */
import { openDuckDb } from "@/formats/parquet/mod.ts";
import { openTranscripts, openXeniumBundle, readBoundaries } from "@/formats/xenium/mod.ts";
import { PointCounter, PolygonIndex } from "@/geometry/mod.ts";

const TRANSCRIPTS = 5_000_000;
const NUCLEI = 26_000;
const FOVS = 50;
const GENES = 480;
const SEED = 17;
const REPEATS = 3;

/** What one side prints. */
interface Measurement {
  readonly seconds: number;
  readonly steps: Readonly<Record<string, number>>;
  readonly peakMb: number;
  readonly matches: number;
}

/** Nuclei lie by field of view, transcripts follow the fields as in real files; 40 % lie at nuclei. */
async function writeInput(folder: string): Promise<void> {
  using db = await openDuckDb({ memoryBytes: 2e9, threads: 2 });
  const u = (i: string, k: number) => `(hash(${i} * 16 + ${k}, ${SEED}) / 18446744073709551616.0)`;
  const perFov = NUCLEI / FOVS;
  const cx = (i: string) => `((${i} // ${perFov}) % 10 * 740 + 740 * ${u(i, 1)})`;
  const cy = (i: string) => `((${i} // ${perFov}) // 10 * 620 + 620 * ${u(i, 2)})`;
  const onLattice = (sql: string) => `(round((${sql}) / 0.2125) * 0.2125)::float`;
  const angle = "(pi() * (k % 24) / 12)";
  const radius = `(4 + 3 * ${u("cell", 3)}) * (1 + 0.2 * cos(2 * ${angle} + 6 * ${u("cell", 4)})
    + 0.05 * cos(3 * ${angle} + 6 * ${u("cell", 12)}))`;
  await db.copyToParquet(
    `select lpad(cell::varchar, 8, '0') || '-1' as cell_id,
       ${onLattice(`${cx("cell")} + ${radius} * cos${angle}`)} as vertex_x,
       ${onLattice(`${cy("cell")} + ${radius} * sin${angle}`)} as vertex_y,
       (cell + 1)::uinteger as label_id
     from range(${NUCLEI}) a(cell), range(25) b(k) order by cell, k`,
    `${folder}/nucleus_boundaries.parquet`,
  );
  const fov = `(t // ${TRANSCRIPTS / FOVS})`;
  const nucleus = `(${fov} * ${perFov} + floor(${perFov} * ${u("t", 5)})::bigint)`;
  const place = (centre: string, origin: string, extent: number, k: number) =>
    `(round(64 * if(${u("t", 6)} < 0.4, ${centre} + 14 * (${u("t", k)} - 0.5),
       ${origin} + ${extent} * ${u("t", k)})) / 64)::float`;
  await db.copyToParquet(
    `select t::ubigint as transcript_id, ${
      place(cx(nucleus), `${fov} % 10 * 740`, 740, 7)
    } as x_location,
       ${place(cy(nucleus), `${fov} // 10 * 620`, 620, 8)} as y_location,
       'Gene' || lpad(floor(${GENES} * ${u("t", 9)} * ${
      u("t", 10)
    })::varchar, 3, '0') as feature_name,
       (40 * ${u("t", 11)})::float as qv, 'UNASSIGNED' as cell_id
     from range(${TRANSCRIPTS}) rows(t)`,
    `${folder}/transcripts.parquet`,
  );
}

async function ours(folder: string): Promise<Measurement> {
  const start = performance.now();
  using db = await openDuckDb({ memoryBytes: 128e6, threads: 2 });
  const bundle = await openXeniumBundle(folder);
  const { polygons } = await readBoundaries(bundle, db, "nucleus");
  const index = new PolygonIndex(polygons);
  const ready = performance.now();
  const transcripts = await openTranscripts(bundle, db);
  const counter = new PointCounter(index, (await transcripts.features()).length, "all");
  for await (const { columns } of transcripts.stream({ columns: ["x", "y", "feature_code"] })) {
    counter.add(columns.x, columns.y, columns.feature_code);
  }
  const { matrix, assigned, unassigned, counted } = counter.finish();
  const end = performance.now();
  if (assigned + unassigned !== transcripts.rowCount) throw new Error("transcripts were lost");
  for (const part of ["indptr", "indices", "data"] as const) {
    await Deno.writeFile(`${folder}/ours.${part}`, new Uint8Array(matrix[part].buffer));
  }
  return {
    seconds: (end - start) / 1e3,
    steps: { polygons: (ready - start) / 1e3, transcripts: (end - ready) / 1e3 },
    peakMb: peakMb(await Deno.readTextFile("/proc/self/status")),
    matches: counted,
  };
}

function peakMb(status: string): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
}

async function measure(command: string, args: readonly string[]): Promise<Measurement> {
  const child = new Deno.Command(command, { args: [...args], stderr: "inherit" });
  const { success, stdout } = await child.output();
  if (!success) throw new Error(`${command} ${args.join(" ")} failed`);
  return JSON.parse(new TextDecoder().decode(stdout)) as Measurement;
}

async function best(run: () => Promise<Measurement>, repeats: number): Promise<Measurement> {
  const all: Measurement[] = [];
  for (let i = 0; i < repeats; i++) all.push(await run());
  return all.reduce((a, b) => a.seconds <= b.seconds ? a : b);
}

function describe(name: string, { seconds, steps, peakMb, matches }: Measurement): string {
  const parts = Object.entries(steps).map(([step, s]) => `${step} ${s.toFixed(2)}`).join(", ");
  return `${name.padEnd(10)} ${seconds.toFixed(2)} s (${parts}), ${
    peakMb.toFixed(0)
  } MB peak, ${matches} matches`;
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
    await writeInput(folder);
    const script = new URL(import.meta.url).pathname;
    const mine = await best(
      () => measure(Deno.execPath(), ["run", "-A", script, "ours", folder]),
      REPEATS,
    );
    console.log(describe("ours", mine));
    const python = Deno.env.get("STHELAR_BENCH_PYTHON");
    if (python === undefined) {
      console.log("geopandas  not run: STHELAR_BENCH_PYTHON names no Python");
      return;
    }
    const twin = script.replace(/\.ts$/, ".py");
    const theirs = await best(() => measure(python, [twin, folder]), REPEATS);
    console.log(describe("geopandas", theirs));
    console.log(
      `${(theirs.seconds / mine.seconds).toFixed(1)} times as fast, ${
        (theirs.peakMb / mine.peakMb).toFixed(1)
      } times less memory, counts ${await sameCounts(folder) ? "equal" : "DIFFERENT"}`,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (Deno.args[0] === "ours") console.log(JSON.stringify(await ours(Deno.args[1])));
else await main();
