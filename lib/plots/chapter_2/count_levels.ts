import type { Categorical } from "@/core/categorical.ts";
import type { LevelColours } from "../colours.ts";

/**
 * How many rows have each level that occurs, in the order of the colours.
 *
 * @param column The level of each row.
 * @param order Levels in the order in which they are listed; others come after them.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { categorical } from "@/core/categorical.ts";
 * import { countLevels } from "@/plots/chapter_2/count_levels.ts";
 * import { categoryColours } from "@/plots/mod.ts";
 *
 * const column = categorical(["Myeloid", "T_NK", undefined, "Myeloid"]);
 * const counts = countLevels(column, categoryColours("final_label"));
 * assertEquals([...counts], [["T_NK", 1], ["Myeloid", 2]]);
 * ```
 */
export function countLevels(column: Categorical, order: LevelColours): Map<string, number> {
  const counts = new Float64Array(column.levels.length);
  for (const code of column.codes) if (code >= 0) counts[code]++;
  const levels = [...order.keys()].filter((level) => column.levels.includes(level));
  const others = column.levels.filter((level) => !order.has(level));
  return new Map(
    [...levels, ...others].map((level) => [level, counts[column.levels.indexOf(level)]] as const)
      .filter(([, count]) => count > 0),
  );
}

/** A share as a percentage with one digit: `12.3 %`; what is there but rounds to nothing `< 0.1 %`. */
export function formatShare(count: number, total: number): string {
  const percent = 100 * count / total;
  if (!(percent > 0)) return "0 %";
  return percent < 0.05 ? "< 0.1 %" : `${percent.toFixed(1)} %`;
}
