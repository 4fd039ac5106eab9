/** The column that each row is most of. */
export interface HardLabels {
  /** Column of each row. */
  readonly labels: Int32Array;
  /** Columns that are constant once clipped, and don't take part. */
  readonly constant: readonly number[];
}

const LOW = 0.05;
const HIGH = 0.95;

/**
 * Chooses a column for each row as sopa 1.1.4 does: clips each column to its quantiles 5 % and 95 %,
 * scales it to 0 to 1, and takes the largest, the first of equals. Constant columns are skipped; where all are
 * constant the largest value as it is decides.
 *
 * @param scores `(n_rows, n_columns)`, finite.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { hardLabels } from "@/numerics/tangram/mod.ts";
 *
 * // The first column is large everywhere, the second tells rows apart.
 * const { labels, constant } = hardLabels(Float32Array.of(9, 1, 0, 8, 2, 0, 7, 4, 0), 3, 3);
 * assertEquals([...labels], [0, 0, 1]);
 * assertEquals(constant, [2]);
 * ```
 */
export function hardLabels(scores: Float32Array, rows: number, columns: number): HardLabels {
  const labels = new Int32Array(rows).fill(-1);
  const best = new Float64Array(rows).fill(-1);
  const constant: number[] = [];
  const sorted = new Float32Array(rows);
  for (let column = 0; column < columns; column++) {
    for (let row = 0; row < rows; row++) sorted[row] = scores[row * columns + column];
    sorted.sort();
    const [low, high] = [quantile(sorted, LOW), quantile(sorted, HIGH)];
    if (!(high > low)) {
      constant.push(column);
      continue;
    }
    for (let row = 0; row < rows; row++) {
      const clipped = Math.min(high, Math.max(low, scores[row * columns + column]));
      const scaled = (clipped - low) / (high - low);
      if (scaled <= best[row]) continue;
      best[row] = scaled;
      labels[row] = column;
    }
  }
  if (constant.length === columns) {
    for (let row = 0; row < rows; row++) {
      const own = scores.subarray(row * columns, (row + 1) * columns);
      labels[row] = own.indexOf(own.reduce((most, score) => Math.max(most, score)));
    }
  }
  return { labels, constant };
}

/** Between the nearest two values, linearly. */
function quantile(sorted: Float32Array, share: number): number {
  const place = (sorted.length - 1) * share;
  const below = Math.floor(place);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (place - below);
}
