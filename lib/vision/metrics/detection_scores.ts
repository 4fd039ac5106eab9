import type { DetectionMetrics } from "@/formats/cellvit/mod.ts";
import type { DetectionCounts } from "./detection.ts";

/**
 * Precision, recall and F1 of finding nuclei, whatever their type; `undefined` where there are none.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { detectionScores } from "@/vision/metrics/mod.ts";
 *
 * const counts = {
 *   pairs: Int32Array.of(0, 0, 0, 3),
 *   missed: Int32Array.of(0, 1),
 *   spurious: Int32Array.of(0, 3),
 * };
 * assertEquals(detectionScores(counts), { precision: 0.5, recall: 0.75, f1: 0.6 });
 * ```
 */
export function detectionScores({ pairs, missed, spurious }: DetectionCounts): DetectionMetrics {
  const [hits, misses, extra] = [sum(pairs), sum(missed), sum(spurious)];
  return {
    precision: share(hits, hits + extra),
    recall: share(hits, hits + misses),
    f1: share(2 * hits, 2 * hits + misses + extra),
  };
}

/** The same of one type; pairs whose types differ count twice. */
export function typeDetectionScores(
  { pairs, missed, spurious }: DetectionCounts,
  type: number,
): DetectionMetrics {
  const classes = missed.length;
  const hits = pairs[type * classes + type];
  let called = 0, present = 0;
  for (let other = 0; other < classes; other++) {
    called += pairs[other * classes + type];
    present += pairs[type * classes + other];
  }
  const falsePairs = 2 * (called - hits), missedPairs = 2 * (present - hits);
  return {
    precision: share(hits, hits + falsePairs + spurious[type]),
    recall: share(hits, hits + missedPairs + missed[type]),
    f1: share(2 * hits, 2 * hits + falsePairs + missedPairs + spurious[type] + missed[type]),
  };
}

/** Shares of the predicted types among paired nuclei of each true type; `undefined` where there are none. */
export function typeConfusion({ pairs, missed }: DetectionCounts): (number | undefined)[][] {
  const classes = missed.length;
  return Array.from({ length: classes }, (_, type) => {
    const row = pairs.subarray(type * classes, (type + 1) * classes);
    return Array.from(row, (count) => share(count, sum(row)));
  });
}

function share(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}

function sum(values: Int32Array): number {
  return values.reduce((total, value) => total + value, 0);
}
