import { type RasterSize, requirePixels } from "@/vision/raster/mod.ts";

/** Levels that heights are sorted by. */
const LEVELS = 1 << 16;

/**
 * Marks the peaks of a landscape that rise at least `minRise` above the saddle to a higher one (the
 * h-maxima of Soille): basins grow from the top and merge at saddles.
 *
 * @param heights Above 0 inside, 0 outside, (height, width).
 * @param minRise In units of the heights.
 * @param into Gets 1, 2, … at one pixel of each peak in the order of rows, 0 elsewhere.
 * @returns How many peaks there are.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { persistentPeaks } from "@/vision/baseline/mod.ts";
 *
 * const peaks = new Int32Array(7);
 * const size = { width: 7, height: 1 };
 * assertEquals(persistentPeaks(Float64Array.of(1, 5, 4.5, 5.2, 2, 4, 0), size, 1, peaks), 2);
 * assertEquals([...peaks], [0, 0, 0, 1, 0, 2, 0]);
 * ```
 */
export function persistentPeaks(
  heights: Float64Array,
  size: RasterSize,
  minRise: number,
  into: Int32Array,
): number {
  requirePixels("Cannot find peaks", size, heights, into);
  const { width } = size;
  const parents = new Int32Array(heights.length).fill(-1);
  into.fill(0);
  // A root is the highest pixel of its basin.
  const sorted = fromTheTop(heights);
  for (let i = 0; i < sorted.length; i++) {
    const p = sorted[i], x = p % width;
    const left = x === 0 ? 0 : -1, right = x + 1 === width ? 0 : 1;
    let root = parents[p] = p;
    for (let row = p - width; row <= p + width; row += width) {
      for (let q = row + left; q <= row + right; q++) {
        // Outside of the map there are no parents.
        if (!(parents[q] >= 0)) continue;
        const other = rootOf(parents, q);
        if (root === other) continue;
        const isLower = heights[root] < heights[other] ||
          (heights[root] === heights[other] && root > other);
        const lower = isLower ? root : other;
        if (heights[lower] - heights[p] >= minRise) into[lower] = 1;
        if (isLower) root = other;
        parents[lower] = root;
      }
    }
  }
  let count = 0;
  for (let p = 0; p < heights.length; p++) {
    if (into[p] === 1 || parents[p] === p) into[p] = ++count;
  }
  return count;
}

/** Shortens the way there. */
function rootOf(parents: Int32Array, pixel: number): number {
  let p = pixel;
  while (parents[p] !== p) p = parents[p] = parents[parents[p]];
  return p;
}

/** Pixels above 0, highest first (by levels), earlier ones first. */
function fromTheTop(heights: Float64Array): Int32Array {
  let max = 0;
  for (let p = 0; p < heights.length; p++) if (heights[p] > max) max = heights[p];
  const levelOf = (height: number) => LEVELS - 1 - Math.floor(height / max * (LEVELS - 1));
  const starts = new Int32Array(LEVELS + 1);
  for (let p = 0; p < heights.length; p++) if (heights[p] > 0) starts[levelOf(heights[p]) + 1]++;
  for (let level = 0; level < LEVELS; level++) starts[level + 1] += starts[level];
  const sorted = new Int32Array(starts[LEVELS]);
  for (let p = 0; p < heights.length; p++) {
    if (heights[p] > 0) sorted[starts[levelOf(heights[p])]++] = p;
  }
  return sorted;
}
