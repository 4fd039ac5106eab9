import type { AnyStage } from "@/core/stage.ts";
import { assembleStore } from "./assemble.ts";
import { assembleFiles } from "./assemble_files.ts";
import type { ProgressDisplay } from "./progress_display.ts";
import { runShownJob } from "./shown_job.ts";
import type { Slide } from "./slide.ts";

/** How to build a slide. */
export interface BuildOptions {
  /** The opened slide. */
  readonly slide: Slide;
  /** Which stages, in order. */
  readonly stages: readonly AnyStage[];
  /** Compute them even if their results are there. */
  readonly force: boolean;
  /** Words that a stage's process needs besides `stage <id> <slide>`. */
  readonly childArgs: readonly string[];
  /** Where to show what happens. */
  readonly display: ProgressDisplay;
  /** Aborted when the user stops. */
  readonly signal: AbortSignal;
}

/** What a build came to. */
export interface BuildResult {
  /** Stages that were computed. */
  readonly ran: readonly string[];
  /** Stages whose results were there. */
  readonly kept: readonly string[];
  /** Stages that the opened store stands in for. */
  readonly opened: readonly string[];
  /** Stages whose inputs are not to be had. */
  readonly skipped: readonly string[];
}

/**
 * Runs the stages of a slide, each in a process of its own, then assembles the store.
 *
 * @throws {SthelarError} of the first stage that failed, naming it; what was finished before is kept.
 */
export async function buildSlide(options: BuildOptions): Promise<BuildResult> {
  const { slide, display } = options;
  const ids = (): string[] => [];
  const result = { ran: ids(), kept: ids(), opened: ids(), skipped: ids() };
  for (const stage of options.stages) {
    options.signal.throwIfAborted();
    const label = `${stage.id} ${stage.name}`;
    const { action, reason } = slide.planned(stage);
    if (action === "skip") {
      display.line(`${label}: skipped, ${reason}`);
      result.skipped.push(stage.id);
    } else if (action === "opened") {
      display.line(`${label}: ${reason}`);
      result.opened.push(stage.id);
    } else if (action === "keep" && !options.force) {
      await slide.run(stage);
      display.line(`${label}: kept`);
      result.kept.push(stage.id);
    } else {
      await runInProcess(stage, options);
      result.ran.push(stage.id);
    }
  }
  await assembleSlide(slide, display);
  return result;
}

/**
 * Brings a slide's store and its files up to date with its artefacts. Results of stages whose inputs have
 * changed since are left out, and named. A slide that was opened from a store, and to which nothing
 * was added, has no other store than that one.
 */
export async function assembleSlide(slide: Slide, display: ProgressDisplay): Promise<void> {
  const { current, outdated } = slide.artefacts();
  for (const id of outdated) {
    display.line(`${id}: left out of the store, its inputs have changed since; run it again`);
  }
  const { opened } = slide;
  if (opened !== undefined && current.length === 0) return;
  const content = {
    simulated: slide.manifest.simulated,
    artefacts: current,
    ...(opened === undefined ? {} : { opened }),
  };
  if (await assembleStore(slide.disk, slide.folder, content)) {
    display.line(`store: assembled ${slide.folder.store}`);
  }
  if (await assembleFiles(slide.disk, slide.folder, current)) {
    display.line(`files: ${slide.folder.files}`);
  }
}

async function runInProcess(stage: AnyStage, options: BuildOptions): Promise<void> {
  const { slide, display, signal } = options;
  const { folder, disk } = slide;
  await disk.makeDirectory(folder.logs);
  await runShownJob({
    ...{ label: `${stage.id} ${stage.name}`, display, signal },
    args: ["stage", stage.id, folder.slide, ...options.childArgs],
    lockFile: folder.jobLock,
    logFile: `${folder.logs}/${stage.id}_${stage.name}.log`,
  }, async () => {
    await slide.refresh();
    return slide.manifest.stages[stage.id];
  });
}
