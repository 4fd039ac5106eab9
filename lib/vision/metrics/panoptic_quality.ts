import { type OverlapTable, overlapTable } from "./overlap_table.ts";

/** Keeps quotients finite, as CellViT has it. */
const EPSILON = 1e-6;

/** How well instances are found: detection quality times segmentation quality (Kirillov et al. 2019). */
export interface PanopticQuality {
  /** Pairs that overlap by more than half of their union, relative to pairs and halves of the others. */
  readonly dq: number;
  /** Mean intersection over union of the pairs. */
  readonly sq: number;
  /** `dq * sq`. */
  readonly pq: number;
}

/**
 * Panoptic quality of one map of instances, by CellViT's formulas: a pair's intersection over union is
 * **above** 0.5.
 *
 * @param truth Labels, 0 outside, (height, width).
 * @param predicted Labels, 0 outside, (height, width).
 * @returns `undefined` where truth has one value only.
 *
 * @example
 * ```ts
 * import { assertAlmostEquals } from "@std/assert";
 * import { panopticQuality } from "@/vision/metrics/mod.ts";
 *
 * const quality = panopticQuality(Int32Array.of(1, 1, 1, 0, 2), Int32Array.of(7, 7, 0, 0, 0));
 * assertAlmostEquals(quality!.dq, 2 / 3, 1e-5);
 * assertAlmostEquals(quality!.sq, 2 / 3, 1e-5);
 * ```
 */
export function panopticQuality(
  truth: Int32Array,
  predicted: Int32Array,
): PanopticQuality | undefined {
  return binaryQuality(overlapTable(truth, predicted));
}

/**
 * Panoptic quality whatever the classes.
 *
 * @param isCounted Tells which predicted instances count, by index; all by default.
 */
export function binaryQuality(
  table: OverlapTable,
  isCounted: (index: number) => boolean = () => true,
): PanopticQuality | undefined {
  const { truthCount, predictedCount, classes, pixels } = table;
  const columns = predictedCount + 1;
  const sums = new Int32Array((truthCount + 1) * columns);
  for (let i = 0; i <= truthCount; i++) {
    for (let c = 0; c < classes; c++) {
      const row = (i * classes + c) * columns;
      for (let k = 0; k < columns; k++) sums[i * columns + k] += pixels[row + k];
    }
  }
  return qualityOf(sums, columns, isCounted);
}

/**
 * Panoptic quality of one class: the truth's pixels of that class, whatever else their instances have,
 * against predicted instances of that type.
 *
 * @param isOfClass Tells which predicted instances are of the class, by index.
 * @returns `undefined` where truth has none of the class.
 */
export function classQuality(
  table: OverlapTable,
  type: number,
  isOfClass: (index: number) => boolean,
): PanopticQuality | undefined {
  const { truthCount, predictedCount, classes, pixels } = table;
  const columns = predictedCount + 1;
  const ofClass = new Int32Array((truthCount + 1) * columns);
  for (let i = 0; i <= truthCount; i++) {
    for (let c = 0; c < classes; c++) {
      const row = (i * classes + c) * columns;
      const at = i > 0 && c === type ? i * columns : 0;
      for (let k = 0; k < columns; k++) ofClass[at + k] += pixels[row + k];
    }
  }
  return qualityOf(ofClass, columns, isOfClass);
}

/** @param pixels (instances of truth + 1, predicted instances + 1), 0 is the background. */
function qualityOf(
  pixels: Int32Array,
  columns: number,
  isCounted: (index: number) => boolean,
): PanopticQuality | undefined {
  const rows = pixels.length / columns;
  const areas = new Int32Array(columns);
  let present = 0, values = 0, pairs = 0, sum = 0;
  for (let p = 0; p < pixels.length; p++) areas[p % columns] += pixels[p];
  let predicted = 0;
  for (let k = 1; k < columns; k++) if (isCounted(k)) predicted++;
  for (let i = 0; i < rows; i++) {
    const row = pixels.subarray(i * columns, (i + 1) * columns);
    let area = 0;
    for (let k = 0; k < columns; k++) area += row[k];
    if (area === 0) continue;
    values++;
    if (i === 0) continue;
    present++;
    for (let k = 1; k < columns; k++) {
      if (row[k] === 0 || !isCounted(k)) continue;
      const overlap = row[k] / (area + areas[k] - row[k]);
      if (!(overlap > 0.5)) continue;
      pairs++;
      sum += overlap;
    }
  }
  if (values <= 1) return undefined;
  const dq = pairs / (pairs + 0.5 * (predicted - pairs) + 0.5 * (present - pairs) + EPSILON);
  const sq = sum / (pairs + EPSILON);
  return { dq, sq, pq: dq * sq };
}
