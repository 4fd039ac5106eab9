import { type RasterSize, requirePixels } from "./raster_size.ts";

/** Floods maps of one size from markers; buffers are reused. */
export class Watershed {
  readonly #size: RasterSize;
  /** The heap: values of its pixels, and their places in the order of pushing. */
  readonly #values: Float64Array;
  readonly #turns: Int32Array;
  /** Pixel of each place. */
  readonly #pixels: Int32Array;
  #length = 0;
  #pushed = 0;

  /** @param size Of all maps. */
  constructor(size: RasterSize) {
    const pixels = size.width * size.height;
    this.#size = size;
    this.#values = new Float64Array(pixels);
    this.#turns = new Int32Array(pixels);
    this.#pixels = new Int32Array(pixels);
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
    this.#pushSeeds(values, mask, labels);
    while (this.#length > 0) {
      const p = this.#pop();
      const label = labels[p];
      const x = p % width;
      if (p >= width) this.#handOn(p - width, label, values, mask, labels);
      if (x > 0) this.#handOn(p - 1, label, values, mask, labels);
      if (x + 1 < width) this.#handOn(p + 1, label, values, mask, labels);
      if (p < width * (height - 1)) this.#handOn(p + width, label, values, mask, labels);
    }
  }

  /** Pixels of markers that have nobody to hand their label on to need not wait in the queue. */
  #pushSeeds(values: Float64Array, mask: Uint8Array, labels: Int32Array): void {
    const { width } = this.#size;
    const last = labels.length - width;
    this.#length = this.#pushed = 0;
    for (let p = 0; p < labels.length; p++) if (mask[p] === 0) labels[p] = 0;
    for (let p = 0, x = 0; p < labels.length; p++) {
      if (labels[p] !== 0) {
        const isAtEdge = (p >= width && labels[p - width] === 0 && mask[p - width] !== 0) ||
          (x > 0 && labels[p - 1] === 0 && mask[p - 1] !== 0) ||
          (x + 1 < width && labels[p + 1] === 0 && mask[p + 1] !== 0) ||
          (p < last && labels[p + width] === 0 && mask[p + width] !== 0);
        if (isAtEdge) this.#push(p, values[p]);
      }
      if (++x === width) x = 0;
    }
  }

  #handOn(
    p: number,
    label: number,
    values: Float64Array,
    mask: Uint8Array,
    labels: Int32Array,
  ): void {
    if (mask[p] === 0 || labels[p] !== 0) return;
    labels[p] = label;
    this.#push(p, values[p]);
  }

  /** Sifts up; what is pushed is the latest, so that it goes above larger values only. */
  #push(pixel: number, value: number): void {
    const values = this.#values, turns = this.#turns;
    const turn = this.#pushed++;
    this.#pixels[turn] = pixel;
    let at = this.#length++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!(value < values[parent])) break;
      values[at] = values[parent];
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
