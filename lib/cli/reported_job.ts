import type { Progress } from "@/core/progress.ts";
import { failedEvent, type StageEvent, throttledProgress } from "@/pipeline/events.ts";
import { lockJob } from "@/pipeline/lock.ts";
import { ProgressDisplay, standardScreen } from "@/pipeline/progress_display.ts";
import { print } from "./command.ts";

/** Sends an event to the process that started this one. */
export function sendEvent(event: StageEvent): void {
  print(JSON.stringify(event));
}

/**
 * Runs a job whose progress and failure go to the process that started this one, as events. It
 * holds `lockFile` meanwhile, and ends when that process is gone.
 */
export async function runWithEvents<T>(
  lockFile: string,
  job: (progress: Progress) => Promise<T>,
): Promise<T> {
  endWithParent();
  try {
    using _lock = await lockJob(lockFile);
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
 * @param options `lockFile`: given by the process that started this one, if there is one.
 * @param describe The closing line.
 */
export async function runFolderJob<T>(
  { label, folder, lockFile }: { label: string; folder: string; lockFile: string | undefined },
  job: (progress: Progress) => Promise<T>,
  describe: (result: T) => string,
): Promise<void> {
  if (lockFile !== undefined) {
    await runWithEvents(lockFile, job);
    return;
  }
  const display = new ProgressDisplay(standardScreen());
  display.start(label);
  display.line(describe(await job(throttledProgress((step) => display.step(step)))));
  print(folder);
}

/** Ends this process when the one that started it is gone: then its end of the pipe is closed. */
async function endWithParent(): Promise<void> {
  const nothing = new Uint8Array(1);
  while (await Deno.stdin.read(nothing) !== null);
  Deno.exit(1);
}
