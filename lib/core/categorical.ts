/** A column of categories: `levels[codes[i]]` is the value of row `i`, code -1 is missing. */
export interface Categorical {
  /** Level of each row, -1 where it is missing (as pandas and AnnData store it). */
  readonly codes: Int32Array;
  /** The distinct values. */
  readonly levels: readonly string[];
  /** Whether the order of the levels means something. */
  readonly ordered: boolean;
}

/**
 * Encodes texts as categories, levels sorted by code unit as pandas sorts them.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { categorical } from "@/core/categorical.ts";
 *
 * const column = categorical(["b", "a", "b"]);
 * assertEquals(column.levels, ["a", "b"]);
 * assertEquals([...column.codes], [1, 0, 1]);
 * ```
 */
export function categorical(values: readonly (string | undefined)[]): Categorical {
  const levels = [...new Set(values.filter((value) => value !== undefined))].sort(byCodeUnit);
  const codeOf = new Map(levels.map((level, code) => [level, code]));
  const codes = Int32Array.from(values, (v) => v === undefined ? -1 : codeOf.get(v) as number);
  return { codes, levels, ordered: false };
}

/**
 * Categories of rows that are known by number, as {@link categorical} makes them of the rows' texts: at
 * the cost of a text a number, not of one a row.
 *
 * @param codes Number of each row, below 0 where it is missing.
 * @param texts Text of each number; numbers may share one, and be missing.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { categoricalOfCodes } from "@/core/categorical.ts";
 *
 * const column = categoricalOfCodes(Int32Array.of(0, 2, -1, 1), ["b", "a", "b", "of no row"]);
 * assertEquals(column.levels, ["a", "b"]);
 * assertEquals([...column.codes], [1, 1, -1, 0]);
 * ```
 */
export function categoricalOfCodes(
  codes: Int32Array,
  texts: readonly (string | undefined)[],
): Categorical {
  const isUsed = new Uint8Array(texts.length);
  for (let row = 0; row < codes.length; row++) isUsed[codes[row]] = 1;
  const { codes: codeOf, levels } = categorical(
    texts.map((text, code) => isUsed[code] ? text : undefined),
  );
  return { codes: codes.map((code) => codeOf[code] ?? -1), levels, ordered: false };
}

/** A column of `length` rows that all hold `value`. */
export function constantCategorical(value: string, length: number): Categorical {
  return { codes: new Int32Array(length), levels: [value], ordered: false };
}

/** Orders texts by code unit, independent of the machine's locale. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
