import { isSthelarError, messageOf } from "@/core/errors.ts";
import type { Progress } from "@/core/progress.ts";
import type { TaskMessage } from "./task_message.ts";

/** Reports are at least this far apart. */
const REPORT_INTERVAL_MS = 100;

interface WorkerScope {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: TaskMessage, transfer?: Transferable[]): void;
}

/**
 * Makes this worker run one task for `runInWorker`.
 *
 * @param run Computes the result; its arrays are moved when they are returned as they are.
 */
export function serveTask<T, R extends ArrayBufferView<ArrayBuffer>>(
  run: (task: T, progress: Progress) => R | Promise<R>,
): void {
  const scope = globalThis as unknown as WorkerScope;
  let reportedAt = performance.now();
  const progress: Progress = {
    update(done, total, unit) {
      const now = performance.now();
      if (done < total && now - reportedAt < REPORT_INTERVAL_MS) return;
      reportedAt = now;
      scope.postMessage({ kind: "progress", done, total, unit });
    },
  };
  scope.onmessage = async ({ data }: MessageEvent<T>) => {
    try {
      const value = await run(data, progress);
      scope.postMessage({ kind: "done", value }, [value.buffer]);
    } catch (error) {
      const tag = isSthelarError(error) ? error.tag : "StageFailed";
      scope.postMessage({ kind: "failed", tag, message: messageOf(error) });
    }
  };
}
