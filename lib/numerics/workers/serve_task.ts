import type { Progress } from "@/core/progress.ts";
import { serveTasks } from "./serve_tasks.ts";

/**
 * Makes this worker run one task for `runInWorker`.
 *
 * @param run Computes the result; its arrays are moved when they are returned as they are.
 */
export function serveTask<T, R extends ArrayBufferView<ArrayBuffer>>(
  run: (task: T, progress: Progress) => R | Promise<R>,
): void {
  serveTasks<{ run: T }, { run: R }>({ run }, ({ buffer }) => [buffer]);
}
