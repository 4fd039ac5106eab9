import { type ErrorTag, isSthelarError, messageOf } from "@/core/errors.ts";
import type { Progress } from "@/core/progress.ts";

/** What a stage's process tells the one that started it, one JSON object a line. */
export type StageEvent =
  | {
    readonly event: "progress";
    readonly done: number;
    readonly total: number;
    readonly unit: string;
    /** Resident memory of the process, bytes. */
    readonly memoryBytes: number;
  }
  | { readonly event: "warning"; readonly message: string }
  | { readonly event: "information"; readonly message: string }
  | { readonly event: "failed"; readonly message: string; readonly tag: ErrorTag | "Unexpected" };

const REPORT_EVERY_MS = 200;

/** Calls `report` with progress at most five times a second, and for the last step. */
export function throttledProgress(
  report: (event: StageEvent & { event: "progress" }) => void,
): Progress {
  let last = -Infinity;
  return {
    update(done, total, unit) {
      const now = performance.now();
      if (done < total && now - last < REPORT_EVERY_MS) return;
      last = now;
      const memoryBytes = Deno.memoryUsage().rss;
      report({ event: "progress", done, total, unit, memoryBytes });
    },
  };
}

/** What was thrown, as an event. */
export function failedEvent(thrown: unknown): StageEvent {
  return {
    event: "failed",
    message: messageOf(thrown),
    tag: isSthelarError(thrown) ? thrown.tag : "Unexpected",
  };
}

/** The event of a line, `undefined` for a line that is none (a library's own print). */
export function parseEvent(line: string): StageEvent | undefined {
  if (!line.startsWith('{"event":')) return undefined;
  try {
    return JSON.parse(line) as StageEvent;
  } catch {
    return undefined;
  }
}
