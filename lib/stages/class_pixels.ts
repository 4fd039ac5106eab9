/** Pixels under nuclei by predicted class. */
export interface ClassPixels {
  /** Numbers of cells in masks. */
  readonly cells: Int32Array;
  /** (cells, classes). */
  readonly counts: Uint32Array;
}

/** Sums pixels of nuclei that lie in several patches. */
export class ClassPixelSums {
  readonly #classes: number;
  readonly #rowOf = new Map<number, number>();
  #sums: Uint32Array;

  /** @param classes Background included. */
  constructor(classes: number) {
    this.#classes = classes;
    this.#sums = new Uint32Array(1024 * classes);
  }

  add({ cells, counts }: ClassPixels): void {
    const classes = this.#classes;
    cells.forEach((cell, i) => {
      let row = this.#rowOf.get(cell);
      if (row === undefined) this.#rowOf.set(cell, row = this.#rowOf.size);
      this.#makeRoom((row + 1) * classes);
      for (let k = 0; k < classes; k++) this.#sums[row * classes + k] += counts[i * classes + k];
    });
  }

  /** What was added, in ascending order of the cells. */
  sums(): ClassPixels {
    const classes = this.#classes;
    const cells = Int32Array.from(this.#rowOf.keys()).sort();
    const counts = new Uint32Array(cells.length * classes);
    cells.forEach((cell, i) => {
      const row = this.#rowOf.get(cell)!;
      counts.set(this.#sums.subarray(row * classes, (row + 1) * classes), i * classes);
    });
    return { cells, counts };
  }

  #makeRoom(length: number): void {
    if (length <= this.#sums.length) return;
    const larger = new Uint32Array(2 * length);
    larger.set(this.#sums);
    this.#sums = larger;
  }
}
