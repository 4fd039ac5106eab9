import type { RasterSize } from "./raster_size.ts";

/** Which pixels touch: those that share an edge (4), or a corner too (8). */
export type Connectivity = 4 | 8;

/**
 * Runs of pixels side by side in a row that belong together, in the order of a map's pixels, and which
 * of them make up a part of the map. There are far fewer of them than pixels.
 */
export class Runs {
  /** How many there are. */
  count = 0;
  /** First pixel of each; the arrays may be longer than there are runs. */
  first = new Int32Array(1024);
  /** The pixel after the last one of each. */
  end = new Int32Array(1024);
  /** Number of each one's part, once they are joined. */
  part = new Int32Array(1024);
  readonly #size: RasterSize;
  /** Index of the first run of each row, and their number. */
  readonly #rows: Int32Array;

  private constructor(size: RasterSize) {
    this.#size = size;
    this.#rows = new Int32Array(size.height + 1);
  }

  /** Runs of a mask's pixels that are not 0. */
  static inside(mask: Uint8Array, size: RasterSize): Runs {
    const runs = new Runs(size);
    for (let y = 0, p = 0; y < size.height; y++) {
      const end = p + size.width;
      while (p < end) {
        while (p < end && mask[p] === 0) p++;
        if (p === end) break;
        const first = p++;
        while (p < end && mask[p] !== 0) p++;
        runs.#add(first, p);
      }
      runs.#rows[y + 1] = runs.count;
    }
    return runs;
  }

  /** Runs of one label each, without those of 0. */
  static ofLabels(labels: Int32Array, size: RasterSize): Runs {
    const runs = new Runs(size);
    for (let y = 0, p = 0; y < size.height; y++) {
      const end = p + size.width;
      while (p < end) {
        while (p < end && labels[p] === 0) p++;
        if (p === end) break;
        const first = p++, label = labels[first];
        while (p < end && labels[p] === label) p++;
        runs.#add(first, p);
      }
      runs.#rows[y + 1] = runs.count;
    }
    return runs;
  }

  /** Runs of the pixels that are in none of these. */
  outside(): Runs {
    const runs = new Runs(this.#size);
    const { width, height } = this.#size;
    for (let y = 0, p = 0; y < height; y++) {
      const rowEnd = p + width;
      for (let run = this.#rows[y]; run < this.#rows[y + 1]; run++) {
        if (p < this.first[run]) runs.#add(p, this.first[run]);
        p = this.end[run];
      }
      if (p < rowEnd) runs.#add(p, rowEnd);
      p = rowEnd;
      runs.#rows[y + 1] = runs.count;
    }
    return runs;
  }

  #add(first: number, end: number): void {
    const run = this.count++;
    if (run === this.first.length) {
      [this.first, this.end, this.part] = [longer(this.first), longer(this.end), longer(this.part)];
    }
    this.first[run] = first;
    this.end[run] = end;
    this.part[run] = run;
  }

  /**
   * Joins runs that touch into parts, numbered 1, 2, … in the order of their first pixels.
   *
   * @param labels Runs of different labels stay apart, if labels are given.
   * @returns How many parts there are.
   */
  join(connectivity: Connectivity, labels?: Int32Array): number {
    const { first, end, part } = this;
    const { width, height } = this.#size;
    const reach = connectivity === 8 ? 1 : 0;
    for (let y = 1; y < height; y++) {
      const rowStart = this.#rows[y], rowEnd = this.#rows[y + 1];
      let from = this.#rows[y - 1];
      for (let run = rowStart; run < rowEnd; run++) {
        const left = first[run] - width - reach, right = end[run] - width + reach;
        while (from < rowStart && end[from] <= left) from++;
        for (let above = from; above < rowStart && first[above] < right; above++) {
          if (labels === undefined || labels[first[above]] === labels[first[run]]) {
            joinTrees(part, above, run);
          }
        }
      }
    }
    return this.#numberParts();
  }

  /** Sets the part of runs to 0 whose part has too few pixels; the others keep theirs. */
  dropSmallParts(parts: number, minPixels: number): void {
    const { first, end, part } = this;
    const pixels = new Int32Array(parts + 1);
    for (let run = 0; run < this.count; run++) pixels[part[run]] += end[run] - first[run];
    for (let run = 0; run < this.count; run++) {
      if (pixels[part[run]] < minPixels) part[run] = 0;
    }
  }

  /** Gives each pixel the number of its part, 0 outside. */
  paint(into: Int32Array): void {
    const { first, end, part } = this;
    into.fill(0);
    for (let run = 0; run < this.count; run++) {
      const number = part[run], last = end[run];
      for (let p = first[run]; p < last; p++) into[p] = number;
    }
  }

  /** Gives 1 to the pixels of parts and 0 to all others. */
  paintMask(into: Uint8Array): void {
    into.fill(0);
    for (let run = 0; run < this.count; run++) {
      if (this.part[run] !== 0) into.fill(1, this.first[run], this.end[run]);
    }
  }

  /** Roots come before the others of their part, so that they have their numbers already. */
  #numberParts(): number {
    const { part } = this;
    let parts = 0;
    for (let run = 0; run < this.count; run++) {
      part[run] = part[run] === run ? ++parts : part[part[run]];
    }
    return parts;
  }
}

function longer(values: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const copy = new Int32Array(2 * values.length);
  copy.set(values);
  return copy;
}

function findRoot(parents: Int32Array, run: number): number {
  let r = run;
  while (parents[r] !== r) r = parents[r] = parents[parents[r]];
  return r;
}

/** The earlier root becomes that of both. */
function joinTrees(parents: Int32Array, a: number, b: number): void {
  const p = findRoot(parents, a), q = findRoot(parents, b);
  if (p < q) parents[q] = p;
  else parents[p] = q;
}
