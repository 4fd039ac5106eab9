import type { Rasteriser } from "./rasterise.ts";

/** One layer of a patch: which shape each pixel shows; a later shape covers earlier ones. */
export class MaskLayer {
  /** Number of the shape that is visible in each pixel, 0 for none. */
  readonly numbers: Int32Array;
  /** Cell of the shape that is visible in each pixel, 0 for none. */
  readonly ids: Int32Array;
  /** Visible pixels of each shape, by its number. */
  readonly visible: number[] = [0];
  /** Pixels that show a shape. */
  coveredPixels = 0;
  readonly #width: number;
  /** Runs that were painted, `firstPixel, endPixel` each: what is to be emptied. */
  #painted = new Int32Array(1024);
  #paintedCount = 0;

  /** @param width Side of the patch, px. */
  constructor(width: number) {
    this.#width = width;
    this.numbers = new Int32Array(width * width);
    this.ids = new Int32Array(width * width);
  }

  /** Empties the layer. */
  clear(): void {
    const { numbers, ids } = this;
    for (let k = 0; k < 2 * this.#paintedCount; k += 2) {
      const end = this.#painted[k + 1];
      for (let pixel = this.#painted[k]; pixel < end; pixel++) numbers[pixel] = ids[pixel] = 0;
    }
    this.#paintedCount = 0;
    this.visible.length = 1;
    this.coveredPixels = 0;
  }

  /** Draws the pixels that `raster` found. */
  paint({ spans, spanCount }: Rasteriser, number: number, id: number): void {
    const { numbers, ids, visible } = this;
    while (visible.length <= number) visible.push(0);
    this.#makeRoom(spanCount);
    let drawn = 0, fresh = 0;
    for (let k = 0; k < 3 * spanCount; k += 3) {
      const row = spans[k] * this.#width, end = row + spans[k + 2];
      this.#painted[2 * this.#paintedCount] = row + spans[k + 1];
      this.#painted[2 * this.#paintedCount++ + 1] = end;
      for (let pixel = row + spans[k + 1]; pixel < end; pixel++) {
        const before = numbers[pixel];
        if (before === 0) fresh++;
        else visible[before]--;
        numbers[pixel] = number;
        ids[pixel] = id;
      }
      drawn += spans[k + 2] - spans[k + 1];
    }
    visible[number] += drawn;
    this.coveredPixels += fresh;
  }

  #makeRoom(runs: number): void {
    const needed = 2 * (this.#paintedCount + runs);
    if (needed <= this.#painted.length) return;
    const grown = new Int32Array(2 * needed);
    grown.set(this.#painted);
    this.#painted = grown;
  }

  /**
   * Gives shapes other numbers.
   *
   * @param numberOf New number of each; 0 takes it out.
   */
  renumber(numberOf: ArrayLike<number>): void {
    const { numbers, ids } = this;
    this.coveredPixels = 0;
    for (let pixel = 0; pixel < numbers.length; pixel++) {
      if (numbers[pixel] === 0) continue;
      const number = numberOf[numbers[pixel]];
      numbers[pixel] = number;
      if (number === 0) ids[pixel] = 0;
      else this.coveredPixels++;
    }
  }
}
