import type { ClassPixels } from "./predicted_block.ts";

const FIRST_ROWS = 64;

/** Counts pixels under nuclei by class; a nucleus may lie in several patches. */
export class ClassPixelCounter {
  readonly #classes: number;
  readonly #rowOf = new Map<number, number>();
  /** (rows, classes), with room for more. */
  #counts: Uint32Array;

  /** @param classes Background included. */
  constructor(classes: number) {
    this.#classes = classes;
    this.#counts = new Uint32Array(FIRST_ROWS * classes);
  }

  /**
   * Counts the pixels of a patch.
   *
   * @param cells Number of the cell whose nucleus is in each pixel, 0 for none.
   * @param classes Predicted class of each pixel.
   */
  addPixels(cells: Int32Array, classes: Uint8Array): void {
    let last = 0, start = 0;
    for (let p = 0; p < cells.length; p++) {
      const cell = cells[p];
      if (cell === 0) continue;
      if (cell !== last) [last, start] = [cell, this.#startOf(cell)];
      this.#counts[start + classes[p]]++;
    }
  }

  /** Adds what was counted elsewhere. */
  add({ cells, counts }: ClassPixels): void {
    const classes = this.#classes;
    cells.forEach((cell, i) => {
      const start = this.#startOf(cell);
      for (let k = 0; k < classes; k++) this.#counts[start + k] += counts[i * classes + k];
    });
  }

  /** What was counted, in ascending order of the cells. */
  sums(): ClassPixels {
    const cells = Int32Array.from(this.#rowOf.keys()).sort();
    const counts = new Uint32Array(cells.length * this.#classes);
    cells.forEach((cell, i) => {
      const start = this.#startOf(cell);
      counts.set(this.#counts.subarray(start, start + this.#classes), i * this.#classes);
    });
    return { cells, counts };
  }

  /** Where the counts of a cell begin. */
  #startOf(cell: number): number {
    let row = this.#rowOf.get(cell);
    if (row === undefined) {
      this.#rowOf.set(cell, row = this.#rowOf.size);
      this.#makeRoom((row + 1) * this.#classes);
    }
    return row * this.#classes;
  }

  #makeRoom(length: number): void {
    if (length <= this.#counts.length) return;
    const larger = new Uint32Array(2 * length);
    larger.set(this.#counts);
    this.#counts = larger;
  }
}
