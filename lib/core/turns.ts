import { SthelarError } from "./errors.ts";

/** Milliseconds after which others get a turn. */
const TURN_MS = 30;

/**
 * Lets others have a turn now and then, and stops a loop.
 *
 * @example
 * ```ts
 * import { assertRejects } from "@std/assert";
 * import { SthelarError } from "@/core/errors.ts";
 * import { Turns } from "@/core/turns.ts";
 *
 * const stop = new AbortController();
 * const turns = new Turns("Stopped counting", stop.signal);
 * await turns.next();
 * stop.abort();
 * await assertRejects(() => turns.next(), SthelarError, "Stopped counting");
 * ```
 */
export class Turns {
  #since = performance.now();
  readonly #action: string;
  readonly #signal: AbortSignal | undefined;

  /**
   * @param action What is stopped: `Stopped comparing …`.
   * @throws {SthelarError} `Aborted`, if it is already.
   */
  constructor(action: string, signal: AbortSignal | undefined) {
    this.#action = action;
    this.#signal = signal;
    this.#stopIfAborted();
  }

  /** Whether {@link Turns.next} would wait. */
  get isDue(): boolean {
    return performance.now() - this.#since >= TURN_MS;
  }

  /**
   * To be called often: waits only if it is time.
   *
   * @throws {SthelarError} `Aborted`.
   */
  async next(): Promise<void> {
    if (this.isDue) {
      await new Promise((resolve) => setTimeout(resolve));
      this.#since = performance.now();
    }
    this.#stopIfAborted();
  }

  #stopIfAborted(): void {
    if (this.#signal?.aborted) throw aborted(this.#action, this.#signal);
  }
}

/**
 * The error of work that was stopped.
 *
 * @param action What is stopped: `Stopped comparing …`.
 */
export function aborted(action: string, signal: AbortSignal | undefined): SthelarError {
  return new SthelarError("Aborted", { action, cause: signal?.reason });
}
