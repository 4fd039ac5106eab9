const BREATH_MS = 50;

/**
 * For loops of synchronous reads: lets signals and other work through twenty times a second.
 *
 * @returns To be awaited in each round.
 */
export function breather(): () => Promise<void> {
  let last = performance.now();
  return async () => {
    if (performance.now() - last < BREATH_MS) return;
    await new Promise((resolve) => setTimeout(resolve));
    last = performance.now();
  };
}
