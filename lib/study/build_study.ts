import type { ProgressDisplay } from "@/pipeline/progress_display.ts";
import { runShownJob } from "@/pipeline/shown_job.ts";
import type { Study } from "./study.ts";
import type { AnyStudyStep } from "./study_step.ts";
import { writeView } from "./study_view.ts";

/** How to build a study. */
export interface BuildStudyOptions {
  /** The opened study. */
  readonly study: Study;
  /** Which steps, in order. */
  readonly steps: readonly AnyStudyStep[];
  /** Compute them even if their results are there. */
  readonly force: boolean;
  /** Words that a step's process needs besides the name of the study and `--only`. */
  readonly childArgs: readonly string[];
  /** Where to show what happens. */
  readonly display: ProgressDisplay;
  /** Aborted when the user stops. */
  readonly signal: AbortSignal;
}

/** What a build came to. */
export interface StudyResultSummary {
  /** Steps that were computed. */
  readonly ran: readonly string[];
  /** Steps whose results were there. */
  readonly kept: readonly string[];
  /** Steps that are switched off, or have no slide to read. */
  readonly skipped: readonly string[];
}

/**
 * Runs the steps of a study, each in a process of its own, then brings tables, figures, models and the
 * report up to date.
 *
 * @throws {SthelarError} `NotFound` listing slides that are not built far enough; that of the first step
 *   that failed, naming it: what was finished before is kept.
 */
export async function buildStudy(options: BuildStudyOptions): Promise<StudyResultSummary> {
  const { study, display, steps, force } = options;
  const ids = (): string[] => [];
  const result = { ran: ids(), kept: ids(), skipped: ids() };
  await study.requireBuilt(steps.map(({ id }) => id));
  await study.save();
  for (const { id, name } of steps) {
    options.signal.throwIfAborted();
    const { action, reason } = study.planned(id);
    if (action === "skip") {
      display.line(`${id} ${name}: skipped, ${reason}`);
      result.skipped.push(id);
    } else if (action === "keep" && !force) {
      await study.run(id);
      display.line(`${id} ${name}: kept`);
      result.kept.push(id);
    } else {
      await runInProcess(id, name, options);
      result.ran.push(id);
    }
  }
  await writeView(study);
  return result;
}

async function runInProcess(id: string, name: string, options: BuildStudyOptions): Promise<void> {
  const { study, display, signal } = options;
  const { folder, disk } = study;
  await disk.makeDirectory(folder.logs);
  await runShownJob({
    ...{ label: `${id} ${name}`, display, signal },
    args: ["build-dataset", folder.name, `--only=${id}`, ...options.childArgs],
    lockFile: folder.jobLock,
    logFile: `${folder.logs}/${id}_${name}.log`,
  }, () => study.adopt(id));
}
