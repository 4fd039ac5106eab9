import type { RasterSize } from "@/vision/raster/mod.ts";

/** A mask of a slide, as shares of pixels: down-sample it so that it has 80 million pixels at most. */
export interface SlideMask extends RasterSize {
  /** How much of each pixel is inside, on any scale from 0, (height, width). */
  readonly data: Float32Array | Uint8Array;
  /** Size of a pixel. */
  readonly umPerPx: number;
}

/** Both masks at a scale, in bytes; each has a unit of its own. */
export interface MaskLevel extends RasterSize {
  readonly truth: Uint8Array;
  readonly predicted: Uint8Array;
  readonly umPerPx: number;
}

/** A shift, in px of the coarsest level, that is within reach of trying all. */
const COARSE_PX = 8;
const MAX_BYTE = 255;

/**
 * Masks at their own scale, and halved until the largest shift is a few pixels or the masks are small.
 *
 * @param maxShiftPx The largest shift, in px of the masks.
 */
export function maskLevels(
  truth: SlideMask,
  predicted: SlideMask,
  maxShiftPx: number,
): MaskLevel[] {
  const { width, height, umPerPx } = truth;
  const first = { truth: bytesOf(truth.data), predicted: bytesOf(predicted.data) };
  const levels: MaskLevel[] = [{ ...first, width, height, umPerPx }];
  for (let reach = maxShiftPx; reach > COARSE_PX; reach /= 2) {
    const finer = levels[levels.length - 1];
    if (Math.min(finer.width, finer.height) < 4 * COARSE_PX) break;
    levels.push({
      truth: halve(finer.truth, finer),
      predicted: halve(finer.predicted, finer),
      ...{ width: finer.width >> 1, height: finer.height >> 1, umPerPx: 2 * finer.umPerPx },
    });
  }
  return levels;
}

function bytesOf(data: Float32Array | Uint8Array): Uint8Array {
  if (data instanceof Uint8Array) return data;
  const scale = MAX_BYTE / (maxOf(data) || 1);
  return Uint8Array.from(data, (value) => Math.round(value * scale));
}

/** Means of 2 x 2 pixels; small counts are spread over the range of a byte, so that halves are not lost. */
function halve(data: Uint8Array, { width, height }: RasterSize): Uint8Array {
  const [w, h] = [width >> 1, height >> 1];
  const scale = MAX_BYTE / (maxOf(data) || 1) / 4;
  const halved = new Uint8Array(w * h);
  for (let y = 0, p = 0; y < h; y++) {
    for (let x = 0, q = 2 * y * width; x < w; x++, p++, q += 2) {
      const sum = data[q] + data[q + 1] + data[q + width] + data[q + width + 1];
      halved[p] = sum * scale + 0.5;
    }
  }
  return halved;
}

function maxOf(data: Float32Array | Uint8Array): number {
  let max = 0;
  for (let p = 0; p < data.length; p++) if (data[p] > max) max = data[p];
  return max;
}
