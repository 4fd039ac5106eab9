import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "@std/assert";
import { Random } from "@/core/random.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { lockSlide } from "@/pipeline/lock.ts";
import { selectStages } from "@/pipeline/pipeline.ts";
import { pipeline } from "@/pipeline/sthelar.ts";
import { slideFolder } from "@/pipeline/slide_folder.ts";
import { STAGE_PERMISSIONS } from "@/pipeline/stage_process.ts";
import { simulateSlide } from "@/simulate/mod.ts";
import { withoutMeasurements } from "../pipeline/without_measurements.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Writes the smallest slide that the simulator makes, with its H&E: all of chapter 1 runs on it. */
export async function simulateTinyBundle(folder: string): Promise<string> {
  await simulateSlide(localDisk, folder, { slideId: "heart_s0", cells: 50, referenceCells: 20 });
  return folder;
}

/** A build in a process group of its own, so that it is killed with all that it started. */
export function startBuild(args: readonly string[]): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-prompt", ...STAGE_PERMISSIONS, "--allow-run"],
      ...["lib/cli.ts", "build-slide", ...args],
    ],
    cwd: ROOT,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    env: { NO_COLOR: "1" },
    detached: true,
  }).spawn();
}

/** Kills a build and every process that it started, at once. */
export function killGroup({ pid }: Deno.ChildProcess): void {
  try {
    Deno.kill(-pid, "SIGKILL");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Runs a build to its end. */
export async function finishBuild(args: readonly string[]): Promise<void> {
  const { code, stderr } = await startBuild(args).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
}

/**
 * What a slide's folder holds: a hash a file. Left out are logs, the text in the lock (who held it
 * last) and the report's text (it tells times); of records the measured fields.
 */
export async function hashSlide(root: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {};
  for (const path of await filesBelow(root)) {
    if (/^(logs\/|\.lock)/.test(path)) continue;
    const bytes = await Deno.readFile(`${root}/${path}`);
    const isRecord = /(^|\/)(manifest|artefact)\.json$/.test(path);
    const content = isRecord ? withoutMeasurements(new TextDecoder().decode(bytes)) : bytes;
    hashes[path] = path === "report.html"
      ? "there"
      : createHash("sha256").update(content).digest("hex");
  }
  return hashes;
}

async function filesBelow(root: string, below = ""): Promise<string[]> {
  const found: string[] = [];
  for (const name of await localDisk.list(`${root}/${below}`)) {
    const path = `${below}${name}`;
    const stat = await localDisk.stat(`${root}/${path}`);
    found.push(...stat?.isDirectory ? await filesBelow(root, `${path}/`) : [path]);
  }
  return found;
}

/** A part of a build, and the file whose appearance tells that it has begun. */
interface Part {
  readonly name: string;
  readonly marker?: string;
}

/** Parts of a build in order. */
function partsOf(until: string | undefined): readonly Part[] {
  return [
    { name: "start" },
    ...selectStages(pipeline, until === undefined ? {} : { until }).map(({ id, name }) => (
      { name: id, marker: `logs/${id}_${name}.log` }
    )),
    { name: "report", marker: "figures" },
  ];
}

/** Waits until a part of a running build has begun; false if the build ended before. */
async function hasBegun(
  { marker }: Part,
  root: string,
  isRunning: () => boolean,
): Promise<boolean> {
  while (marker !== undefined && await localDisk.stat(`${root}/${marker}`) === undefined) {
    if (!isRunning()) return false;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return isRunning();
}

/** What becomes of a build, and when each part of it began, ms. */
async function timeParts(
  args: readonly string[],
  parts: readonly Part[],
  root: string,
): Promise<number[]> {
  const started = performance.now();
  let running = true;
  const build = finishBuild(args).finally(() => running = false);
  const begun: number[] = [];
  for (const part of parts) {
    await hasBegun(part, root, () => running);
    begun.push(performance.now() - started);
  }
  await build;
  return [...begun, performance.now() - started];
}

/** Parts of a build that the next run has before it. */
async function partsToCome(parts: readonly Part[], root: string): Promise<readonly Part[]> {
  const done = await localDisk.list(`${root}/stages`);
  return parts.filter(({ name }) => !done.some((folder) => folder.startsWith(`${name}-`)));
}

/** A slide that was built without a break. */
export interface WholeBuild {
  /** Its bundle. */
  readonly bundle: string;
  /** Arguments of the build of another slide, or into another folder. */
  readonly args: (out: string, slide?: string) => readonly string[];
  /** What its folder holds. */
  readonly hashes: Readonly<Record<string, string>>;
  /** Parts of the build. */
  readonly parts: readonly Part[];
  /** When each part began, and when the last one ended, ms. */
  readonly begunMs: readonly number[];
}

/**
 * Simulates the smallest slide and builds it as `tiny`.
 *
 * @param until The last stage or chapter; all of them by default.
 */
export async function buildWhole(folder: string, until?: string): Promise<WholeBuild> {
  const bundle = await simulateTinyBundle(`${folder}/bundle`);
  const selection = until === undefined ? [] : ["--until", until];
  const args = (
    out: string,
    slide = "tiny",
  ) => [slide, "--bundle", bundle, "--out", out, ...selection];
  const root = `${folder}/whole/tiny`;
  const parts = partsOf(until);
  const begunMs = await timeParts(args(`${folder}/whole`), parts, root);
  return { bundle, args, parts, begunMs, hashes: await hashSlide(root) };
}

/** What became of a series of kills. */
export interface KillTally {
  /** Kills that hit a running build. */
  kills: number;
  /** Slides that were built to their end and compared. */
  compared: number;
  /** Kills by the part of the build that they hit. */
  readonly hits: Map<string, number>;
}

/**
 * Kills builds of one slide at seeded random moments: first once in each part of a build, in their
 * order, then in random parts. A killed build is started again, and killed again, until one comes
 * to its end; that one must equal an unbroken build, byte for byte.
 *
 * @param out The folder of results, which does not exist yet.
 * @param count How many kills.
 * @param onKill Told of each kill.
 */
export async function killBuilds(
  whole: WholeBuild,
  out: string,
  count: number,
  seed: string | number,
  onKill: (tally: KillTally) => void = () => {},
): Promise<KillTally> {
  const { begunMs, hashes } = whole;
  const args = whole.args(out);
  const random = new Random(seed);
  const tally: KillTally = { kills: 0, compared: 0, hits: new Map() };
  const { root } = slideFolder(out, "tiny");
  const compare = async () => {
    assertEquals(await hashSlide(root), hashes, `after ${tally.kills} kills, seed ${seed}`);
    tally.compared++;
    await Deno.remove(root, { recursive: true });
  };
  for (let starts = 0; tally.kills < count; starts++) {
    assert(starts < 4 * count + 10, `only ${tally.kills} of ${starts} builds were killed in time`);
    for (const name of ["logs", "figures", "report.html"]) {
      await localDisk.remove(`${root}/${name}`);
    }
    const parts = await partsToCome(whole.parts, root);
    const next = parts.find(({ name }) => !tally.hits.has(name));
    const isDone = parts.every(({ name }) => !name.includes("-"));
    if (next === undefined && isDone && random.uniform() < 0.5) {
      // Every stage is done: begin anew, so that stages are hit as often as what follows them.
      await finishBuild(args);
      await compare();
      continue;
    }
    const part = next ?? parts[random.integer(parts.length)];
    const i = whole.parts.indexOf(part);
    const delayMs = random.uniform() * (begunMs[i + 1] - begunMs[i]);
    if (await killAfter(args, root, part, delayMs)) {
      tally.kills++;
      tally.hits.set(part.name, (tally.hits.get(part.name) ?? 0) + 1);
      (await lockSlide(slideFolder(out, "tiny")))[Symbol.dispose]();
      onKill(tally);
    } else await compare();
  }
  await finishBuild(args);
  await compare();
  return tally;
}

/** Kills a build some time after one of its parts has begun; false if it ended before. */
async function killAfter(
  args: readonly string[],
  root: string,
  part: Part,
  delayMs: number,
): Promise<boolean> {
  const child = startBuild(args);
  let running = true;
  const output = child.output().finally(() => running = false);
  if (await hasBegun(part, root, () => running)) {
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    killGroup(child);
  }
  const { code, signal, stderr } = await output;
  if (signal === "SIGKILL") return true;
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return false;
}
