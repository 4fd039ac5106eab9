import { SthelarError } from "@/core/errors.ts";

/** How {@link mapInOrder} goes about it. */
export interface MapInOrderOptions {
  /** Items that are loading or loaded and not yet used. */
  readonly inFlight: number;
  /** Stops before the next item. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Loads items ahead and uses them one at a time, in their order.
 *
 * @returns What `use` gave for each item.
 * @throws {SthelarError} `Aborted` when the signal says so; else the first error of `load` or `use`.
 * Either comes when nothing is loading any more.
 */
export async function mapInOrder<I, L, R>(
  items: Iterable<I>,
  { inFlight, signal }: MapInOrderOptions,
  load: (item: I) => Promise<L>,
  use: (loaded: L) => R | Promise<R>,
): Promise<R[]> {
  const iterator = items[Symbol.iterator]();
  const ahead: Promise<L>[] = [];
  const results: R[] = [];
  const loadNext = () => {
    const { done, value } = iterator.next();
    if (done) return;
    const loading = load(value);
    loading.catch(() => {});
    ahead.push(loading);
  };
  try {
    expectRunning(signal);
    for (let i = 0; i < inFlight; i++) loadNext();
    while (ahead.length > 0) {
      const loaded = await ahead[0];
      expectRunning(signal);
      results.push(await use(loaded));
      expectRunning(signal);
      ahead.shift();
      loadNext();
    }
    return results;
  } finally {
    await Promise.allSettled(ahead);
  }
}

function expectRunning(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return;
  throw new SthelarError("Aborted", {
    action: "Stopped before the last tile",
    cause: signal.reason,
  });
}
