import { byCodeUnit, type Categorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import { LESS10 } from "@/labels/mod.ts";
import { type LABEL_INPUTS, NO_LABEL, type Unit } from "./annotation_inputs.ts";
import type { StudySlide } from "./study_step.ts";

/** How many rows of a slide have one combination of labels. */
export interface LabelCount {
  /** `heart_s0` */
  readonly slide: string;
  /** `heart` */
  readonly tissue: string;
  /** Broad name. */
  readonly label1: string;
  /** Fine name. */
  readonly label2: string;
  /** Whether cells are cancer cells. */
  readonly label3: string;
  /** Category. */
  readonly finalLabel: string;
  /** Rows. */
  readonly cells: number;
}

/** The combinations of labels of one slide, sorted by their texts. */
export async function countLabels(
  slide: StudySlide<typeof LABEL_INPUTS>,
  unit: Unit,
): Promise<LabelCount[]> {
  const columns = await Promise.all([
    slide.open(`${unit}1`),
    slide.open(`${unit}2`),
    slide.open(`${unit}3`),
    slide.open(`${unit}Final`),
  ]);
  const counts = countCombinations(columns, `${unit} of slide "${slide.name}"`);
  return counts.map(([[label1, label2, label3, finalLabel], cells]) => ({
    ...{ slide: slide.name, tissue: slide.tissue, label1, label2, label3, finalLabel, cells },
  }));
}

/**
 * How many rows have each combination of categories; missing ones are `Unknown`.
 *
 * @param columns Columns of the same rows.
 * @param what What the rows are, for the message.
 * @returns The combinations that occur, sorted.
 * @throws {SthelarError} `IdMismatch` for columns of different lengths.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { categorical } from "@/core/categorical.ts";
 * import { countCombinations } from "@/study/label_counts.ts";
 *
 * const columns = [categorical(["T", "B", "T"]), categorical(["x", undefined, "x"])];
 * assertEquals(countCombinations(columns, "cells"), [[["B", "Unknown"], 1], [["T", "x"], 2]]);
 * ```
 */
export function countCombinations(
  columns: readonly Categorical[],
  what: string,
): (readonly [texts: readonly string[], rows: number])[] {
  const rows = columns[0].codes.length;
  if (columns.some(({ codes }) => codes.length !== rows)) {
    throw new SthelarError("IdMismatch", {
      action: `Cannot count labels of ${what}`,
      found: `columns of ${columns.map(({ codes }) => codes.length).join(", ")} rows`,
      expected: "columns of the same rows",
    });
  }
  const widths = columns.map(({ levels }) => levels.length + 1);
  const counts = new Map<number, number>();
  for (let row = 0; row < rows; row++) {
    let key = 0;
    for (let c = 0; c < columns.length; c++) key = key * widths[c] + columns[c].codes[row] + 1;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  const byText = new Map<string, [string[], number]>();
  for (const [key, count] of counts) {
    const texts: string[] = [];
    for (let c = columns.length - 1, rest = key; c >= 0; c--) {
      texts.unshift(columns[c].levels[rest % widths[c] - 1] ?? NO_LABEL);
      rest = Math.floor(rest / widths[c]);
    }
    const name = texts.join("\n");
    byText.set(name, [texts, count + (byText.get(name)?.[1] ?? 0)]);
  }
  return [...byText].sort(([a], [b]) => byCodeUnit(a, b)).map(([, entry]) => entry);
}

/** Whether rows of a combination had enough transcripts to be clustered. */
export function isClustered({ finalLabel }: LabelCount): boolean {
  return finalLabel !== LESS10;
}

/** Sums of cells by what `keyOf` says of a combination, in the order in which they come. */
export function sumBy(
  counts: readonly LabelCount[],
  keyOf: (count: LabelCount) => string,
): Map<string, number> {
  const sums = new Map<string, number>();
  for (const count of counts) sums.set(keyOf(count), (sums.get(keyOf(count)) ?? 0) + count.cells);
  return sums;
}
