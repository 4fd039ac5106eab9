import {
  contourStarts,
  largestLabelOf,
  measureRuns,
  type RasterSize,
  requirePixels,
  Runs,
  traceContour,
} from "@/vision/raster/mod.ts";
import { majorityOfRuns } from "./majority_types.ts";

/** One nucleus of an instance map. */
export interface NucleusRecord {
  /** Its label. */
  readonly label: number;
  /** First row and column, end of rows and columns, px. */
  readonly box: readonly [top: number, left: number, bottom: number, right: number];
  /** Mean of its pixels' columns and rows (indices: a pixel's middle is 0.5 further), px. */
  readonly centroid: readonly [x: number, y: number];
  /** Its outer border, points where it turns: `x0, y0, x1, y1, …`, pixel indices. */
  readonly contour: Int32Array;
  /** Its class: that of most of its pixels, background only if all are. */
  readonly type: number;
  /** Share of its pixels that are of the class. */
  readonly typeProbability: number;
}

/**
 * Lists the nuclei of an instance map in the order of their labels. Nuclei whose contour has fewer than
 * three points are left out, as CellViT does; they stay in the map.
 *
 * @param labels 0 outside, (height, width).
 * @param types Class of each pixel, 0 for background, (height, width).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nucleusRecords } from "@/vision/hover/mod.ts";
 *
 * const labels = Int32Array.of(5, 5, 0, 5, 5, 6);
 * const types = Uint8Array.of(0, 0, 0, 0, 2, 1);
 * const [{ label, centroid, type, contour }, ...others] =
 *   nucleusRecords(labels, types, { width: 3, height: 2 });
 * assertEquals({ label, centroid, type }, { label: 5, centroid: [0.5, 0.5], type: 2 });
 * assertEquals(contour.length, 8);
 * assertEquals(others, []);
 * ```
 */
export function nucleusRecords(
  labels: Int32Array,
  types: Uint8Array,
  size: RasterSize,
): NucleusRecord[] {
  requirePixels("Cannot list nuclei", size, labels, types);
  const runs = Runs.ofLabels(labels, size);
  const maxLabel = largestLabelOf(runs, labels);
  const { area, box, firstMoments } = measureRuns(runs, labels, size, maxLabel);
  const starts = contourStarts(runs, labels, maxLabel);
  const majority = majorityOfRuns(runs, labels, types, area);
  const records: NucleusRecord[] = [];
  for (let label = 1; label <= maxLabel; label++) {
    if (area[label] === 0) continue;
    const contour = traceContour(labels, size, starts[label]);
    if (contour.length < 6) continue;
    const [top, left, bottom, right] = box.subarray(4 * label, 4 * label + 4);
    records.push({
      label,
      box: [top, left, bottom, right],
      centroid: [
        firstMoments[2 * label] / area[label] + left,
        firstMoments[2 * label + 1] / area[label] + top,
      ],
      contour,
      type: majority.types[label],
      typeProbability: majority.pixels[label] / (area[label] + 1e-6),
    });
  }
  return records;
}
