import { type RasterSize, requirePixels } from "./raster_size.ts";
import { Runs } from "./runs.ts";

/** How many levels the range of values is cut into. */
const LEVELS = 4096;
/** What pixels hold meanwhile that no label may grow over. */
const OUTSIDE = -1;

/**
 * Floods maps of one size from markers; buffers are reused. Pixels wait in a list of their level, in no
 * order, until the flood has come to it; only those of its level and below are in the heap.
 */
export class Watershed {
  readonly #size: RasterSize;
  /** The heap: values of its pixels, and their places in the order of pushing. */
  readonly #values: Float64Array;
  readonly #turns: Int32Array;
  #length = 0;
  /** Pixel of each place, and the next place in the list of its level, or -1. */
  readonly #pixels: Int32Array;
  readonly #next: Int32Array;
  #pushed = 0;
  /** The first place in the list of each level, or -1. */
  readonly #lists = new Int32Array(LEVELS);
  #level = 0;
  #lowest = 0;
  #levelsPerUnit = 0;

  /** @param size Of all maps. */
  constructor(size: RasterSize) {
    const pixels = size.width * size.height;
    this.#size = size;
    this.#values = new Float64Array(pixels);
    this.#turns = new Int32Array(pixels);
    this.#pixels = new Int32Array(pixels);
    this.#next = new Int32Array(pixels);
  }

  /**
   * Lets labels grow over a mask, lowest values first, earlier pixels before later ones; a pixel has
   * its label as soon as a neighbour that shares an edge hands it on (neighbours in the order up, left,
   * right, down). The same as `skimage.segmentation.watershed` up to 0.24 where no two pixels of markers
   * have equal values; those go by rows here, and as scikit-image's heap happens to hold them there.
   *
   * @param values (height, width).
   * @param mask 0 where no label may be.
   * @param labels The markers, 0 elsewhere; grows in place. Markers outside the mask are removed.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { Watershed } from "@/vision/raster/mod.ts";
   *
   * const labels = Int32Array.of(1, 0, 0, 0, 2);
   * new Watershed({ width: 5, height: 1 })
   *   .flood(Float64Array.of(0, 1, 2, 1, 0), new Uint8Array(5).fill(1), labels);
   * assertEquals([...labels], [1, 1, 1, 2, 2]);
   * ```
   */
  flood(values: Float64Array, mask: Uint8Array, labels: Int32Array): void {
    requirePixels("Cannot flood a map", this.#size, values, mask, labels);
    const { width, height } = this.#size;
    const runs = Runs.inside(mask, this.#size);
    fillOutside(labels, runs, OUTSIDE);
    this.#setLevels(values, runs);
    this.#pushSeeds(values, runs, labels);
    while (this.#length > 0 || this.#rise(values)) {
      const p = this.#pop();
      const label = labels[p];
      const x = p % width;
      if (p >= width) this.#handOn(p - width, label, values, labels);
      if (x > 0) this.#handOn(p - 1, label, values, labels);
      if (x + 1 < width) this.#handOn(p + 1, label, values, labels);
      if (p < width * (height - 1)) this.#handOn(p + width, label, values, labels);
    }
    fillOutside(labels, runs, 0);
  }

  #setLevels(values: Float64Array, { count, first, end }: Runs): void {
    let lowest = Infinity, highest = -Infinity;
    for (let run = 0; run < count; run++) {
      for (let p = first[run], runEnd = end[run]; p < runEnd; p++) {
        const value = values[p];
        if (value < lowest) lowest = value;
        if (value > highest) highest = value;
      }
    }
    const range = highest - lowest;
    this.#lowest = lowest;
    this.#levelsPerUnit = range > 0 && range < Infinity ? (LEVELS - 1) / range : 0;
    this.#lists.fill(-1);
    this.#level = -1;
    this.#length = this.#pushed = 0;
  }

  /** Goes to the next level that has pixels, and puts them into the heap. */
  #rise(values: Float64Array): boolean {
    while (++this.#level < LEVELS) {
      let turn = this.#lists[this.#level];
      if (turn < 0) continue;
      for (; turn >= 0; turn = this.#next[turn]) this.#insert(turn, values[this.#pixels[turn]]);
      return true;
    }
    return false;
  }

  /** Pixels of markers that have nobody to hand their label on to need not wait in the queue. */
  #pushSeeds(values: Float64Array, { count, first, end }: Runs, labels: Int32Array): void {
    const { width } = this.#size;
    const last = labels.length - width;
    for (let run = 0; run < count; run++) {
      const rowStart = first[run] - first[run] % width, rowEnd = rowStart + width;
      for (let p = first[run], runEnd = end[run]; p < runEnd; p++) {
        if (labels[p] === 0) continue;
        const isAtEdge = (p >= width && labels[p - width] === 0) ||
          (p > rowStart && labels[p - 1] === 0) || (p + 1 < rowEnd && labels[p + 1] === 0) ||
          (p < last && labels[p + width] === 0);
        if (isAtEdge) this.#push(p, values[p]);
      }
    }
  }

  #handOn(p: number, label: number, values: Float64Array, labels: Int32Array): void {
    if (labels[p] !== 0) return;
    labels[p] = label;
    this.#push(p, values[p]);
  }

  #push(pixel: number, value: number): void {
    const turn = this.#pushed++;
    this.#pixels[turn] = pixel;
    const level = ((value - this.#lowest) * this.#levelsPerUnit) | 0;
    if (level <= this.#level) {
      this.#insert(turn, value);
    } else {
      this.#next[turn] = this.#lists[level];
      this.#lists[level] = turn;
    }
  }

  /** Sifts up. */
  #insert(turn: number, value: number): void {
    const values = this.#values, turns = this.#turns;
    let at = this.#length++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const other = values[parent];
      if (!(value < other || (value === other && turn < turns[parent]))) break;
      values[at] = other;
      turns[at] = turns[parent];
      at = parent;
    }
    values[at] = value;
    turns[at] = turn;
  }

  /** Takes the lowest, of equal ones the earliest, and sifts the last one down in its place. */
  #pop(): number {
    const values = this.#values, turns = this.#turns;
    const pixel = this.#pixels[turns[0]];
    const length = --this.#length;
    const value = values[length], turn = turns[length];
    let at = 0;
    for (let child = 1; child < length; child = 2 * at + 1) {
      let lowest = values[child];
      if (child + 1 < length) {
        const other = values[child + 1];
        if (other < lowest || (other === lowest && turns[child + 1] < turns[child])) {
          lowest = other;
          child++;
        }
      }
      if (!(lowest < value || (lowest === value && turns[child] < turn))) break;
      values[at] = lowest;
      turns[at] = turns[child];
      at = child;
    }
    values[at] = value;
    turns[at] = turn;
    return pixel;
  }
}

function fillOutside(labels: Int32Array, { count, first, end }: Runs, label: number): void {
  for (let run = 0, from = 0; run <= count; run++) {
    labels.fill(label, from, run < count ? first[run] : labels.length);
    from = end[run];
  }
}
