/** Rings in the order of the file. */
export interface CollectedRings {
  /** `x0, y0, x1, y1, …` of all rings, closed. */
  readonly xy: Float64Array;
  /** First vertex of each ring, and the end of the last. */
  readonly starts: readonly number[];
  /** Cell of each ring. */
  readonly cells: readonly number[];
  /** Mask value of each ring, 0 where the file has none. */
  readonly labels: readonly number[];
  /** Rings that are no polygon, and why. */
  readonly invalid: ReadonlyMap<number, string>;
}

/** One coordinate of many vertices. */
export type Coordinates = Float32Array | Float64Array;

/** Cuts a stream of vertices into closed rings. */
export class RingCollector {
  readonly #hasLabels: boolean;
  #xy: Float64Array;
  #end = 0;
  #starts = [0];
  #runs: number[] = [];
  #labels: number[] = [];
  #invalid = new Map<number, string>();
  #run = -1;
  #label = 0;

  /** Rows that were left out because they name no cell. */
  rowsWithoutCell = 0;

  /**
   * @param vertices Expected number of vertices.
   * @param hasLabels Whether a ring is the rows of one label; if not, it ends where it closes.
   */
  constructor(vertices: number, hasLabels: boolean) {
    this.#xy = new Float64Array(2 * vertices + 2);
    this.#hasLabels = hasLabels;
  }

  /**
   * Adds rows.
   *
   * @param starts 1 where a run of one cell starts, 2 for a row without cell.
   * @param labels Label of each row.
   */
  add(starts: Uint8Array, xs: Coordinates, ys: Coordinates, labels: Uint32Array): void {
    for (let i = 0; i < starts.length; i++) {
      if (starts[i] === 2) {
        this.rowsWithoutCell++;
        continue;
      }
      if (starts[i] === 1 || labels[i] !== this.#label) {
        this.#endRing();
        this.#run += starts[i];
        this.#label = labels[i];
      }
      this.#push(xs[i], ys[i]);
      if (!this.#hasLabels && this.#isClosed()) this.#endRing();
    }
  }

  /**
   * The rings.
   *
   * @param cellOfRun Cell of each run, in the order of the file.
   */
  finish(cellOfRun: Int32Array): CollectedRings {
    this.#endRing();
    return {
      xy: this.#xy,
      starts: this.#starts,
      cells: this.#runs.map((run) => cellOfRun[run]),
      labels: this.#labels,
      invalid: this.#invalid,
    };
  }

  get #start(): number {
    return this.#starts[this.#starts.length - 1];
  }

  #push(x: number, y: number): void {
    if (2 * this.#end === this.#xy.length) {
      const larger = new Float64Array(Math.ceil(this.#xy.length * 1.25) & ~1);
      larger.set(this.#xy);
      this.#xy = larger;
    }
    this.#xy[2 * this.#end] = x;
    this.#xy[2 * this.#end + 1] = y;
    this.#end++;
  }

  /** Whether the last vertex repeats the first and others lie between. */
  #isClosed(): boolean {
    const xy = this.#xy, a = 2 * this.#start, b = 2 * this.#end - 2;
    return b > a + 4 && xy[a] === xy[b] && xy[a + 1] === xy[b + 1];
  }

  #endRing(): void {
    const start = this.#start;
    if (this.#end === start) return;
    const reason = ringFault(this.#xy, start, this.#end);
    if (reason !== undefined) this.#invalid.set(this.#runs.length, reason);
    else if (!this.#isClosed()) this.#push(this.#xy[2 * start], this.#xy[2 * start + 1]);
    this.#starts.push(this.#end);
    this.#runs.push(this.#run);
    this.#labels.push(this.#label);
  }
}

function ringFault(xy: Float64Array, start: number, end: number): string | undefined {
  const ax = xy[2 * start], ay = xy[2 * start + 1];
  let bx = ax, by = ay, distinct = 1;
  for (let i = start; i < end; i++) {
    const x = xy[2 * i], y = xy[2 * i + 1];
    if (!Number.isFinite(x) || !Number.isFinite(y)) return "a vertex that is not a number";
    if (x === ax && y === ay) continue;
    if (distinct === 1) {
      bx = x;
      by = y;
      distinct = 2;
    } else if (x !== bx || y !== by) distinct = 3;
  }
  if (distinct === 3) return undefined;
  return `${distinct} distinct ${distinct === 1 ? "vertex" : "vertices"}`;
}
