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

/** Erodes and dilates masks of one size; buffers are reused. */
export class BinaryMorphology {
  readonly #size: RasterSize;
  /** The mask spread along rows, by how far; under -1 that of all rows of the element. */
  readonly #buffers = new Map<number, Uint8Array>();
  /** Which of them are those of the present mask. */
  readonly #known = new Set<number>();
  readonly #eroded: Uint8Array;

  /** @param size Of all masks. */
  constructor(size: RasterSize) {
    this.#size = size;
    this.#eroded = new Uint8Array(size.width * size.height);
  }

  /** Keeps pixels whose whole neighbourhood is inside; what lies beyond the border counts as inside. */
  erode(mask: Uint8Array, element: Element, into: Uint8Array): void {
    this.#spread(mask, 0, element, into);
  }

  /** Adds pixels with any neighbour inside. */
  dilate(mask: Uint8Array, element: Element, into: Uint8Array): void {
    this.#spread(mask, 1, element, into);
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
    this.erode(mask, element, this.#eroded);
    this.dilate(this.#eroded, element, into);
  }

  /** Gives a value to all pixels that the element, laid on a pixel with it, covers. */
  #spread(mask: Uint8Array, value: 0 | 1, element: Element, into: Uint8Array): void {
    requirePixels("Cannot open a mask", this.#size, mask, into);
    const { width } = this.#size;
    const reach = (element.length - 1) / 2;
    const sum = this.#buffer(-1);
    sum.fill(1 - value);
    for (const [row, half] of element.entries()) {
      const shift = (row - reach) * width;
      const spread = this.#spreadInRows(mask, value, half);
      if (width % 4 === 0) mergeWords(words(sum), words(spread), shift / 4, value);
      else mergeBytes(sum, spread, shift, value);
    }
    into.set(sum);
    this.#known.clear();
  }

  #spreadInRows(mask: Uint8Array, value: 0 | 1, half: number): Uint8Array {
    const { width } = this.#size;
    const into = this.#buffer(half);
    if (this.#known.has(half)) return into;
    this.#known.add(half);
    if (half === 0) into.set(mask);
    else {
      into.fill(1 - value);
      for (let from = mask.indexOf(value); from >= 0;) {
        const rowStart = from - from % width, rowEnd = rowStart + width;
        let end = from + 1;
        while (end < rowEnd && mask[end] === value) end++;
        into.fill(value, Math.max(rowStart, from - half), Math.min(rowEnd, end + half));
        from = mask.indexOf(value, end);
      }
    }
    return into;
  }

  #buffer(half: number): Uint8Array {
    const buffer = this.#buffers.get(half) ?? new Uint8Array(this.#eroded.length);
    this.#buffers.set(half, buffer);
    return buffer;
  }
}

/** Joins masks, one of them shifted: both must be 1, or either. */
function mergeBytes(sum: Uint8Array, mask: Uint8Array, shift: number, value: 0 | 1): void {
  const first = Math.max(0, -shift), end = Math.min(sum.length, sum.length - shift);
  if (value === 1) { for (let p = first; p < end; p++) sum[p] |= mask[p + shift]; }
  else for (let p = first; p < end; p++) sum[p] &= mask[p + shift];
}

/** The same with four pixels at a time; apart, so that each loop has arrays of one kind. */
function mergeWords(sum: Int32Array, mask: Int32Array, shift: number, value: 0 | 1): void {
  const first = Math.max(0, -shift), end = Math.min(sum.length, sum.length - shift);
  if (value === 1) { for (let p = first; p < end; p++) sum[p] |= mask[p + shift]; }
  else for (let p = first; p < end; p++) sum[p] &= mask[p + shift];
}

function words(mask: Uint8Array): Int32Array {
  return new Int32Array(mask.buffer, 0, mask.length / 4);
}
