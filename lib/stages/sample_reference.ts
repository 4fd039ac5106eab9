import type { Categorical } from "@/core/categorical.ts";
import type { Random } from "@/core/random.ts";

/** How cells of a reference are chosen. */
export type Sampling = "uniform" | "stratified";

/** Cells that a type keeps, if it has as many, where sampling is stratified. */
const KEPT_OF_TYPE = 50;

/**
 * Chooses cells of a reference that have a type, without replacement; all if there are no more than
 * `count`. `uniform` is the original's: rare types may vanish. `stratified` keeps up to 50 cells of
 * each type and shares the rest out in proportion.
 *
 * @returns Their rows, ascending.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { categorical } from "@/core/categorical.ts";
 * import { Random } from "@/core/random.ts";
 * import { sampleReference } from "@/stages/sample_reference.ts";
 *
 * const types = categorical([...Array(900).fill("common"), undefined, "rare"]);
 * const rows = sampleReference(types, 100, "stratified", new Random(1));
 * assertEquals([rows.length, rows.at(-1)], [100, 901]);
 * ```
 */
export function sampleReference(
  types: Categorical,
  count: number,
  sampling: Sampling,
  random: Random,
): Int32Array {
  const { codes } = types;
  const labelled = Int32Array.from(codes.keys().filter((row) => codes[row] >= 0));
  if (labelled.length <= count) return labelled;
  random.shuffle(labelled);
  if (sampling === "uniform") return labelled.subarray(0, count).slice().sort();
  const quotas = quotasOf(sizesOf(types), count);
  const taken = new Int32Array(quotas.length);
  return labelled.filter((row) => taken[codes[row]]++ < quotas[codes[row]]).sort();
}

function sizesOf({ codes, levels }: Categorical): Int32Array {
  const sizes = new Int32Array(levels.length);
  for (const code of codes) if (code >= 0) sizes[code]++;
  return sizes;
}

/** A floor for each type, and shares of the rest by largest remainders. */
function quotasOf(sizes: Int32Array, count: number): Int32Array {
  const floor = Math.min(KEPT_OF_TYPE, Math.floor(count / sizes.length));
  const quotas = sizes.map((size) => Math.min(size, floor));
  const total = (values: Int32Array) => values.reduce((sum, value) => sum + value, 0);
  const rest = count - total(quotas);
  const beyond = total(sizes) - total(quotas);
  const exact = Float64Array.from(sizes, (size, type) => rest * (size - quotas[type]) / beyond);
  exact.forEach((share, type) => quotas[type] += Math.floor(share));
  const byRemainder = [...exact.keys()].sort((a, b) => exact[b] % 1 - exact[a] % 1 || a - b);
  for (const type of byRemainder.slice(0, count - total(quotas))) quotas[type]++;
  return quotas;
}
