import { messageOf, SthelarError } from "@/core/errors.ts";

/** The server or the way to it failed in a manner that may pass. */
export class Passing extends Error {}

/** Aborts a connection that brings nothing for a while. */
export class StallGuard {
  readonly #stop = new AbortController();
  readonly #ms: number;
  readonly #outer: AbortSignal | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #forward = () => this.#stop.abort(this.#outer?.reason);

  constructor(ms: number, outer: AbortSignal | undefined) {
    this.#ms = ms;
    this.#outer = outer;
    outer?.addEventListener("abort", this.#forward, { once: true });
    this.reset();
  }

  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  reset(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => this.#stop.abort(new Passing(`nothing came for ${this.#ms / 1000} s`)),
      this.#ms,
    );
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener("abort", this.#forward);
  }
}

/** What a failed request or body is: a reason to stop, or one that may pass. */
export function connectionFault(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof Deno.errors.NotCapable) {
    return new SthelarError("InvalidArgument", {
      action: "Cannot download",
      found: "a program without the permission to use the network",
      remedy: "run: deno task fetch-slide, or fetch-reference",
      cause: error,
    });
  }
  return new Passing(causes(error));
}

/** The messages of an error and of those below it: fetch alone says no more than that it failed. */
function causes(error: unknown): string {
  const texts: string[] = [];
  for (let each = error; each !== undefined && texts.length < 4;) {
    texts.push(messageOf(each));
    each = each instanceof Error ? each.cause : undefined;
  }
  return texts.join(": ");
}

/** Waits, unless it is stopped. */
export function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
