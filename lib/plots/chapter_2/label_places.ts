import type { Categorical } from "@/core/categorical.ts";
import { finiteRange } from "./finite_range.ts";
import type { PlacedText } from "./spread_texts.ts";

/** Parts of the extent of all points in each direction. */
const PARTS = 16;
/** Where fewer of a level's points are around their median it says nothing of where they are. */
const LEAST_SHARE = 0.1;
/** So many points of a level are enough to find its place. */
const ENOUGH = 5000;

/**
 * Where the name of each level stands: the median of its points; where few of them are, as between
 * two islands, the median of those where they are densest.
 *
 * @param x First coordinate of each point.
 * @param y Second coordinate of each point.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { categorical } from "@/core/categorical.ts";
 * import { labelPlaces } from "@/plots/chapter_2/label_places.ts";
 *
 * const column = categorical(["a", "a", "b"]);
 * assertEquals(labelPlaces(column, [0, 0.5, 9], [5, 5, 0])[0], { text: "a", x: 0.25, y: 5 });
 * ```
 */
export function labelPlaces(
  column: Categorical,
  x: ArrayLike<number>,
  y: ArrayLike<number>,
): PlacedText[] {
  const partOf = { x: partsOf(x), y: partsOf(y) };
  return pointsByLevel(column, x, y).flatMap((points, code) =>
    points.x.length === 0 ? [] : [{ text: column.levels[code], ...placeIn(points, partOf) }]
  );
}

interface Points {
  readonly x: Float64Array;
  readonly y: Float64Array;
}

interface PartOf {
  readonly x: (value: number) => number;
  readonly y: (value: number) => number;
}

function placeIn({ x, y }: Points, partOf: PartOf) {
  const columns = Int32Array.from(x, partOf.x), rows = Int32Array.from(y, partOf.y);
  const counts = new Int32Array(PARTS * PARTS);
  for (let i = 0; i < x.length; i++) counts[rows[i] * PARTS + columns[i]]++;
  const around = (row: number, column: number) => {
    let sum = 0;
    for (let r = Math.max(0, row - 1); r <= Math.min(PARTS - 1, row + 1); r++) {
      for (let c = Math.max(0, column - 1); c <= Math.min(PARTS - 1, column + 1); c++) {
        sum += counts[r * PARTS + c];
      }
    }
    return sum;
  };
  const middle = { x: median(x), y: median(y) };
  if (around(partOf.y(middle.y), partOf.x(middle.x)) >= LEAST_SHARE * x.length) return middle;
  let best = 0, most = 0;
  for (let at = 0; at < counts.length; at++) {
    const sum = counts[at] === 0 ? 0 : around(Math.floor(at / PARTS), at % PARTS);
    if (sum > most) [best, most] = [at, sum];
  }
  const isNear = (_: number, i: number) =>
    Math.abs(rows[i] - Math.floor(best / PARTS)) <= 1 && Math.abs(columns[i] - best % PARTS) <= 1;
  return { x: median(x.filter(isNear)), y: median(y.filter(isNear)) };
}

/** Points of each level, evenly picked where there are many. */
function pointsByLevel(
  { codes, levels }: Categorical,
  x: ArrayLike<number>,
  y: ArrayLike<number>,
): Points[] {
  const isPlaced = (i: number) => codes[i] >= 0 && Number.isFinite(x[i]) && Number.isFinite(y[i]);
  const counts = new Int32Array(levels.length);
  for (let i = 0; i < codes.length; i++) if (isPlaced(i)) counts[codes[i]]++;
  const steps = counts.map((count) => Math.max(1, Math.ceil(count / ENOUGH)));
  const points = Array.from(counts, (count, code) => {
    const size = Math.ceil(count / steps[code]);
    return { x: new Float64Array(size), y: new Float64Array(size) };
  });
  const seen = new Int32Array(levels.length);
  for (let i = 0; i < codes.length; i++) {
    if (!isPlaced(i)) continue;
    const code = codes[i], at = seen[code]++;
    if (at % steps[code] !== 0) continue;
    points[code].x[at / steps[code]] = x[i];
    points[code].y[at / steps[code]] = y[i];
  }
  return points;
}

/** Which part of the values' extent a value lies in. */
function partsOf(values: ArrayLike<number>): (value: number) => number {
  const [low, high] = finiteRange(values);
  const extent = high > low ? high - low : 1;
  return (value) => Math.min(PARTS - 1, Math.floor(PARTS * (value - low) / extent));
}

/** The median; `NaN` of none. */
export function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
}
