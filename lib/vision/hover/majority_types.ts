import { Runs } from "@/vision/raster/mod.ts";

/** The class of each label of an instance map; index = label. */
export interface MajorityTypes {
  /** Classes; 0 for labels that do not occur. */
  readonly types: Uint8Array;
  /** Pixels of the label that are of that class. */
  readonly pixels: Int32Array;
}

/**
 * The class that most pixels of each nucleus have; background (0) only where a nucleus has no other.
 * Of classes with as many pixels the smaller number wins.
 *
 * @param labels 0 outside, (height, width).
 * @param types Class of each pixel, (height, width).
 * @param area Pixels of each label.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { majorityTypes } from "@/vision/hover/mod.ts";
 *
 * const labels = Int32Array.of(1, 1, 1, 1, 1);
 * const types = Uint8Array.of(0, 0, 0, 3, 2);
 * assertEquals(majorityTypes(labels, types, Int32Array.of(0, 5)).types[1], 2);
 * ```
 */
export function majorityTypes(
  labels: Int32Array,
  types: Uint8Array,
  area: Int32Array,
): MajorityTypes {
  const runs = Runs.ofLabels(labels, { width: labels.length, height: 1 });
  return majorityOfRuns(runs, labels, types, area);
}

/** The same of an instance map whose runs of labels are known. */
export function majorityOfRuns(
  { count, first, end }: Runs,
  labels: Int32Array,
  types: Uint8Array,
  area: Int32Array,
): MajorityTypes {
  let classes = 1;
  for (let run = 0; run < count; run++) {
    for (let p = first[run], runEnd = end[run]; p < runEnd; p++) {
      if (types[p] >= classes) classes = types[p] + 1;
    }
  }
  const counts = new Int32Array(area.length * classes);
  for (let run = 0; run < count; run++) {
    const at = labels[first[run]] * classes;
    for (let p = first[run], runEnd = end[run]; p < runEnd; p++) counts[at + types[p]]++;
  }
  const found = { types: new Uint8Array(area.length), pixels: new Int32Array(area.length) };
  for (let label = 1; label < area.length; label++) {
    const own = counts.subarray(label * classes, (label + 1) * classes);
    let best = 0;
    for (let type = 1; type < classes; type++) {
      if (own[type] > (best === 0 ? 0 : own[best])) best = type;
    }
    found.types[label] = best;
    found.pixels[label] = own[best];
  }
  return found;
}
