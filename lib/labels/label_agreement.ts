import { finalLabelOf } from "./reference_types.ts";

/** What the cells of a simulated slide are, by the cell's id in the bundle. */
export interface KnownCategories {
  /** Row of each cell in the list below. */
  readonly rowOf: ReadonlyMap<string, number>;
  /** Category, as in the published labels. */
  readonly finalLabel: readonly string[];
}

/** How well labels agree with what a simulated slide is, over cells with enough transcripts. */
export interface LabelAgreement {
  /** Cells that could be compared. */
  readonly cells: number;
  /** Share whose category is the true one. */
  readonly accuracy: number;
  /** Mean over the true categories of the share of each that is found. */
  readonly balancedAccuracy: number;
  /** Share of each true category that is found. */
  readonly recall: Readonly<Record<string, number>>;
  /** Categories, in the order of rows (true) and columns (labelled) of `confusion`. */
  readonly categories: readonly string[];
  /** Cells of each true category by the category that they got. */
  readonly confusion: readonly (readonly number[])[];
  /** Accuracy if every cell got the most frequent category. */
  readonly commonest: number;
}

/** Cells with no more transcripts are left out. */
const FEW_TRANSCRIPTS = 10;

/**
 * Compares the categories of broad labels with the truth of a simulated slide, as
 * {@link categoryAgreement} does.
 *
 * @param label1 Broad label of each cell.
 * @param cellIds The bundle's id of each cell.
 * @param totals Counts of each cell.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { labelAgreement } from "@/labels/label_agreement.ts";
 *
 * const truth = {
 *   rowOf: new Map([["a-1", 0], ["b-1", 1]]),
 *   finalLabel: ["T_NK", "Myeloid"],
 *   referenceType: ["", ""],
 * };
 * const found = labelAgreement(["NK", "B"], ["a-1", "b-1"], [20, 30], truth);
 * assertEquals([found.accuracy, found.recall], [0.5, { Myeloid: 0, T_NK: 1 }]);
 * ```
 */
export function labelAgreement(
  label1: readonly string[],
  cellIds: readonly string[],
  totals: ArrayLike<number>,
  truth: KnownCategories,
): LabelAgreement {
  const categories = label1.map((label, cell) =>
    totals[cell] <= FEW_TRANSCRIPTS ? undefined : finalLabelOf(label)
  );
  return categoryAgreement(categories, cellIds, truth);
}

/**
 * Compares categories with the truth of a simulated slide.
 *
 * @param given Category of each cell, `undefined` for one that does not count.
 * @param cellIds The bundle's id of each cell.
 */
export function categoryAgreement(
  given: readonly (string | undefined)[],
  cellIds: readonly string[],
  truth: KnownCategories,
): LabelAgreement {
  const tallies = new Map<string, Map<string, number>>();
  let compared = 0;
  cellIds.forEach((id, cell) => {
    const row = truth.rowOf.get(id);
    const got = given[cell];
    if (row === undefined || got === undefined) return;
    const wanted = truth.finalLabel[row];
    const tally = tallies.get(wanted) ?? new Map<string, number>();
    tallies.set(wanted, tally.set(got, (tally.get(got) ?? 0) + 1));
    compared++;
  });
  const named = [...tallies].flatMap(([wanted, tally]) => [wanted, ...tally.keys()]);
  const categories = [...new Set(named)].sort();
  const confusion = categories.map((wanted) =>
    categories.map((got) => tallies.get(wanted)?.get(got) ?? 0)
  );
  const totalOf = (row: readonly number[]) => row.reduce((sum, cells) => sum + cells, 0);
  const present = categories.flatMap((category, i) => {
    const cells = totalOf(confusion[i]);
    return cells === 0 ? [] : [{ category, cells, found: confusion[i][i] }];
  });
  const share = (count: number, of: number) => Math.round(1e4 * count / Math.max(1, of)) / 1e4;
  const recall = present.map(({ category, cells, found }) =>
    [category, share(found, cells)] as const
  );
  return {
    cells: compared,
    accuracy: share(totalOf(present.map(({ found }) => found)), compared),
    balancedAccuracy: share(totalOf(recall.map(([, value]) => value)), recall.length),
    recall: Object.fromEntries(recall),
    categories,
    confusion,
    commonest: share(Math.max(0, ...present.map(({ cells }) => cells)), compared),
  };
}
