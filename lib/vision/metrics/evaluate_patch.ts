import type { NucleusRecord } from "@/vision/hover/mod.ts";
import { type BinaryOverlap, binaryOverlap } from "./binary_overlap.ts";
import { type DetectionCounts, pairNuclei } from "./detection.ts";
import { overlapTable } from "./overlap_table.ts";
import { binaryQuality, classQuality, type PanopticQuality } from "./panoptic_quality.ts";

/** Nuclei of a patch as they are. */
export interface TrueNuclei {
  /** Labels, 0 outside, (height, width). */
  readonly labels: Int32Array;
  /** Class of each pixel, 0 outside, (height, width). */
  readonly types: Uint8Array;
  /** The nuclei of the map. */
  readonly records: readonly NucleusRecord[];
}

/** Nuclei of a patch as they were predicted. */
export interface PredictedNuclei {
  /** 1 where the network sees a nucleus, (height, width). */
  readonly binary: Uint8Array;
  /** Labels, 0 outside, (height, width). */
  readonly labels: Int32Array;
  /** The nuclei of the map. */
  readonly records: readonly NucleusRecord[];
}

/** How well the nuclei of a patch are found. */
export interface PatchEvaluation extends BinaryOverlap {
  /** Panoptic quality of nuclei of any class; `undefined` where truth has one value only. */
  readonly binary: PanopticQuality | undefined;
  /** Panoptic quality by class, background first; `undefined` for classes that truth does not have. */
  readonly classes: readonly (PanopticQuality | undefined)[];
  /** Nuclei paired by their centroids. */
  readonly detection: DetectionCounts;
}

/**
 * Compares the nuclei of a patch, by the formulas of CellViT: predicted nuclei of type background or
 * without a record don't count for panoptic quality.
 *
 * @param options.classes Classes there are, background included.
 * @param options.radius Farthest distance of the centroids of a pair, px: `PAIRING_RADIUS_PX`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nucleusRecords } from "@/vision/hover/mod.ts";
 * import { evaluatePatch } from "@/vision/metrics/mod.ts";
 *
 * const labels = Int32Array.of(1, 1, 0, 1, 1, 0);
 * const types = Uint8Array.of(2, 2, 0, 2, 2, 0);
 * const records = nucleusRecords(labels, types, { width: 3, height: 2 });
 * const binary = Uint8Array.of(1, 1, 1, 1, 1, 0);
 * const found = evaluatePatch(
 *   { labels, types, records },
 *   { binary, labels, records },
 *   { classes: 3, radius: 12 },
 * );
 * assertEquals(found.jaccard, 4 / 5);
 * assertEquals(found.classes.map((quality) => quality !== undefined), [false, false, true]);
 * ```
 */
export function evaluatePatch(
  truth: TrueNuclei,
  predicted: PredictedNuclei,
  { classes, radius }: { readonly classes: number; readonly radius: number },
): PatchEvaluation {
  const table = overlapTable(truth.labels, predicted.labels, truth.types, classes);
  const typeOf = new Map(predicted.records.map(({ label, type }) => [label, type]));
  const types = Array.from(table.predictedLabels, (label) => typeOf.get(label) ?? -1);
  return {
    ...binaryOverlap(truth.labels, predicted.binary),
    binary: binaryQuality(table, (index) => types[index] >= 1),
    classes: Array.from(
      { length: classes },
      (_, type) => classQuality(table, type, (index) => types[index] === type),
    ),
    detection: pairNuclei(truth.records, predicted.records, radius, classes),
  };
}
