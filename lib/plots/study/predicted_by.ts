/**
 * Who predicted the nuclei of slides, for a subtitle.
 *
 * @param sources Of each slide.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { predictedBy } from "@/plots/study/mod.ts";
 *
 * assertEquals(predictedBy(["baseline", "baseline"]), "nuclei predicted by: baseline");
 * ```
 */
export function predictedBy(sources: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const source of sources) counts.set(source, (counts.get(source) ?? 0) + 1);
  const told = counts.size <= 1
    ? [...counts.keys()].join() || "nobody"
    : [...counts].sort().map(([source, count]) =>
      `${source} (${count} ${count === 1 ? "slide" : "slides"})`
    ).join(", ");
  return `nuclei predicted by: ${told}`;
}
