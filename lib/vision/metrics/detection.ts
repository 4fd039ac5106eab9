import type { NucleusRecord } from "@/vision/hover/mod.ts";
import { optimalAssignment } from "./optimal_assignment.ts";

/** Where a nucleus is and what. */
export type DetectedNucleus = Pick<NucleusRecord, "centroid" | "type">;

/** The farthest that the centroids of a pair are apart, px, by magnification. */
export const PAIRING_RADIUS_PX: Readonly<Record<40 | 20, number>> = { 40: 12, 20: 6 };

/** An image without nuclei has this one. */
const FAKE_NUCLEUS: DetectedNucleus = { centroid: [0, 0], type: 0 };

/** Nuclei of truth and prediction, paired by their centroids. */
export interface DetectionCounts {
  /** Pairs by type, (type in truth, predicted type). */
  readonly pairs: Int32Array;
  /** Nuclei of truth without a pair, by type. */
  readonly missed: Int32Array;
  /** Predicted nuclei without a pair, by type. */
  readonly spurious: Int32Array;
}

/** Counts of nothing. */
export function noDetections(classes: number): DetectionCounts {
  return {
    pairs: new Int32Array(classes * classes),
    missed: new Int32Array(classes),
    spurious: new Int32Array(classes),
  };
}

/**
 * Pairs the nuclei of an image so that the sum of distances of **all** pairs is the least, and keeps
 * pairs within the radius, as CellViT does. A side without nuclei has a fake one of type 0 at (0, 0).
 *
 * @param radius px.
 * @param classes Types there are, background included.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { pairNuclei } from "@/vision/metrics/mod.ts";
 *
 * const truth = [{ centroid: [10, 10], type: 1 }, { centroid: [50, 50], type: 2 }] as const;
 * const predicted = [{ centroid: [12, 10], type: 2 }] as const;
 * const { pairs, missed } = pairNuclei(truth, predicted, 12, 3);
 * assertEquals([...pairs], [0, 0, 0, 0, 0, 1, 0, 0, 0]);
 * assertEquals([...missed], [0, 0, 1]);
 * ```
 */
export function pairNuclei(
  truth: readonly DetectedNucleus[],
  predicted: readonly DetectedNucleus[],
  radius: number,
  classes: number,
): DetectionCounts {
  const wanted = truth.length > 0 ? truth : [FAKE_NUCLEUS];
  const found = predicted.length > 0 ? predicted : [FAKE_NUCLEUS];
  const costs = new Float64Array(wanted.length * found.length);
  wanted.forEach(({ centroid: [x, y] }, i) => {
    found.forEach(({ centroid }, k) => {
      costs[i * found.length + k] = Math.sqrt((x - centroid[0]) ** 2 + (y - centroid[1]) ** 2);
    });
  });
  const columnOf = optimalAssignment(costs, wanted.length, found.length);
  const counts = noDetections(classes);
  const isPaired = new Uint8Array(found.length);
  wanted.forEach(({ type }, i) => {
    const k = columnOf[i];
    if (k < 0 || !(costs[i * found.length + k] <= radius)) counts.missed[type]++;
    else {
      counts.pairs[type * classes + found[k].type]++;
      isPaired[k] = 1;
    }
  });
  found.forEach(({ type }, k) => counts.spurious[type] += 1 - isPaired[k]);
  return counts;
}

/** Adds counts to others, in place. */
export function addDetections(sum: DetectionCounts, more: DetectionCounts): void {
  for (const part of ["pairs", "missed", "spurious"] as const) {
    more[part].forEach((count, i) => sum[part][i] += count);
  }
}
