/** Points in square bins, to find those near a place. */
export class CellGrid {
  readonly #columns: number;
  readonly #rows: number;
  readonly #start: Int32Array;
  readonly #items: Int32Array;

  /**
   * @param x Coordinates in µm.
   * @param y Coordinates in µm.
   * @param binUm Side of a bin in µm.
   */
  constructor(
    x: Float64Array,
    y: Float64Array,
    readonly binUm: number,
    widthUm: number,
    heightUm: number,
  ) {
    this.#columns = Math.max(1, Math.ceil(widthUm / binUm));
    this.#rows = Math.max(1, Math.ceil(heightUm / binUm));
    const bins = Int32Array.from(x, (value, i) => this.#bin(value, y[i]));
    this.#start = new Int32Array(this.#columns * this.#rows + 1);
    for (const bin of bins) this.#start[bin + 1]++;
    for (let b = 1; b < this.#start.length; b++) this.#start[b] += this.#start[b - 1];
    const next = this.#start.slice();
    this.#items = new Int32Array(x.length);
    bins.forEach((bin, i) => this.#items[next[bin]++] = i);
  }

  /** Calls `visit` for each point of the bins that a box, in µm, touches. */
  forBox(x0: number, y0: number, x1: number, y1: number, visit: (item: number) => void): void {
    const c0 = this.#clampColumn(x0), c1 = this.#clampColumn(x1);
    const r1 = this.#clampRow(y1);
    for (let r = this.#clampRow(y0); r <= r1; r++) {
      const from = this.#start[r * this.#columns + c0];
      const to = this.#start[r * this.#columns + c1 + 1];
      for (let k = from; k < to; k++) visit(this.#items[k]);
    }
  }

  #bin(x: number, y: number): number {
    return this.#clampRow(y) * this.#columns + this.#clampColumn(x);
  }

  #clampColumn(x: number): number {
    return Math.min(this.#columns - 1, Math.max(0, Math.floor(x / this.binUm)));
  }

  #clampRow(y: number): number {
    return Math.min(this.#rows - 1, Math.max(0, Math.floor(y / this.binUm)));
  }
}
