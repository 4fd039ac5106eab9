import { type Progress, silentProgress } from "@/core/progress.ts";
import type { Random } from "@/core/random.ts";
import { Turns } from "@/core/turns.ts";
import { invalid } from "./labels.ts";
import { type Coordinates, type Points, pointsOf, squaredDistance } from "./points.ts";
import { sampleRows } from "./sample_rows.ts";

/** Options of {@link trustworthiness}. */
export interface TrustworthinessOptions {
  /** Neighbours in the layout that are looked at (default 5), fewer than half the rows. */
  readonly neighbours?: number;
  /** Draws the rows, if there are more than `sample`. */
  readonly random: Random;
  /** Rows whose neighbours are looked at, at most (default 1,000); each is compared with all rows. */
  readonly sample?: number;
  /** Receives how many rows are done. */
  readonly progress?: Progress;
  /** Stops it. */
  readonly signal?: AbortSignal;
}

const ACTION = "Cannot judge a layout";

/**
 * How far neighbours in a layout are neighbours in truth (Venna and Kaski 2001), by Euclidean distance: 1
 * if all are. As scikit-learn's `trustworthiness`; of many rows, those of a sample.
 *
 * @param points `(n_rows, n_dimensions)`, what was laid out.
 * @param layout `(n_rows, 2)`, or of any other number of columns.
 * @throws {SthelarError} `InvalidArgument` for different numbers of rows, values that are not finite, or
 * as many neighbours as half the rows; `Aborted`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Random } from "@/core/random.ts";
 * import { trustworthiness } from "@/numerics/metrics/mod.ts";
 *
 * const points = { data: Float32Array.of(0, 1, 3, 7, 15), shape: [5, 1] };
 * const options = { neighbours: 2, random: new Random(1) };
 * assertEquals(await trustworthiness(points, points, options), 1);
 * ```
 */
export async function trustworthiness(
  points: Coordinates,
  layout: Coordinates,
  options: TrustworthinessOptions,
): Promise<number> {
  const { neighbours = 5, random, sample = 1000, progress = silentProgress, signal } = options;
  if (points.shape[0] !== layout.shape[0]) {
    throw invalid(
      ACTION,
      `${points.shape[0]} rows in a layout of ${layout.shape[0]}`,
      "the same rows in both",
    );
  }
  const [high, low] = [pointsOf(ACTION, points), pointsOf(ACTION, layout)];
  const { rows } = high;
  if (!(Number.isInteger(neighbours) && neighbours >= 1 && neighbours < rows / 2)) {
    throw invalid(ACTION, `${neighbours} neighbours of ${rows} rows`, "1 to half the rows");
  }
  const chosen = sampleRows(ACTION, rows, sample, random) ??
    Int32Array.from({ length: rows }, (_, row) => row);
  const turns = new Turns("Stopped judging a layout", signal);
  let intruded = 0;
  for (const [i, row] of chosen.entries()) {
    intruded += intrusion(row, neighbours, high, low);
    progress.update(i + 1, chosen.length, "rows");
    await turns.next();
  }
  return 1 -
    2 * intruded / (chosen.length * neighbours * (2 * rows - 3 * neighbours - 1));
}

/** By how many ranks the neighbours in the layout are too far away in truth, together. */
function intrusion(row: number, neighbours: number, high: Points, low: Points): number {
  const nearest = nearestRows(row, neighbours, low);
  const limits = Float64Array.from(nearest, (other) => squaredDistance(high, row, other));
  const farthest = Math.max(...limits);
  const ranks = new Int32Array(neighbours).fill(1);
  for (let other = 0; other < high.rows; other++) {
    if (other === row) continue;
    const distance = squaredDistance(high, row, other);
    if (distance > farthest) continue;
    for (let k = 0; k < neighbours; k++) {
      if (distance < limits[k] || (distance === limits[k] && other < nearest[k])) ranks[k]++;
    }
  }
  return ranks.reduce((sum, rank) => sum + Math.max(0, rank - neighbours), 0);
}

function nearestRows(row: number, neighbours: number, points: Points): Int32Array {
  const nearest = new Int32Array(neighbours);
  const distances = new Float64Array(neighbours).fill(Infinity);
  for (let other = 0; other < points.rows; other++) {
    if (other === row) continue;
    const distance = squaredDistance(points, row, other);
    if (distance >= distances[neighbours - 1]) continue;
    let k = neighbours - 1;
    for (; k > 0 && distances[k - 1] > distance; k--) {
      distances[k] = distances[k - 1];
      nearest[k] = nearest[k - 1];
    }
    distances[k] = distance;
    nearest[k] = other;
  }
  return nearest;
}
