import type { Progress } from "@/core/progress.ts";
import { WorkerPool } from "./worker_pool.ts";

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
  { action, ...run }: WorkerRun,
): Promise<R> {
  using pool = new WorkerPool<{ run: T }, { run: R }>(url, {
    action: `Cannot ${action}`,
    stopped: `Stopped to ${action}`,
    ...run,
  });
  return await pool.ask(0, "run", task);
}
