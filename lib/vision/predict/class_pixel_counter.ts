import type { ClassPixels } from "./predicted_block.ts";

/** Counts pixels under nuclei by class. */
export class ClassPixelCounter {
  readonly #classes: number;
  readonly #countsOf = new Map<number, Uint32Array>();

  /** @param classes Background included. */
  constructor(classes: number) {
    this.#classes = classes;
  }

  /**
   * Counts the pixels of a patch.
   *
   * @param cells Number of the cell whose nucleus is in each pixel, 0 for none.
   * @param classes Predicted class of each pixel.
   */
  add(cells: Int32Array, classes: Uint8Array): void {
    let last = 0, counts: Uint32Array | undefined;
    for (let p = 0; p < cells.length; p++) {
      const cell = cells[p];
      if (cell === 0) continue;
      if (cell !== last) [last, counts] = [cell, this.#of(cell)];
      counts![classes[p]]++;
    }
  }

  /** What was counted, in ascending order of the cells. */
  sums(): ClassPixels {
    const cells = Int32Array.from(this.#countsOf.keys()).sort();
    const counts = new Uint32Array(cells.length * this.#classes);
    cells.forEach((cell, row) => counts.set(this.#of(cell), row * this.#classes));
    return { cells, counts };
  }

  #of(cell: number): Uint32Array {
    let counts = this.#countsOf.get(cell);
    if (counts === undefined) {
      this.#countsOf.set(cell, counts = new Uint32Array(this.#classes));
    }
    return counts;
  }
}
