import { registerMasks, type RegistrationReport } from "./register_masks.ts";

/** The image that patches are cut from. */
export interface SlideMasksSpec {
  /** Px of the image. */
  readonly width: number;
  readonly height: number;
  /** Of the image. */
  readonly umPerPixel: number;
  /** The most pixels that each of the two masks may have (default 80 million). */
  readonly maxPixels?: number;
}

/** Finer masks don't tell shifts any better. */
const MIN_UM_PER_PX = 0.4;
const MAX_PIXELS = 80e6;
/** A square of this many px fits into a byte. */
const MAX_SIDE = 15;
/** Pixels of a patch this near to its edge are taken where no other patch has them further within. */
const MARGIN_PX = 32;

/**
 * Nuclei of a whole slide, true and predicted, put together from patches at a coarser scale, to find by
 * how much they are shifted. Each pixel counts once, though patches overlap: the part of a patch that is
 * near its edge counts only until a patch has it further within. What no patch covers has no nuclei.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { Random } from "@/core/random.ts";
 * import { SlideMasks } from "@/vision/registration/mod.ts";
 *
 * const random = new Random(1), truth = new Int32Array(256 * 256), predicted = truth.slice();
 * for (let i = 0; i < 60; i++) {
 *   const p = (20 + random.integer(200)) * 256 + 20 + random.integer(200);
 *   for (let k = 0; k < 64; k++) {
 *     const q = p + (k >> 3) * 256 + k % 8;
 *     truth[q] = predicted[q + 10] = 1;
 *   }
 * }
 * const masks = new SlideMasks({ width: 256, height: 256, umPerPixel: 0.25 });
 * masks.add(0, 0, 256, truth, predicted);
 * assertAlmostEquals(masks.register(8).whole.best!.dxUm, 2.5, 0.2);
 * ```
 */
export class SlideMasks {
  /** Size of a pixel of the masks. */
  readonly umPerPx: number;
  /** Pixels of the image along the side of one of the masks. */
  readonly #side: number;
  readonly #width: number;
  readonly #height: number;
  readonly #truth: Uint8Array;
  readonly #predicted: Uint8Array;
  /** Whether a patch has a pixel well within. */
  readonly #isSettled: Uint8Array;

  constructor({ width, height, umPerPixel, maxPixels = MAX_PIXELS }: SlideMasksSpec) {
    const wanted = Math.max(MIN_UM_PER_PX / umPerPixel, Math.sqrt(width * height / maxPixels));
    this.#side = Math.min(MAX_SIDE, Math.max(1, Math.ceil(wanted)));
    this.umPerPx = umPerPixel * this.#side;
    this.#width = Math.floor(width / this.#side);
    this.#height = Math.floor(height / this.#side);
    const pixels = this.#width * this.#height;
    this.#truth = new Uint8Array(pixels);
    this.#predicted = new Uint8Array(pixels);
    this.#isSettled = new Uint8Array(pixels);
  }

  /**
   * Adds a patch.
   *
   * @param x0 Its left column in the image, px.
   * @param y0 Its top row, px.
   * @param patchWidth Its side, px.
   * @param truth Labels, 0 outside, (patchWidth, patchWidth).
   * @param predicted Labels, 0 outside, (patchWidth, patchWidth).
   */
  add(
    x0: number,
    y0: number,
    patchWidth: number,
    truth: Int32Array,
    predicted: Int32Array,
  ): void {
    const side = this.#side;
    const firstX = Math.ceil(x0 / side), firstY = Math.ceil(y0 / side);
    const endX = Math.min(this.#width, Math.floor((x0 + patchWidth) / side));
    const endY = Math.min(this.#height, Math.floor((y0 + patchWidth) / side));
    const margin = Math.min(MARGIN_PX, patchWidth >> 2);
    const isWithin = (place: number) => place >= margin && place + side <= patchWidth - margin;
    for (let y = firstY; y < endY; y++) {
      const top = y * side - y0, isRowWithin = isWithin(top);
      for (let x = firstX; x < endX; x++) {
        const left = x * side - x0, at = y * this.#width + x;
        const settles = isRowWithin && isWithin(left);
        if (this.#isSettled[at] === 1 && !settles) continue;
        if (settles) this.#isSettled[at] = 1;
        const from = top * patchWidth + left;
        this.#truth[at] = countInside(truth, from, patchWidth, side);
        this.#predicted[at] = countInside(predicted, from, patchWidth, side);
      }
    }
  }

  /**
   * Finds the shift of the predicted nuclei against the true ones, on the slide and in its quarters.
   *
   * @param maxShiftUm The largest that is looked for, along each axis.
   */
  register(maxShiftUm: number): RegistrationReport {
    const size = { width: this.#width, height: this.#height, umPerPx: this.umPerPx };
    return registerMasks(
      { ...size, data: this.#truth },
      { ...size, data: this.#predicted },
      maxShiftUm,
    );
  }
}

/** Pixels of a square that have a label. */
function countInside(labels: Int32Array, from: number, stride: number, side: number): number {
  let count = 0;
  for (let row = 0; row < side; row++) {
    for (let p = from + row * stride; p < from + row * stride + side; p++) {
      if (labels[p] !== 0) count++;
    }
  }
  return count;
}
