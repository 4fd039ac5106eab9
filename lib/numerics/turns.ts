import { SthelarError } from "@/core/errors.ts";

/** Milliseconds after which others get a turn. */
const TURN_MS = 30;

/** Lets others have a turn now and then, and stops a loop. */
export class Turns {
  #since = performance.now();
  readonly #action: string;
  readonly #signal: AbortSignal | undefined;

  /** @param action What is stopped: `Stopped comparing …`. */
  constructor(action: string, signal: AbortSignal | undefined) {
    this.#action = action;
    this.#signal = signal;
    this.#stopIfAborted();
  }

  /**
   * To be called often: waits only if it is time.
   *
   * @throws {SthelarError} `Aborted`.
   */
  async next(): Promise<void> {
    if (performance.now() - this.#since < TURN_MS) return;
    await new Promise((resolve) => setTimeout(resolve));
    this.#stopIfAborted();
    this.#since = performance.now();
  }

  #stopIfAborted(): void {
    if (!this.#signal?.aborted) return;
    throw new SthelarError("Aborted", { action: this.#action, cause: this.#signal.reason });
  }
}
