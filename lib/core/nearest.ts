/**
 * The known names that are most like `name`, best first, by edit distance.
 *
 * @param name What the user wrote.
 * @param known The names that exist.
 * @param count How many to return at most.
 * @returns Up to `count` names within half of `name`'s length in edits.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nearestNames } from "@/core/nearest.ts";
 *
 * assertEquals(nearestNames("hart_s0", ["heart_s0", "skin_s1", "bone_s0"], 1), ["heart_s0"]);
 * ```
 */
export function nearestNames(name: string, known: Iterable<string>, count = 3): string[] {
  const limit = Math.max(2, Math.ceil(name.length / 2));
  return [...known]
    .map((candidate) => ({ candidate, distance: editDistance(name, candidate) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, count)
    .map(({ candidate }) => candidate);
}

/** A remedy that names the nearest known names, or all of them where there are few. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const all = [...known];
  const near = nearestNames(name, all);
  if (near.length > 0) return `did you mean ${near.map((n) => `"${n}"`).join(" or ")}?`;
  return all.length > 0 ? `known are ${all.slice(0, 40).join(", ")}` : "none are known";
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(substitution, previous[j] + 1, row[j - 1] + 1));
    }
    previous = row;
  }
  return previous[b.length];
}
