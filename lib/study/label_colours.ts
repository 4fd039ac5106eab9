import { categoryColours, type LevelColours } from "@/plots/mod.ts";

const GREYS = ["#b3b3b3", "#7f7f7f", "#4d4d4d"];

/**
 * The colours of final labels, or of label3; labels that have none, as in a store that others made, are
 * grey and come last.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { labelColours } from "@/study/label_colours.ts";
 *
 * assertEquals(labelColours("final_label", ["T_NK", "Odd"]).get("Odd"), "#b3b3b3");
 * ```
 */
export function labelColours(
  set: "final_label" | "label3" | "pannuke",
  labels: readonly string[],
): LevelColours {
  const known = categoryColours(set);
  const others = [...new Set(labels)].filter((label) => !known.has(label)).sort();
  return new Map([...known, ...others.map((label, i) => [label, GREYS[i % 3]] as const)]);
}
