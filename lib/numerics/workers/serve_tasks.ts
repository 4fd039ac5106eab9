import { isSthelarError, messageOf } from "@/core/errors.ts";
import type { Progress } from "@/core/progress.ts";
import type { PoolReply, PoolRequest } from "./pool_message.ts";

/** Reports are at least this far apart. */
const REPORT_INTERVAL_MS = 100;

/** Tasks by name: what they take, and what they answer. */
export type Tasks<I, A extends Record<keyof I, unknown>> = {
  readonly [T in keyof I]: (input: I[T], progress: Progress) => A[T] | Promise<A[T]>;
};

interface WorkerScope {
  onmessage: ((event: MessageEvent<PoolRequest>) => void) | null;
  postMessage(reply: PoolReply, transfer?: Transferable[]): void;
}

/**
 * Makes this worker run tasks for a `WorkerPool`.
 *
 * @param tasks The tasks.
 * @param buffersOf Buffers of an answer that are moved instead of copied (default none).
 */
export function serveTasks<I, A extends Record<keyof I, unknown>>(
  tasks: Tasks<I, A>,
  buffersOf: (answer: A[keyof I]) => ArrayBuffer[] = () => [],
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
  scope.onmessage = async ({ data: { id, task, input } }) => {
    try {
      const run = tasks[task as keyof I] as (
        input: unknown,
        progress: Progress,
      ) => A[keyof I] | Promise<A[keyof I]>;
      const answer = await run(input, progress);
      scope.postMessage({ kind: "done", id, answer }, buffersOf(answer));
    } catch (error) {
      const tag = isSthelarError(error) ? error.tag : undefined;
      scope.postMessage({ kind: "failed", tag, message: messageOf(error) });
    }
  };
}
