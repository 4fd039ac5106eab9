/**
 * Levels in the order in which they are listed: whole numbers, as clusters are named, by number,
 * all others as they are.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { levelOrder } from "@/plots/chapter_2/level_order.ts";
 *
 * assertEquals(levelOrder(["0", "1", "10", "2"]), ["0", "1", "2", "10"]);
 * assertEquals(levelOrder(["T", "B"]), ["T", "B"]);
 * ```
 */
export function levelOrder(levels: readonly string[]): readonly string[] {
  if (!levels.every((level) => /^\d+$/.test(level))) return levels;
  return levels.toSorted((a, b) => Number(a) - Number(b));
}
