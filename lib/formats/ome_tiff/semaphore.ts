/** Lets a number of tasks in at one time; the others wait in line. */
export class Semaphore {
  readonly #capacity: number;
  readonly #line: (() => void)[] = [];
  #emptied: (() => void)[] = [];
  #inside = 0;

  /** @param capacity Tasks inside at one time, at least 1. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** Resolves when there is room; pair it with {@link leave}. */
  async enter(): Promise<void> {
    if (this.#inside < this.#capacity) {
      this.#inside++;
      return;
    }
    await new Promise<void>((resolve) => this.#line.push(resolve));
  }

  /** Hands the place to the next in line. */
  leave(): void {
    const next = this.#line.shift();
    if (next !== undefined) return next();
    this.#inside--;
    if (this.#inside > 0) return;
    for (const resolve of this.#emptied.splice(0)) resolve();
  }

  /** Resolves when nobody is inside or in line. */
  async whenEmpty(): Promise<void> {
    if (this.#inside === 0) return;
    await new Promise<void>((resolve) => this.#emptied.push(resolve));
  }
}
