import { byCodeUnit } from "@/core/categorical.ts";

/**
 * Orders names as people count: `part.2` before `part.10`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compareNaturally } from "@/formats/spatialdata/natural_order.ts";
 *
 * assertEquals(["b10", "b2", "a"].sort(compareNaturally), ["a", "b2", "b10"]);
 * ```
 */
export function compareNaturally(a: string, b: string): number {
  const [left, right] = [a, b].map((text) => text.split(/(\d+)/));
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const order = i % 2 === 1 ? Number(left[i]) - Number(right[i]) : byCodeUnit(left[i], right[i]);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}
