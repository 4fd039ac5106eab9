import { freeColours, type LevelColours } from "../colours.ts";

/** matplotlib's tab20. */
const TAB20 = splitColours(
  "1f77b4 aec7e8 ff7f0e ffbb78 2ca02c 98df8a d62728 ff9896 9467bd c5b0d5 " +
    "8c564b c49c94 e377c2 f7b6d2 7f7f7f c7c7c7 bcbd22 dbdb8d 17becf 9edae5",
);

/** matplotlib's Paired. */
const PAIRED = splitColours(
  "a6cee3 1f78b4 b2df8a 33a02c fb9a99 e31a1c fdbf6f ff7f00 cab2d6 6a3d9a ffff99 b15928",
);

/** The published stacks sample tab20 at as many positions. */
const POSITIONS = 11;

/**
 * tab20 sampled at 11 evenly spaced positions, or at as many as there are levels, for levels in
 * alphabetical order; hues spread evenly for more than 20.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sampledColours } from "@/plots/study/mod.ts";
 *
 * const colours = sampledColours(["skin", "heart"]);
 * assertEquals([...colours], [["heart", "#1f77b4"], ["skin", "#ff7f0e"]]);
 * ```
 */
export function sampledColours(levels: readonly string[]): LevelColours {
  const sorted = [...levels].sort();
  const positions = Math.max(POSITIONS, sorted.length);
  if (positions > TAB20.length) return freeColours(sorted);
  const at = (i: number) =>
    Math.min(TAB20.length - 1, Math.floor(TAB20.length * i / (positions - 1)));
  return new Map(sorted.map((level, i) => [level, TAB20[at(i)]]));
}

/** matplotlib's Paired for levels in alphabetical order; more than 12 are as {@link sampledColours}. */
export function pairedColours(levels: readonly string[]): LevelColours {
  const sorted = [...levels].sort();
  if (sorted.length > PAIRED.length) return sampledColours(sorted);
  return new Map(sorted.map((level, i) => [level, PAIRED[i]]));
}

function splitColours(hex: string): readonly string[] {
  return hex.split(" ").map((colour) => `#${colour}`);
}
