import { allocate, type NumericArray, type NumericDType } from "@/core/arrays.ts";
import type { TileBox } from "./level_grid.ts";

/** A way to make a pixel of the next level from a window of 2 x 2 pixels. */
export interface Halving {
  /** First row or column of the windows on an axis of this extent. */
  origin(extent: number): 0 | 1;
  /** How many pixels of a window count. */
  readonly pixelsPerWindow: number;
  /** Working memory for tiles of pixels of type `dtype`. */
  allocate(dtype: NumericDType, length: number): NumericArray;
  /**
   * Adds the pixels of a finer tile to the working memory of a coarser one.
   *
   * @param origin First row and column of the windows.
   * @returns How many pixels counted.
   */
  add(
    target: NumericArray,
    targetBox: TileBox,
    source: NumericArray,
    sourceBox: TileBox,
    origin: readonly [y: number, x: number],
  ): number;
  /** The pixels that the working memory stands for. */
  finish(target: NumericArray, dtype: NumericDType): NumericArray;
}

/**
 * The mean of the window, cut to a whole number for integers. An odd extent loses its first row or
 * column: both rules are those of `Image2DModel.parse(scale_factors=...)` in spatialdata (xarray's
 * `coarsen(boundary="trim", side="right").mean()`), so that pixels are equal to its own.
 */
export const meanHalving: Halving = {
  origin: (extent) => (extent & 1) as 0 | 1,
  pixelsPerWindow: 4,
  allocate: (dtype, length) => {
    if (dtype === "uint8") return new Uint16Array(length);
    return dtype === "uint16" ? new Uint32Array(length) : new Float64Array(length);
  },
  add: addSums,
  finish: (sums, dtype) => {
    const means = allocate(dtype, sums.length);
    for (let i = 0; i < sums.length; i++) means[i] = (sums as Uint32Array)[i] * 0.25;
    return means;
  },
};

/** The last pixel of the window: labels must not mix. spatialdata takes the same one. */
export const nearestHalving: Halving = {
  origin: () => 0,
  pixelsPerWindow: 1,
  allocate,
  add: copyLast,
  finish: (target) => target,
};

/** The rows (or columns) of windows that lie in both boxes: `[first, end)` in the finer level. */
function overlap(axis: 1 | 2, target: TileBox, source: TileBox, origin: number): [number, number] {
  const first = origin + 2 * target.start[axis];
  const end = first + 2 * target.extent[axis];
  return [
    Math.max(first, source.start[axis]),
    Math.min(end, source.start[axis] + source.extent[axis]),
  ];
}

function addSums(
  target: NumericArray,
  targetBox: TileBox,
  source: NumericArray,
  sourceBox: TileBox,
  [originY, originX]: readonly [number, number],
): number {
  const sums = target as Uint32Array;
  const pixels = source as Uint32Array;
  const [y0, y1] = overlap(1, targetBox, sourceBox, originY);
  const [x0, x1] = overlap(2, targetBox, sourceBox, originX);
  if (y0 >= y1 || x0 >= x1) return 0;
  const [channels, height, width] = sourceBox.extent;
  const [, targetHeight, targetWidth] = targetBox.extent;
  const firstPair = x0 + ((x0 - originX) & 1);
  const endPair = firstPair + 2 * ((x1 - firstPair) >> 1);
  for (let c = 0; c < channels; c++) {
    for (let y = y0; y < y1; y++) {
      const from = (c * height + y - sourceBox.start[1]) * width - sourceBox.start[2];
      const row = ((y - originY) >> 1) - targetBox.start[1];
      const to = (c * targetHeight + row) * targetWidth - targetBox.start[2];
      if (firstPair > x0) sums[to + ((x0 - originX) >> 1)] += pixels[from + x0];
      let t = to + ((firstPair - originX) >> 1);
      for (let x = from + firstPair, end = from + endPair; x < end; x += 2) {
        sums[t++] += pixels[x] + pixels[x + 1];
      }
      if (endPair < x1) sums[t] += pixels[from + endPair];
    }
  }
  return channels * (y1 - y0) * (x1 - x0);
}

function copyLast(
  target: NumericArray,
  targetBox: TileBox,
  source: NumericArray,
  sourceBox: TileBox,
  [originY, originX]: readonly [number, number],
): number {
  const [y0, y1] = overlap(1, targetBox, sourceBox, originY);
  const [x0, x1] = overlap(2, targetBox, sourceBox, originX);
  const [channels, height, width] = sourceBox.extent;
  const [, targetHeight, targetWidth] = targetBox.extent;
  let count = 0;
  for (let c = 0; c < channels; c++) {
    for (let y = y0 | 1; y < y1; y += 2) {
      const from = (c * height + y - sourceBox.start[1]) * width - sourceBox.start[2];
      const to = (c * targetHeight + (y >> 1) - targetBox.start[1]) * targetWidth -
        targetBox.start[2];
      for (let x = x0 | 1; x < x1; x += 2, count++) target[to + (x >> 1)] = source[from + x];
    }
  }
  return count;
}
