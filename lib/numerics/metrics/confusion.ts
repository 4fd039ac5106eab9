import { codeLabels, inOrder, type Label, type Labels, requireSameLength } from "./labels.ts";

/** Rows of each true label by the label that they got. */
export interface Confusion {
  /** All labels that occur, in order, of the rows and columns of `counts`. */
  readonly labels: readonly Label[];
  /** `counts[i][j]`: how many rows are `labels[i]` in truth and were called `labels[j]`. */
  readonly counts: readonly (readonly number[])[];
}

/** How well one label is found. */
export interface ClassScores {
  readonly label: Label;
  /** Rows that are so in truth. */
  readonly rows: number;
  /** Share of them that are called so; `undefined` if there are none. */
  readonly recall: number | undefined;
  /** Share of the rows called so that are so; `undefined` if none is. */
  readonly precision: number | undefined;
  /** Harmonic mean of both: `2 hits / (rows + rows called so)`. */
  readonly f1: number;
}

/**
 * Compares labels with the truth, as scikit-learn's `confusion_matrix`.
 *
 * @throws {SthelarError} `InvalidArgument` for labels of different lengths, none, or missing ones.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { accuracy, confusion } from "@/numerics/metrics/mod.ts";
 *
 * const found = confusion(["T", "T", "B"], ["T", "B", "B"]);
 * assertEquals(found, { labels: ["B", "T"], counts: [[1, 0], [1, 1]] });
 * assertEquals(accuracy(found), 2 / 3);
 * ```
 */
export function confusion(truth: Labels, called: Labels): Confusion {
  const action = "Cannot compare labels";
  requireSameLength(action, truth, called);
  const [wanted, got] = [codeLabels(action, truth), codeLabels(action, called)];
  const labels = [...new Set<Label>([...wanted.levels, ...got.levels])].sort(inOrder);
  const placeOf = new Map(labels.map((label, i) => [label, i]));
  const places = (levels: readonly Label[]) => levels.map((label) => placeOf.get(label)!);
  const [wantedPlaces, gotPlaces] = [places(wanted.levels), places(got.levels)];
  const counts = labels.map(() => new Array<number>(labels.length).fill(0));
  for (let row = 0; row < truth.length; row++) {
    counts[wantedPlaces[wanted.codes[row]]][gotPlaces[got.codes[row]]]++;
  }
  return { labels, counts };
}

/** The share of rows that are called what they are. */
export function accuracy({ counts }: Confusion): number {
  return sum(counts.map((row, i) => row[i])) / sum(counts.map(sum));
}

/** The mean recall of the labels that occur in truth, as scikit-learn's `balanced_accuracy_score`. */
export function balancedAccuracy(found: Confusion): number {
  const recalls = classScores(found).flatMap(({ recall }) => recall ?? []);
  return sum(recalls) / recalls.length;
}

/**
 * Agreement beyond what the labels' frequencies give by chance (Cohen 1960), as scikit-learn's
 * `cohen_kappa_score`; `undefined` where both have one and the same label only.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { cohensKappa, confusion } from "@/numerics/metrics/mod.ts";
 *
 * assertEquals(cohensKappa(confusion([0, 0, 1, 1], [0, 1, 1, 1])), 0.5);
 * ```
 */
export function cohensKappa(found: Confusion): number | undefined {
  const { counts } = found;
  const rows = sum(counts.map(sum));
  const chance = sum(counts.map((row, i) => sum(row) * sum(counts.map((other) => other[i])))) /
    rows ** 2;
  return chance === 1 ? undefined : (accuracy(found) - chance) / (1 - chance);
}

/** How well each label is found, in the order of the labels. */
export function classScores({ labels, counts }: Confusion): ClassScores[] {
  return labels.map((label, i) => {
    const rows = sum(counts[i]);
    const called = sum(counts.map((row) => row[i]));
    const hits = counts[i][i];
    return {
      label,
      rows,
      recall: rows === 0 ? undefined : hits / rows,
      precision: called === 0 ? undefined : hits / called,
      f1: 2 * hits / (rows + called),
    };
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
