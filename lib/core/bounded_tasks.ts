/**
 * Tasks that run side by side, a limited number at one time.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { BoundedTasks } from "@/core/bounded_tasks.ts";
 *
 * const done: number[] = [];
 * const tasks = new BoundedTasks(2);
 * for (let i = 0; i < 4; i++) await tasks.add(Promise.resolve().then(() => done.push(i)));
 * await tasks.finish();
 * assertEquals(done, [0, 1, 2, 3]);
 * ```
 */
export class BoundedTasks {
  readonly #limit: number;
  readonly #running = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  /** @param limit Tasks at one time, at least 1. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Adds a running task, and waits until there is room for another.
   *
   * @throws What an earlier task failed with.
   */
  async add(task: Promise<unknown>): Promise<void> {
    const settled = task.then(() => {}, (error) => {
      this.#failure ??= { error };
    }).finally(() => this.#running.delete(settled));
    this.#running.add(settled);
    if (this.#running.size >= this.#limit) await Promise.race(this.#running);
    this.#throwFailure();
  }

  /**
   * Waits for all tasks.
   *
   * @throws What the first of them failed with.
   */
  async finish(): Promise<void> {
    await Promise.all(this.#running);
    this.#throwFailure();
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
