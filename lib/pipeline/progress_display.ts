/** Where lines and bars are shown. */
export interface Screen {
  /** Whether a bar can be redrawn in place. */
  readonly isTerminal: boolean;
  /** Columns, for a terminal. */
  readonly columns: number;
  /** Writes text as it is. */
  write(text: string): void;
}

/** The program's standard error, so that standard output stays clean for results. */
export function standardScreen(): Screen {
  const isTerminal = Deno.stderr.isTerminal();
  return {
    isTerminal,
    columns: isTerminal ? Deno.consoleSize().columns : 80,
    write: (text) => {
      Deno.stderr.writeSync(new TextEncoder().encode(text));
    },
  };
}

/** A step of a loop, with the memory it takes. */
export interface Step {
  /** Units finished. */
  readonly done: number;
  /** Units in all. */
  readonly total: number;
  /** What is counted. */
  readonly unit: string;
  /** Resident memory, bytes. */
  readonly memoryBytes: number;
}

/** Shows how far a stage is: a bar on a terminal, one line a finished stage anywhere. */
export class ProgressDisplay {
  readonly #screen: Screen;
  readonly #now: () => number;
  #label = "";
  #unit = "";
  #startedMs = 0;
  #startedAt = 0;
  #barShown = false;

  /**
   * @param screen Where to show it.
   * @param now The time in ms, for rates.
   */
  constructor(screen: Screen, now: () => number = () => performance.now()) {
    this.#screen = screen;
    this.#now = now;
  }

  /** Starts a stage. */
  start(label: string): void {
    this.#label = label;
    this.#unit = "";
  }

  /** Redraws the bar. */
  step({ done, total, unit, memoryBytes }: Step): void {
    if (!this.#screen.isTerminal) return;
    if (unit !== this.#unit) {
      this.#unit = unit;
      this.#startedMs = this.#now();
      this.#startedAt = done;
    }
    const seconds = (this.#now() - this.#startedMs) / 1000;
    const rate = seconds > 0 ? (done - this.#startedAt) / seconds : 0;
    const etaText = rate > 0 ? formatSeconds((total - done) / rate) : "-";
    const rateText = rate > 0 ? `${formatCount(rate)}/s` : "-";
    const text = `${this.#label} ${bar(done / Math.max(total, 1))} ${formatCount(done)}/${
      formatCount(total)
    } ${unit}  ${rateText}  ETA ${etaText}  ${formatBytes(memoryBytes)}`;
    this.#screen.write(`\r\x1b[2K${text.slice(0, this.#screen.columns - 1)}`);
    this.#barShown = true;
  }

  /** Writes a line of its own, above the bar. */
  line(text: string): void {
    if (this.#barShown) this.#screen.write("\r\x1b[2K");
    this.#barShown = false;
    this.#screen.write(`${text}\n`);
  }
}

function bar(fraction: number): string {
  const width = 20;
  const filled = Math.round(Math.min(1, Math.max(0, fraction)) * width);
  const percent = `${Math.floor(Math.min(1, fraction) * 100)}%`.padStart(4);
  return `[${"#".repeat(filled)}${"-".repeat(width - filled)}]${percent}`;
}

/** A count with thousands, or in millions. */
export function formatCount(count: number): string {
  if (count >= 1e7) return `${(count / 1e6).toFixed(1)}M`;
  return Math.round(count).toLocaleString("en-US");
}

/**
 * Bytes in a unit that fits.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { formatBytes } from "@/pipeline/progress_display.ts";
 *
 * assertEquals(formatBytes(310_000_000), "310 MB");
 * ```
 */
export function formatBytes(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return `${Math.round(bytes / 1e6)} MB`;
}

/** Seconds as `3.2 s`, `4:05` or `2:10:00`. */
export function formatSeconds(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const two = (n: number) => String(n).padStart(2, "0");
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(whole % 60)}`
    : `${minutes}:${two(whole % 60)}`;
}
