import { type Categorical, categoricalOfCodes } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import { nearestNames } from "@/core/nearest.ts";
import publishedFile from "../../data/ontology/label_combinations.json" with { type: "json" };
import { finalLabelOf, LABEL1 } from "./reference_types.ts";

/** What rows with too few transcripts to be clustered are called in `label1`, `label2` and `label3`. */
export const NOT_CLUSTERED = "less10";
/** Their category. */
export const LESS10 = "Less10";

/** What the rows of a table are. */
export type LabelledUnit = "nuclei" | "cells";

/** The three labels of a row. */
export interface LabelCombination {
  /** Broad type. */
  readonly label1: string;
  /** Fine type. */
  readonly label2: string;
  /** `normal_cell` or `cancer_cell`. */
  readonly label3: string;
}

/** The category of a combination of labels. */
export interface CombinationCategory extends LabelCombination {
  /** Its category. */
  readonly finalLabel: string;
  /** Whether the published tables have the combination, or its category is that of its `label1`. */
  readonly how: "combination" | "label1";
}

/** A combination of labels, with its rows. */
export interface CountedCombination extends CombinationCategory {
  /** How many rows have it. */
  readonly count: number;
}

/** The columns of labels of a table. */
export type LabelColumns = Readonly<Record<keyof LabelCombination, Categorical>>;

/** Categories of a table's rows. */
export interface FinalLabels {
  /** The category of each row. */
  readonly column: Categorical;
  /** Combinations that occur, by label1, then most frequent first. */
  readonly combinations: readonly CountedCombination[];
}

const LABELS = ["label1", "label2", "label3"] as const;
const PUBLISHED: Readonly<Record<LabelledUnit, ReadonlyMap<string, string>>> = {
  nuclei: new Map(Object.entries(publishedFile.nuclei)),
  cells: new Map(Object.entries(publishedFile.cells)),
};

/**
 * The category of a combination of labels: the published one of nuclei or cells, else that of its
 * `label1`; `undefined` if that is unknown.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { categoryOfCombination } from "@/labels/final_labels.ts";
 *
 * const treg = { label1: "T", label2: "Treg", label3: "normal_cell" };
 * assertEquals(categoryOfCombination(treg, "nuclei")?.how, "combination");
 * const other = categoryOfCombination({ ...treg, label2: "T_helper_17" }, "nuclei");
 * assertEquals([other?.finalLabel, other?.how], ["T_NK", "label1"]);
 * assertEquals(categoryOfCombination({ ...treg, label1: "Tcell" }, "nuclei"), undefined);
 * ```
 */
export function categoryOfCombination(
  combination: LabelCombination,
  unit: LabelledUnit,
): CombinationCategory | undefined {
  const { label1 } = combination;
  const published = PUBLISHED[unit].get(LABELS.map((label) => combination[label]).join("_"));
  if (published === LESS10) return { ...combination, finalLabel: LESS10, how: "combination" };
  if (!LABEL1.includes(label1)) return undefined;
  return published === undefined
    ? { ...combination, finalLabel: finalLabelOf(label1), how: "label1" }
    : { ...combination, finalLabel: published, how: "combination" };
}

/**
 * The category of every row of a table by its labels; a row without any label was not clustered.
 *
 * @param columns Labels of the rows.
 * @param unit Whose published combinations count.
 * @throws {SthelarError} `InvalidArgument` with every `label1` that is unknown, its rows and the known
 *   names nearest to it; `IdMismatch` for columns of different lengths.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { categorical } from "@/core/categorical.ts";
 * import { finalLabels } from "@/labels/final_labels.ts";
 *
 * const normal = categorical(["normal_cell", "normal_cell", undefined]);
 * const label1 = categorical(["Mast", "T", undefined]);
 * const { column, combinations } = finalLabels({ label1, label2: label1, label3: normal }, "cells");
 * assertEquals(Array.from(column.codes, (code) => column.levels[code]), ["Myeloid", "T_NK", "Less10"]);
 * assertEquals(combinations.map(({ label1 }) => label1), ["Mast", "T", "less10"]);
 * ```
 */
export function finalLabels(columns: LabelColumns, unit: LabelledUnit): FinalLabels {
  const { codes, combinations, counts } = combinationsOf(columns);
  const categories = combinations.map((combination) => categoryOfCombination(combination, unit));
  const unknown = combinations.flatMap((combination, i) =>
    categories[i] === undefined ? [{ ...combination, count: counts[i] }] : []
  );
  if (unknown.length > 0) throw unknownLabels(unknown, unit);
  const known = categories as readonly CombinationCategory[];
  return {
    column: categoricalOfCodes(codes, known.map(({ finalLabel }) => finalLabel)),
    combinations: known.map((category, i) => ({ ...category, count: counts[i] })).sort(byLabel1),
  };
}

/** Combinations of labels. */
export interface Combinations {
  /** The combination of each row, by number. */
  readonly codes: Int32Array;
  /** Those that occur, in the order in which they do. */
  readonly combinations: readonly LabelCombination[];
  /** Rows of each. */
  readonly counts: readonly number[];
}

/**
 * The combinations of labels of a table's rows; a row without any label is called `less10` thrice.
 *
 * @throws {SthelarError} `IdMismatch` for columns of different lengths.
 */
export function combinationsOf(columns: LabelColumns): Combinations {
  const [a, b, c] = LABELS.map((label) => columns[label]);
  const rows = a.codes.length;
  if (b.codes.length !== rows || c.codes.length !== rows) {
    throw new SthelarError("IdMismatch", {
      action: "Cannot combine labels",
      found: LABELS.map((label) => `${columns[label].codes.length} of ${label}`).join(", "),
      expected: "three labels for every row",
    });
  }
  const numberOf = new Map<number, number>();
  const combinations: LabelCombination[] = [];
  const codes = new Int32Array(rows);
  const widthB = b.levels.length + 1, widthC = c.levels.length + 1;
  for (let row = 0; row < rows; row++) {
    const key = ((a.codes[row] + 1) * widthB + b.codes[row] + 1) * widthC + c.codes[row] + 1;
    let number = numberOf.get(key);
    if (number === undefined) {
      number = combinations.length;
      numberOf.set(key, number);
      combinations.push(combinationOf([a, b, c].map(({ levels, codes }) => levels[codes[row]])));
    }
    codes[row] = number;
  }
  return merged(codes, combinations);
}

/** A row without any label was not clustered. */
function combinationOf(texts: readonly (string | undefined)[]): LabelCombination {
  const none = texts.every((text) => text === undefined) ? NOT_CLUSTERED : "";
  const [label1, label2, label3] = texts.map((text) => text ?? none);
  return { label1, label2, label3 };
}

/** Rows without labels, and those that say `less10`, are of one combination. */
function merged(
  codes: Int32Array,
  combinations: readonly LabelCombination[],
): Combinations {
  const texts = combinations.map((combination) => JSON.stringify(combination));
  const distinct = [...new Set(texts)];
  const numbers = texts.map((text) => distinct.indexOf(text));
  const mergedCodes = codes.map((code) => numbers[code]);
  const counts = new Array<number>(distinct.length).fill(0);
  for (const code of mergedCodes) counts[code]++;
  return {
    codes: mergedCodes,
    combinations: distinct.map((text) => JSON.parse(text) as LabelCombination),
    counts,
  };
}

function byLabel1(a: CountedCombination, b: CountedCombination): number {
  const last = Number(a.label1 === NOT_CLUSTERED) - Number(b.label1 === NOT_CLUSTERED);
  if (last !== 0) return last;
  if (a.label1 !== b.label1) return a.label1 < b.label1 ? -1 : 1;
  return b.count - a.count || (a.label2 < b.label2 ? -1 : 1);
}

function unknownLabels(
  unknown: readonly (LabelCombination & { readonly count: number })[],
  unit: LabelledUnit,
): SthelarError {
  const rows = new Map<string, number>();
  for (const { label1, count } of unknown) rows.set(label1, (rows.get(label1) ?? 0) + count);
  const named = [...rows].map(([label1, count]) => {
    const near = nearestNames(label1, LABEL1).map((name) => `"${name}"`).join(" or ");
    return `"${label1}" of ${count} ${unit}${near && ` (like ${near})`}`;
  });
  return new SthelarError("InvalidArgument", {
    action: `Cannot tell the categories of ${unit}`,
    found: `no category for label1 ${named.join(", ")}`,
    expected: `label1 among ${LABEL1.join(", ")}`,
    remedy: "rename it in the decisions about clusters, data/decisions/<slide>/clusters.json",
  });
}
