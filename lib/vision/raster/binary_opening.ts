import { type RasterSize, requirePixels } from "./raster_size.ts";

/**
 * A structuring element that is symmetric: for each of its rows, from the top, how many pixels it reaches
 * to the left and to the right of its middle column. Their number is odd.
 */
export type Element = readonly number[];

/** The 5 x 5 ellipse of OpenCV: a 5 x 3 block and one pixel above and below. */
export const ELLIPSE_5: Element = [0, 2, 2, 2, 0];

/**
 * A disk: pixels at most `radius` from the middle one.
 *
 * @param radius Px, a whole number.
 */
export function disk(radius: number): Element {
  return Array.from({ length: 2 * radius + 1 }, (_, i) => {
    return Math.floor(Math.sqrt(radius ** 2 - (i - radius) ** 2));
  });
}

/** Erodes and dilates masks of one size, 32 pixels of a row at a time; buffers are reused. */
export class BinaryMorphology {
  readonly #size: RasterSize;
  readonly #rowWords: number;
  /** The bits of a row's last word that are pixels. */
  readonly #lastBits: number;
  /** The pixels to spread as bits, and these spread along rows by 1, 2, … px. */
  readonly #spread: Int32Array[] = [];
  readonly #sum: Int32Array;

  /** @param size Of all masks. */
  constructor(size: RasterSize) {
    this.#size = size;
    this.#rowWords = Math.ceil(size.width / 32);
    this.#lastBits = size.width % 32 === 0 ? -1 : (1 << size.width % 32) - 1;
    this.#sum = new Int32Array(this.#rowWords * size.height);
  }

  /** Keeps pixels whose whole neighbourhood is inside; what lies beyond the border counts as inside. */
  erode(mask: Uint8Array, element: Element, into: Uint8Array): void {
    requirePixels("Cannot erode a mask", this.#size, mask, into);
    this.#pack(mask, 0);
    this.#spreadBits(element);
    this.#unpack(into, 0);
  }

  /** Adds pixels with any neighbour inside. */
  dilate(mask: Uint8Array, element: Element, into: Uint8Array): void {
    requirePixels("Cannot dilate a mask", this.#size, mask, into);
    this.#pack(mask, 1);
    this.#spreadBits(element);
    this.#unpack(into, 1);
  }

  /**
   * Removes what the element does not fit into, as `cv2.morphologyEx(mask, MORPH_OPEN, element)`.
   *
   * @param mask 0 or 1, (height, width).
   * @param into Gets the opened mask; may be `mask`.
   *
   * @example
   * ```ts
   * import { assertEquals } from "@std/assert";
   * import { BinaryMorphology, disk } from "@/vision/raster/mod.ts";
   *
   * const mask = Uint8Array.of(0, 1, 0, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 0, 0);
   * new BinaryMorphology({ width: 5, height: 3 }).open(mask, disk(1), mask);
   * assertEquals([...mask], [0, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 0, 0, 0]);
   * ```
   */
  open(mask: Uint8Array, element: Element, into: Uint8Array): void {
    requirePixels("Cannot open a mask", this.#size, mask, into);
    this.#pack(mask, 0);
    this.#spreadBits(element);
    const kept = this.#buffer(0), outside = this.#sum;
    for (let i = 0; i < kept.length; i++) kept[i] = ~outside[i];
    this.#cutRows(kept);
    this.#spreadBits(element);
    this.#unpack(into, 1);
  }

  /** Sets the bits of pixels with a value. */
  #pack(mask: Uint8Array, value: 0 | 1): void {
    const { width, height } = this.#size;
    const bits = this.#buffer(0), flip = 1 - value;
    for (let y = 0, p = 0, i = 0; y < height; y++) {
      const rowEnd = p + width;
      while (p < rowEnd) {
        const end = p + 32 < rowEnd ? p + 32 : rowEnd;
        let word = 0;
        for (let bit = 0; p < end; p++, bit++) word |= (mask[p] ^ flip) << bit;
        bits[i++] = word;
      }
    }
  }

  /** Gives a value to the pixels of bits that are set in the sum, and the other one to the rest. */
  #unpack(mask: Uint8Array, value: 0 | 1): void {
    const { width, height } = this.#size;
    const bits = this.#sum, flip = 1 - value;
    for (let y = 0, p = 0, i = 0; y < height; y++) {
      const rowEnd = p + width;
      while (p < rowEnd) {
        const end = p + 32 < rowEnd ? p + 32 : rowEnd;
        for (let word = bits[i++]; p < end; p++, word >>>= 1) mask[p] = (word & 1) ^ flip;
      }
    }
  }

  /** The sum: all bits that the element, laid on a bit that is set, covers. */
  #spreadBits(element: Element): void {
    const reach = (element.length - 1) / 2, sum = this.#sum;
    for (let px = 1; px <= Math.max(...element); px++) this.#spreadOn(px);
    sum.fill(0);
    for (const [row, half] of element.entries()) {
      const bits = this.#buffer(half), shift = (row - reach) * this.#rowWords;
      const first = Math.max(0, -shift), end = Math.min(sum.length, sum.length - shift);
      for (let i = first; i < end; i++) sum[i] |= bits[i + shift];
    }
  }

  /** Spreads what is spread by a pixel less to both sides. */
  #spreadOn(px: number): void {
    const from = this.#buffer(px - 1), into = this.#buffer(px), rowWords = this.#rowWords;
    for (let i = 0; i < from.length; i++) {
      const column = i % rowWords, word = from[i];
      const left = column > 0 ? from[i - 1] : 0, right = column + 1 < rowWords ? from[i + 1] : 0;
      into[i] = word | word << 1 | word >>> 1 | left >>> 31 | right << 31;
    }
    this.#cutRows(into);
  }

  /** Clears the bits beyond the end of rows. */
  #cutRows(bits: Int32Array): void {
    for (let i = this.#rowWords - 1; i < bits.length; i += this.#rowWords) {
      bits[i] &= this.#lastBits;
    }
  }

  #buffer(px: number): Int32Array {
    return this.#spread[px] ??= new Int32Array(this.#sum.length);
  }
}
