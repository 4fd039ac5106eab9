import type { Progress } from "@/core/progress.ts";
import { jupyter, type JupyterBroadcast } from "./in_notebook.ts";

/** A progress report that can be seen. */
export interface DisplayProgress extends Progress {
  /** Shows the end state; await it before the cell ends. */
  finish(): Promise<void>;
}

/** Where progress is shown; what is left out is found out. */
export interface DisplayProgressOptions {
  /** The notebook, `null` for none; found out unless told. */
  readonly notebook?: JupyterBroadcast | null;
  /** Takes a line where there is no notebook; standard error unless told. */
  readonly printLine?: (line: string) => void;
  /** A clock in ms. */
  readonly now?: () => number;
}

const REDRAW_MS = 100;
const LINE_MS = 5000;

/**
 * Progress of one long loop: a bar that is redrawn in place in a notebook, a line now and then
 * elsewhere.
 *
 * @param label What is being done.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { displayProgress } from "@/notebook/display_progress.ts";
 *
 * const lines: string[] = [];
 * const progress = displayProgress("Reading", { printLine: (l) => lines.push(l), now: () => 0 });
 * progress.update(3, 3, "tiles");
 * await progress.finish();
 * assertEquals(lines, ["Reading: 3 of 3 tiles"]);
 * ```
 */
export function displayProgress(
  label: string,
  options: DisplayProgressOptions = {},
): DisplayProgress {
  const { now = () => performance.now(), printLine = (line) => console.error(line) } = options;
  const notebook = options.notebook === undefined ? jupyter() : options.notebook ?? undefined;
  const start = now();
  const show = notebook === undefined ? lineDisplay(printLine) : barDisplay(notebook);
  const interval = notebook === undefined ? LINE_MS : REDRAW_MS;
  let shownAt = notebook === undefined ? start : -Infinity;
  let last = { done: 0, total: 0, unit: "" };
  let pending = Promise.resolve();
  const draw = () => {
    const text = `${label}: ${describe(last, (now() - start) / 1000)}`;
    const { done, total } = last;
    pending = pending.then(() => show(text, done, total));
  };
  return {
    update(done, total, unit) {
      last = { done, total, unit };
      if (now() - shownAt < interval) return;
      shownAt = now();
      draw();
    },
    async finish() {
      draw();
      await pending;
    },
  };
}

type Show = (text: string, done: number, total: number) => Promise<void>;

function lineDisplay(printLine: (line: string) => void): Show {
  return (text) => {
    printLine(text);
    return Promise.resolve();
  };
}

function barDisplay(notebook: JupyterBroadcast): Show {
  const display_id = crypto.randomUUID();
  let type = "display_data";
  return async (text, done, total) => {
    const bar = `<progress value="${done}" max="${total}"></progress> `;
    const data = { "text/plain": text, "text/html": bar + text.replaceAll("<", "&lt;") };
    await notebook.broadcast(type, { data, metadata: {}, transient: { display_id } });
    type = "update_display_data";
  };
}

function describe(
  { done, total, unit }: { done: number; total: number; unit: string },
  seconds: number,
): string {
  const count = (n: number) => n.toLocaleString("en-US");
  const counted = `${count(done)} of ${count(total)} ${unit}`;
  if (seconds < 1 || done === 0) return counted;
  const left = done < total ? `, ${Math.ceil(seconds * (total - done) / done)} s left` : "";
  return `${counted}, ${seconds.toFixed(1)} s${left}`;
}
