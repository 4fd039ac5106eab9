import { type RasterSize, requirePixels } from "./raster_size.ts";

/** What is known of each region of a map of labels; index = label, 0 is unused. */
export interface Regions {
  /** Pixels; 0 for labels that do not occur. */
  readonly area: Int32Array;
  /** First row and column, and end of rows and columns: 4 a label. */
  readonly box: Int32Array;
  /** Sums of columns from the box's first one and of rows from the box's first one (m10, m01): 2 a label. */
  readonly firstMoments: Float64Array;
}

/**
 * Measures area, bounding box and first moments of all regions in two passes.
 *
 * @param labels 0 outside, (height, width).
 * @param maxLabel The largest label, found if it isn't given.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { measureRegions } from "@/vision/raster/mod.ts";
 *
 * const { area, box } = measureRegions(Int32Array.of(0, 2, 0, 2), { width: 2, height: 2 });
 * assertEquals([...area], [0, 0, 2]);
 * assertEquals([...box.subarray(8, 12)], [0, 1, 2, 2]);
 * ```
 */
export function measureRegions(
  labels: Int32Array,
  size: RasterSize,
  maxLabel = largestLabel(labels),
): Regions {
  requirePixels("Cannot measure regions", size, labels);
  const { width, height } = size;
  const area = new Int32Array(maxLabel + 1);
  const box = new Int32Array(4 * (maxLabel + 1));
  const firstMoments = new Float64Array(2 * (maxLabel + 1));
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++) {
      const label = labels[p];
      if (label === 0) continue;
      const at = 4 * label;
      if (area[label]++ === 0) {
        box[at] = y;
        box[at + 1] = x;
        box[at + 3] = x + 1;
      } else if (x < box[at + 1]) box[at + 1] = x;
      else if (x >= box[at + 3]) box[at + 3] = x + 1;
      box[at + 2] = y + 1;
      firstMoments[2 * label] += x;
      firstMoments[2 * label + 1] += y;
    }
  }
  for (let label = 1; label <= maxLabel; label++) {
    firstMoments[2 * label] -= area[label] * box[4 * label + 1];
    firstMoments[2 * label + 1] -= area[label] * box[4 * label];
  }
  return { area, box, firstMoments };
}

/** The largest label of a map. */
export function largestLabel(labels: Int32Array): number {
  let max = 0;
  for (let p = 0; p < labels.length; p++) if (labels[p] > max) max = labels[p];
  return max;
}
