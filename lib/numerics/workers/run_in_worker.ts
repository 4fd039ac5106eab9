import { SthelarError } from "@/core/errors.ts";
import { type Progress, silentProgress } from "@/core/progress.ts";
import { aborted } from "@/core/turns.ts";
import type { TaskMessage } from "./task_message.ts";

/** How a task runs in a worker. */
export interface WorkerRun {
  /** What is being done, in the infinitive: `lay a graph out`. */
  readonly action: string;
  /** Receives what the worker tells of its progress. */
  readonly progress?: Progress;
  /** Ends the worker. */
  readonly signal?: AbortSignal;
}

/**
 * Runs one task in a worker of its own, which ends with it.
 *
 * @param url The worker's module, which calls `serveTask`.
 * @param task What it is given; arrays on shared memory are not copied.
 * @throws {SthelarError} What the task throws; `Aborted`; `StageFailed` when the worker dies.
 */
export async function runInWorker<T, R>(
  url: URL,
  task: T,
  { action, progress = silentProgress, signal }: WorkerRun,
): Promise<R> {
  const stopped = () => aborted(`Stopped to ${action}`, signal);
  if (signal?.aborted) throw stopped();
  const worker = new Worker(url.href, { type: "module" });
  const { promise, resolve, reject } = Promise.withResolvers<R>();
  const died = (found: string) =>
    reject(new SthelarError("StageFailed", { action: `Cannot ${action}: its worker died`, found }));
  const onAbort = () => reject(stopped());
  signal?.addEventListener("abort", onAbort);
  worker.onmessageerror = () => died("a message that cannot be read");
  worker.onerror = (event) => {
    event.preventDefault();
    died(event.message);
  };
  worker.onmessage = ({ data }: MessageEvent<TaskMessage>) => {
    if (data.kind === "done") resolve(data.value as R);
    else if (data.kind === "failed") reject(new SthelarError(data.tag, { action: data.message }));
    else {
      try {
        progress.update(data.done, data.total, data.unit);
      } catch (error) {
        reject(error);
      }
    }
  };
  try {
    worker.postMessage(task);
    return await promise;
  } finally {
    signal?.removeEventListener("abort", onAbort);
    worker.terminate();
  }
}
