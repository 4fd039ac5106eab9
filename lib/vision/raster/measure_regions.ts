import { type RasterSize, requirePixels } from "./raster_size.ts";
import { Runs } from "./runs.ts";

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
 * Measures area, bounding box and first moments of all regions.
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
  maxLabel?: number,
): Regions {
  requirePixels("Cannot measure regions", size, labels);
  const runs = Runs.ofLabels(labels, size);
  return measureRuns(runs, labels, size, maxLabel ?? largestLabelOf(runs, labels));
}

/** The same of a map whose runs of labels are known. */
export function measureRuns(
  { count, first, end }: Runs,
  labels: Int32Array,
  { width }: RasterSize,
  maxLabel: number,
): Regions {
  const area = new Int32Array(maxLabel + 1);
  const box = new Int32Array(4 * (maxLabel + 1));
  const firstMoments = new Float64Array(2 * (maxLabel + 1));
  for (let run = 0; run < count; run++) {
    const label = labels[first[run]];
    const left = first[run] % width, top = (first[run] - left) / width;
    const length = end[run] - first[run], right = left + length;
    const at = 4 * label;
    if (area[label] === 0) {
      box[at] = top;
      box[at + 1] = left;
      box[at + 3] = right;
    }
    if (left < box[at + 1]) box[at + 1] = left;
    if (right > box[at + 3]) box[at + 3] = right;
    box[at + 2] = top + 1;
    area[label] += length;
    firstMoments[2 * label] += length * (left + right - 1) / 2;
    firstMoments[2 * label + 1] += length * top;
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

/** The largest label of a map whose runs of labels are known. */
export function largestLabelOf({ count, first }: Runs, labels: Int32Array): number {
  let max = 0;
  for (let run = 0; run < count; run++) max = Math.max(max, labels[first[run]]);
  return max;
}
