/** Where the edges of rings cross the lines of rows; buffers are reused. */
export class RowCrossings {
  /** First crossing of each row, and the end of the last. */
  readonly starts: Int32Array;
  /** X of the crossings, ascending in each row. */
  x = new Float64Array(64);
  readonly #height: number;
  readonly #next: Int32Array;

  /** @param height How many rows there are. */
  constructor(height: number) {
    this.#height = height;
    this.starts = new Int32Array(height + 1);
    this.#next = new Int32Array(height);
  }

  /**
   * Finds the crossings of edges with the lines `y = row + shift`, for `min(y) <= line < max(y)`.
   *
   * @param xy Vertices of rings; a ring's last vertex is joined to its first.
   * @param ringEnds Where each ring ends, in vertices.
   */
  find(xy: Float64Array, ringEnds: readonly number[], shift: number): void {
    const { starts } = this;
    starts.fill(0);
    for (let r = 0, start = 0; r < ringEnds.length; start = ringEnds[r++]) {
      for (let k = start, before = ringEnds[r] - 1; k < ringEnds[r]; before = k++) {
        const end = this.#endRow(xy[2 * before + 1], xy[2 * k + 1], shift);
        for (let row = this.#firstRow(xy[2 * before + 1], xy[2 * k + 1], shift); row < end; row++) {
          starts[row + 1]++;
        }
      }
    }
    for (let row = 0; row < this.#height; row++) starts[row + 1] += starts[row];
    const total = starts[this.#height];
    if (total > this.x.length) this.x = new Float64Array(2 * total);
    if (total > 0) this.#fill(xy, ringEnds, shift);
  }

  #fill(xy: Float64Array, ringEnds: readonly number[], shift: number): void {
    const { starts, x } = this, next = this.#next;
    next.set(starts.subarray(0, this.#height));
    for (let r = 0, start = 0; r < ringEnds.length; start = ringEnds[r++]) {
      for (let k = start, before = ringEnds[r] - 1; k < ringEnds[r]; before = k++) {
        const ax = xy[2 * before], ay = xy[2 * before + 1];
        const bx = xy[2 * k], by = xy[2 * k + 1];
        const end = this.#endRow(ay, by, shift);
        for (let row = this.#firstRow(ay, by, shift); row < end; row++) {
          const line = row + shift;
          // From the lower end: an edge that two polygons share crosses at the same x in both.
          const crossing = ay < by
            ? ax + (line - ay) * (bx - ax) / (by - ay)
            : bx + (line - by) * (ax - bx) / (ay - by);
          let at = next[row]++;
          while (at > starts[row] && x[at - 1] > crossing) x[at] = x[--at];
          x[at] = crossing;
        }
      }
    }
  }

  #firstRow(ay: number, by: number, shift: number): number {
    return Math.max(0, Math.ceil((ay < by ? ay : by) - shift));
  }

  #endRow(ay: number, by: number, shift: number): number {
    return Math.min(this.#height, Math.ceil((ay < by ? by : ay) - shift));
  }
}
