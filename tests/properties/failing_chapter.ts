import { assert, assertEquals } from "@std/assert";
import type { Disk } from "@/core/disk.ts";
import { isSthelarError } from "@/core/errors.ts";
import { Random } from "@/core/random.ts";
import { assembleStore } from "@/pipeline/assemble.ts";
import { definePipeline } from "@/pipeline/pipeline.ts";
import { removeLeftovers } from "@/pipeline/run_stage.ts";
import { Slide } from "@/pipeline/slide.ts";
import { slideFolder } from "@/pipeline/slide_folder.ts";
import { pipeline as wholePipeline } from "@/pipeline/sthelar.ts";
import { FailingDisk, type Failure, FAILURES } from "../pipeline/failing_disk.ts";
import { withoutMeasurements } from "../pipeline/without_measurements.ts";
import { MountedDisk } from "./mounted_disk.ts";

const pipeline = definePipeline(wholePipeline.stages.filter(({ id }) => id.startsWith("1-")));
const FOLDER = slideFolder("/out", "tiny");
/** Parts of a build: what each of them writes is failed on its own. */
const STEPS: readonly string[] = ["open", ...pipeline.stages.map(({ id }) => id), "assemble"];

/** One build of chapter 1 in this process, on any disk. */
class ChapterBuild {
  readonly #bundle: string;

  /** @param bundle A simulated bundle on the machine's disk. */
  constructor(bundle: string) {
    this.#bundle = bundle;
  }

  /** Runs the build up to and with a step; what is done already is kept. */
  async run(disk: Disk, until: string): Promise<void> {
    const slide = await Slide.open("tiny", {
      ...{ pipeline, disk, out: "/out", data: "/data" },
      sources: { bundle: this.#bundle },
      limits: { memoryBytes: 2e9, threads: 1 },
    });
    await removeLeftovers(disk, slide.folder);
    for (const stage of pipeline.stages) {
      if (STEPS.indexOf(stage.id) <= STEPS.indexOf(until)) await slide.run(stage);
    }
    if (until !== "assemble") return;
    const artefacts = slide.artefacts().current;
    await assembleStore(disk, slide.folder, { simulated: true, artefacts });
  }

  /** An unbroken build, step by step. */
  async prepare(): Promise<readonly Step[]> {
    const steps: Step[] = [];
    const disk = new MountedDisk(this.#bundle);
    for (const name of STEPS) {
      const before = disk.clone();
      const counting = new FailingDisk(disk, Infinity);
      await this.run(counting, name);
      steps.push({ name, before, changes: counting.changes, after: contentOf(disk) });
    }
    return steps;
  }
}

/** A part of a build. */
interface Step {
  readonly name: string;
  /** The disk before it. */
  readonly before: MountedDisk;
  /** Changes that it makes. */
  readonly changes: number;
  /** What is on the disk after it; a later step starts from this alone. */
  readonly after: Record<string, string>;
}

/** Every file as text: of bytes each a character; of records without the measured fields. */
function contentOf(disk: MountedDisk): Record<string, string> {
  const latin = new TextDecoder("latin1");
  return Object.fromEntries(
    [...disk.files].map(([path, bytes]) => {
      const text = latin.decode(bytes);
      return [path, /(manifest|artefact)\.json$/.test(path) ? withoutMeasurements(text) : text];
    }).sort(([a], [b]) => a < b ? -1 : 1),
  );
}

/** How thoroughly {@link failEveryChange} looks. */
export interface FailingOptions {
  /** Which of the changes of a step fail: every one, or so many drawn from the seed. */
  readonly samples: (step: string) => number;
  /** Seed of the samples and of the kinds of failure. */
  readonly seed: string | number;
  /** Whether each change fails in every way, or in one that is drawn. */
  readonly everyFailure: boolean;
  /** Told of each failure that was survived. */
  readonly onCase?: (cases: number) => void;
}

/**
 * Builds chapter 1 on a disk that fails at its k-th change, then again on one that works: after the
 * step that failed the disk must equal an unbroken build's, byte for byte, and hold nothing else.
 *
 * @returns Failures that were survived, by step.
 */
export async function failEveryChange(
  bundle: string,
  options: FailingOptions,
): Promise<Map<string, number>> {
  const build = new ChapterBuild(bundle);
  const steps = await build.prepare();
  const random = new Random(options.seed);
  const survived = new Map<string, number>();
  let cases = 0;
  for (const { name, before, changes, after } of steps) {
    const all = random.shuffle(Array.from({ length: changes }, (_, i) => i + 1));
    for (const k of all.slice(0, options.samples(name))) {
      const drawn = FAILURES[random.integer(FAILURES.length)];
      for (const failure of options.everyFailure ? FAILURES : [drawn]) {
        const disk = before.clone();
        await failOnce(build, new FailingDisk(disk, k, failure), name);
        const told = `step ${name}, change ${k} of ${changes}, ${failure}, seed ${options.seed}`;
        await checkCleanStop(disk, failure, told);
        await build.run(disk, name);
        const content = contentOf(disk);
        assertEquals(Object.keys(content), Object.keys(after), told);
        for (const [path, text] of Object.entries(content)) {
          assert(text === after[path], `${told}: "${path}" differs`);
        }
        survived.set(name, (survived.get(name) ?? 0) + 1);
        options.onCase?.(++cases);
      }
    }
  }
  return survived;
}

async function failOnce(build: ChapterBuild, disk: FailingDisk, until: string): Promise<void> {
  try {
    await build.run(disk, until);
  } catch (error) {
    assert(isSthelarError(error, "DiskFailure"), `${error}`);
    assert(error.path !== undefined && error.message.includes(error.path), error.message);
  }
}

/** A process that lives on cleans up after a stage that failed. */
async function checkCleanStop(disk: MountedDisk, failure: Failure, told: string): Promise<void> {
  if (failure !== "full" && failure !== "once") return;
  const names = await disk.list(FOLDER.stages);
  assertEquals(names.filter((name) => name.startsWith(".tmp-")), [], told);
}
