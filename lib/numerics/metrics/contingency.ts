import { codeLabels, invalid, type Labels, requireSameLength } from "./labels.ts";

/** How often labels of two kinds fall on the same row. */
export interface Contingency {
  /** How many rows there are. */
  readonly rows: number;
  /** Rows of each label of the first kind. */
  readonly first: Float64Array;
  /** Rows of each label of the second kind. */
  readonly second: Float64Array;
  /** Pairs of labels that occur: their places and how many rows have both. */
  readonly cells: readonly (readonly [first: number, second: number, rows: number])[];
}

/**
 * Counts the pairs of labels that rows have; pairs that do not occur take no memory.
 *
 * @throws {SthelarError} `InvalidArgument` for labels of different lengths, none, or missing ones.
 */
export function contingency(action: string, a: Labels, b: Labels): Contingency {
  requireSameLength(action, a, b);
  const [first, second] = [codeLabels(action, a), codeLabels(action, b)];
  const width = second.levels.length;
  const counts = new Map<number, number>();
  for (let row = 0; row < a.length; row++) {
    const pair = first.codes[row] * width + second.codes[row];
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  }
  const totals = { first: new Float64Array(first.levels.length), second: new Float64Array(width) };
  const cells = [...counts].sort(([p], [q]) => p - q).map(([pair, rows]) => {
    const [i, j] = [Math.floor(pair / width), pair % width];
    totals.first[i] += rows;
    totals.second[j] += rows;
    return [i, j, rows] as const;
  });
  return { rows: a.length, ...totals, cells };
}

/**
 * How often labels meet, of a table of counts: tables of many slides can be added up first.
 *
 * @param counts `counts[i][j]`: rows with the first kind's label `i` and the second's `j`.
 * @throws {SthelarError} `InvalidArgument` if there is no row.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { contingencyOf, randIndexOf } from "@/numerics/metrics/mod.ts";
 *
 * assertEquals(randIndexOf(contingencyOf([[2, 0], [0, 2]])), 1);
 * ```
 */
export function contingencyOf(counts: readonly (readonly number[])[]): Contingency {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const rowSums = counts.map(sum);
  const columnSums = (counts[0] ?? []).map((_, j) => sum(counts.map((row) => row[j])));
  const rows = sum(rowSums);
  if (rows === 0) throw invalid("Cannot compare clusterings", "no rows", "one or more");
  const used = (sums: readonly number[]) => sums.flatMap((total, i) => total > 0 ? [i] : []);
  const [firstUsed, secondUsed] = [used(rowSums), used(columnSums)];
  const cells = firstUsed.flatMap((i, row) =>
    secondUsed.flatMap((j, column) =>
      counts[i][j] > 0 ? [[row, column, counts[i][j]] as const] : []
    )
  );
  return {
    rows,
    first: Float64Array.from(firstUsed, (i) => rowSums[i]),
    second: Float64Array.from(secondUsed, (j) => columnSums[j]),
    cells,
  };
}
