import { SthelarError } from "@/core/errors.ts";
import { formatBytes, formatSeconds, type ProgressDisplay } from "./progress_display.ts";
import { runStageProcess, type StageProcessOptions } from "./stage_process.ts";

/** A stage or a step in a process of its own, and where it is shown. */
export interface ShownJob extends Omit<StageProcessOptions, "onEvent"> {
  /** Its name in messages: `2-02 tangram`. */
  readonly label: string;
  /** Where to show what happens. */
  readonly display: ProgressDisplay;
}

/** What a job came to. */
interface Measured {
  readonly seconds: number;
  readonly peakMemoryBytes: number;
}

/**
 * Runs a job and shows its progress, its warnings and, at the end, what it took.
 *
 * @param measure Tells what the finished job took.
 * @throws {SthelarError} What the job failed with, named.
 */
export async function runShownJob(
  { label, display, ...process }: ShownJob,
  measure: () => Promise<Measured>,
): Promise<void> {
  display.start(label);
  try {
    await runStageProcess({
      ...process,
      onEvent: (event) => {
        if (event.event === "progress") display.step(event);
        if (event.event === "warning") display.line(`${label}: warning: ${event.message}`);
        if (event.event === "information") display.line(`${label}: ${event.message}`);
      },
    });
  } catch (error) {
    if (!(error instanceof SthelarError)) throw error;
    throw new SthelarError(error.tag, { action: `${label}: ${error.message}`, cause: error });
  }
  const { seconds, peakMemoryBytes } = await measure();
  display.line(
    `${label}: done in ${formatSeconds(seconds)}, peak memory ${formatBytes(peakMemoryBytes)}`,
  );
}
