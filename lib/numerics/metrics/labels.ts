import { SthelarError } from "@/core/errors.ts";

/** What a row is called: a whole number from 0 on, or a text. */
export type Label = number | string;

/** A label for each row. */
export type Labels = ArrayLike<number> | readonly string[];

/** Rows numbered by label. */
export interface CodedLabels {
  /** The labels in order: numbers rising, texts by their characters. */
  readonly levels: readonly Label[];
  /** Place of each row's label among the levels. */
  readonly codes: Int32Array;
}

/**
 * Numbers the rows by label.
 *
 * @param action What is being done, for errors.
 * @throws {SthelarError} `InvalidArgument` for no rows, or a label that is missing (-1) or not whole.
 */
export function codeLabels(action: string, labels: Labels): CodedLabels {
  if (labels.length === 0) throw invalid(action, "no rows", "one or more");
  const seen = new Map<Label, number>();
  const codes = new Int32Array(labels.length);
  for (let row = 0; row < labels.length; row++) {
    const label: Label = labels[row];
    let code = seen.get(label);
    if (code === undefined) {
      requireLabel(action, label, row);
      seen.set(label, code = seen.size);
    }
    codes[row] = code;
  }
  const levels = [...seen.keys()].sort(inOrder);
  const place = new Int32Array(levels.length);
  levels.forEach((label, i) => place[seen.get(label)!] = i);
  return { levels, codes: codes.map((code) => place[code]) };
}

/**
 * Refuses labels of different numbers of rows.
 *
 * @throws {SthelarError} `InvalidArgument`.
 */
export function requireSameLength(action: string, a: Labels, b: Labels): void {
  if (a.length === b.length) return;
  throw invalid(action, `labels of ${a.length} and of ${b.length} rows`, "labels of the same rows");
}

/** Numbers before texts. */
export function inOrder(a: Label, b: Label): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function requireLabel(action: string, label: Label, row: number): void {
  if (typeof label === "string" || (Number.isInteger(label) && label >= 0)) return;
  throw new SthelarError("InvalidArgument", {
    action,
    found: `${label} as label of row ${row}`,
    expected: "texts, or whole numbers from 0 on",
    remedy: "leave out rows without a label",
  });
}

/** The error of an argument that cannot be right. */
export function invalid(action: string, found: string, expected: string): SthelarError {
  return new SthelarError("InvalidArgument", { action, found, expected });
}
