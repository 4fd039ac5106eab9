import type { DetectionMetrics, Metric, TissueMetrics } from "@/formats/cellvit/mod.ts";
import { addDetections, type DetectionCounts, noDetections } from "./detection.ts";
import { detectionScores, typeDetectionScores } from "./detection_scores.ts";
import type { PatchEvaluation } from "./evaluate_patch.ts";

/** A patch of a data set. */
export interface EvaluatedPatch {
  readonly evaluation: PatchEvaluation;
  /** Where it comes from, as `Heart`. */
  readonly tissue?: string;
}

/** Metrics of a data set, as `inference_results.json` has them. */
export interface EvaluationSummary {
  /** By the names that CellViT gives them. */
  readonly dataset: Readonly<Record<string, Metric>>;
  /** By tissue, in lower case. */
  readonly tissues: Readonly<Record<string, TissueMetrics>>;
  /** Panoptic quality by type, without background. */
  readonly pq: Readonly<Record<string, Metric>>;
  /** Detection quality by type, without background. */
  readonly dq: Readonly<Record<string, Metric>>;
  /** Segmentation quality by type, without background. */
  readonly sq: Readonly<Record<string, Metric>>;
  /** Detection by type, without background. */
  readonly detection: Readonly<Record<string, DetectionMetrics>>;
  /** Nuclei of all patches. */
  readonly counts: DetectionCounts;
}

/**
 * Puts the metrics of patches together: means of the patches that have a value; detection over all nuclei.
 *
 * @param types Names of the classes, background first.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { noDetections, summariseEvaluations } from "@/vision/metrics/mod.ts";
 *
 * const patch = (dice: number, jaccard: number | undefined) => ({
 *   evaluation: {
 *     dice,
 *     jaccard,
 *     binary: undefined,
 *     classes: [undefined, undefined],
 *     detection: noDetections(2),
 *   },
 *   tissue: "Heart",
 * });
 * const { dataset, tissues } = summariseEvaluations(
 *   [patch(0, undefined), patch(1, 1)],
 *   ["Background", "Neoplastic"],
 * );
 * assertEquals(dataset["Binary-Cell-Dice-Mean"], 0.5);
 * assertEquals(tissues.heart.jaccard, 1);
 * ```
 */
export function summariseEvaluations(
  patches: readonly EvaluatedPatch[],
  types: readonly string[],
): EvaluationSummary {
  const counts = noDetections(types.length);
  for (const { evaluation } of patches) addDetections(counts, evaluation.detection);
  const all = patches.map(({ evaluation }) => evaluation);
  const byTissue = new Map<string, PatchEvaluation[]>();
  for (const { evaluation, tissue } of patches) {
    if (tissue === undefined) continue;
    const name = tissue.toLowerCase();
    const others = byTissue.get(name);
    if (others === undefined) byTissue.set(name, [evaluation]);
    else others.push(evaluation);
  }
  const byType = <T>(value: (type: number) => T) =>
    Object.fromEntries(types.slice(1).map((name, i) => [name, value(i + 1)]));
  const quality = (part: "pq" | "dq" | "sq") =>
    byType((type) => meanOf(all, ({ classes }) => classes[type]?.[part]));
  return {
    dataset: datasetMetrics(all, counts),
    tissues: Object.fromEntries(
      [...byTissue].map(([name, evaluations]) => [name, tissueMetrics(evaluations)]),
    ),
    pq: quality("pq"),
    dq: quality("dq"),
    sq: quality("sq"),
    detection: byType((type) => typeDetectionScores(counts, type)),
    counts,
  };
}

function datasetMetrics(
  all: readonly PatchEvaluation[],
  counts: DetectionCounts,
): Record<string, Metric> {
  const { f1, precision, recall } = detectionScores(counts);
  const overClasses = (part: "pq" | "dq" | "sq") =>
    meanOf(all, ({ classes }) => meanOf(classes, (quality) => quality?.[part]));
  return {
    "Binary-Cell-Dice-Mean": meanOf(all, ({ dice }) => dice),
    "Binary-Cell-Jacard-Mean": meanOf(all, ({ jaccard }) => jaccard),
    bPQ: meanOf(all, ({ binary }) => binary?.pq),
    bDQ: meanOf(all, ({ binary }) => binary?.dq),
    bSQ: meanOf(all, ({ binary }) => binary?.sq),
    mPQ: overClasses("pq"),
    mDQ: overClasses("dq"),
    mSQ: overClasses("sq"),
    f1_detection: f1,
    precision_detection: precision,
    recall_detection: recall,
  };
}

function tissueMetrics(evaluations: readonly PatchEvaluation[]): TissueMetrics {
  return {
    dice: meanOf(evaluations, ({ dice }) => dice),
    jaccard: meanOf(evaluations, ({ jaccard }) => jaccard),
    mPQ: meanOf(evaluations, ({ classes }) => meanOf(classes, (quality) => quality?.pq)),
    bPQ: meanOf(evaluations, ({ binary }) => binary?.pq),
  };
}

/** The mean of the values that there are. */
function meanOf<T>(items: readonly T[], value: (item: T) => Metric): Metric {
  let sum = 0, count = 0;
  for (const item of items) {
    const number = value(item);
    if (number === undefined) continue;
    sum += number;
    count++;
  }
  return count === 0 ? undefined : sum / count;
}
