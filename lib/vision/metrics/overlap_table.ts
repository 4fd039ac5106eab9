import { SthelarError } from "@/core/errors.ts";

/** How many pixels the instances of two maps share. */
export interface OverlapTable {
  /** Instances of truth; index 0 of what follows is the background. */
  readonly truthCount: number;
  /** Predicted instances. */
  readonly predictedCount: number;
  /** Classes of the truth's pixels. */
  readonly classes: number;
  /** Labels of the predicted instances; index 0 is 0. */
  readonly predictedLabels: Int32Array;
  /** Pixels, (truthCount + 1, classes, predictedCount + 1). */
  readonly pixels: Int32Array;
}

/** Instances as numbers 0 (background), 1, 2, … without gaps: pixel `p` is of `codeOf[map[p]]`. */
interface DenseLabels {
  readonly map: Int32Array;
  readonly codeOf: Int32Array;
  readonly labels: Int32Array;
}

/** Labels up to this are counted in a table, others in a map. */
const TABLE_SIZE = 1 << 16;

/**
 * Counts the pixels that each pair of instances shares.
 *
 * @param truth Labels, 0 outside, (height, width).
 * @param predicted Labels, 0 outside, (height, width).
 * @param truthTypes Class of the truth's pixels below `classes`, all 0 by default.
 * @throws {SthelarError} `InvalidArgument` for maps of different sizes, negative labels or a type that is
 *   no class.
 */
export function overlapTable(
  truth: Int32Array,
  predicted: Int32Array,
  truthTypes?: Uint8Array,
  classes = 1,
): OverlapTable {
  requireAlike(truth, predicted, truthTypes, classes);
  const [wanted, found] = [denseLabels(truth), denseLabels(predicted)];
  const columns = found.labels.length;
  const pixels = new Int32Array(wanted.labels.length * classes * columns);
  countPixels(wanted, found, truthTypes ?? new Uint8Array(truth.length), classes, pixels);
  return {
    truthCount: wanted.labels.length - 1,
    predictedCount: columns - 1,
    classes,
    predictedLabels: found.labels,
    pixels,
  };
}

function countPixels(
  { map: truth, codeOf: wanted }: DenseLabels,
  { map: predicted, codeOf: found, labels }: DenseLabels,
  types: Uint8Array,
  classes: number,
  into: Int32Array,
): void {
  const columns = labels.length;
  for (let p = 0; p < truth.length; p++) {
    into[(wanted[truth[p]] * classes + types[p]) * columns + found[predicted[p]]]++;
  }
}

function requireAlike(
  truth: Int32Array,
  predicted: Int32Array,
  types: Uint8Array | undefined,
  classes: number,
): void {
  const fail = (found: string, expected: string) => {
    throw new SthelarError("InvalidArgument", {
      action: "Cannot compare instance maps",
      found,
      expected,
    });
  };
  if (predicted.length !== truth.length) {
    fail(`${predicted.length} predicted pixels`, `${truth.length} as in truth`);
  }
  if (types === undefined) return;
  if (types.length !== truth.length) fail(`${types.length} types`, `${truth.length} as in truth`);
  for (let p = 0; p < types.length; p++) {
    if (types[p] >= classes) {
      fail(`the type ${types[p]} at pixel ${p}`, `one of ${classes} classes`);
    }
  }
}

function denseLabels(map: Int32Array): DenseLabels {
  let max = 0, min = 0;
  for (let p = 0; p < map.length; p++) {
    if (map[p] > max) max = map[p];
    if (map[p] < min) min = map[p];
  }
  if (min < 0) {
    throw new SthelarError("InvalidArgument", {
      action: "Cannot compare instance maps",
      found: `the label ${min}`,
      expected: "0 for background and labels from 1",
    });
  }
  return max < TABLE_SIZE ? denseByTable(map, max) : denseByMap(map);
}

function denseByTable(map: Int32Array, max: number): DenseLabels {
  const codeOf = new Int32Array(max + 1);
  for (let p = 0; p < map.length; p++) codeOf[map[p]] = 1;
  const labels = [0];
  for (let label = 1; label <= max; label++) {
    if (codeOf[label] !== 0) codeOf[label] = labels.push(label) - 1;
  }
  codeOf[0] = 0;
  return { map, codeOf, labels: Int32Array.from(labels) };
}

function denseByMap(map: Int32Array): DenseLabels {
  const labels = Int32Array.from(new Set([0, ...new Set(map)])).sort();
  const codeOf = new Map(Array.from(labels, (label, code) => [label, code]));
  const codes = map.map((label) => codeOf.get(label)!);
  return { map: codes, codeOf: labels.map((_, code) => code), labels };
}
