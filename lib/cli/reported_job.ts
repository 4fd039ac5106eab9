import type { Progress } from "@/core/progress.ts";
import { failedEvent, type StageEvent, throttledProgress } from "@/pipeline/events.ts";
import { ProgressDisplay, standardScreen } from "@/pipeline/progress_display.ts";
import { print } from "./command.ts";

/** Sends an event to the process that started this one. */
export function sendEvent(event: StageEvent): void {
  print(JSON.stringify(event));
}

/** Runs a job whose progress and failure go to the process that started this one, as events. */
export async function runWithEvents<T>(job: (progress: Progress) => Promise<T>): Promise<T> {
  try {
    return await job(throttledProgress(sendEvent));
  } catch (error) {
    sendEvent(failedEvent(error));
    throw error;
  }
}

/**
 * Runs a job that writes a folder: with a bar and a closing line for a person, or with events for
 * the process that started this one.
 *
 * @param describe The closing line.
 */
export async function runFolderJob<T>(
  { label, folder, asEvents }: { label: string; folder: string; asEvents: boolean },
  job: (progress: Progress) => Promise<T>,
  describe: (result: T) => string,
): Promise<void> {
  if (asEvents) {
    await runWithEvents(job);
    return;
  }
  const display = new ProgressDisplay(standardScreen());
  display.start(label);
  display.line(describe(await job(throttledProgress((step) => display.step(step)))));
  print(folder);
}
