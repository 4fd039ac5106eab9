import { SthelarError } from "@/core/errors.ts";

/** How long it may compute without a pause. */
const BREATH_MS = 40;

/** Gives way to other work now and then, and stops when it is told to. */
export class Breath {
  readonly #signal: AbortSignal | undefined;
  #taken = performance.now();

  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /**
   * Gives way, if that is due.
   *
   * @throws {SthelarError} `Aborted`.
   */
  async take(): Promise<void> {
    if (performance.now() - this.#taken > BREATH_MS) {
      await new Promise((resolve) => setTimeout(resolve));
      this.#taken = performance.now();
    }
    if (this.#signal?.aborted) throw aborted(this.#signal);
  }
}

/** The error of work that was stopped. */
export function aborted(signal: AbortSignal | undefined): SthelarError {
  return new SthelarError("Aborted", {
    action: "Stopped looking for principal components",
    cause: signal?.reason,
  });
}
