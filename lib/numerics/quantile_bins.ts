import type { Categorical } from "@/core/categorical.ts";
import { sortedQuantile } from "./sorted_quantile.ts";

/** Bins of a quantity. */
export interface QuantileBins {
  /** The bin of each row, `0` the lowest; rows without a value have none. */
  readonly column: Categorical;
  /** Ends of the bins, rising: one more than there are bins. */
  readonly edges: Float64Array;
  /** Quantiles that several bins would have ended at: those bins are one. */
  readonly tied: readonly number[];
}

/**
 * Bins of a quantity between its quantiles, as `pandas.qcut(values, count, labels=False,
 * duplicates="drop")` numbers them; where all values are equal, pandas gives none and this one bin.
 *
 * A bin holds what lies above its lower end up to its upper one. Between few values a bin can be empty:
 * then its number is no level.
 *
 * @param values The quantity of each row; what is not finite is in no bin.
 * @param count How many bins.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { quantileBins } from "@/numerics/quantile_bins.ts";
 *
 * const { column, edges } = quantileBins([5, 1, 9, 7], 2);
 * assertEquals([[...column.codes], [...edges]], [[0, 0, 1, 1], [1, 6, 9]]);
 * const { column: { levels }, tied } = quantileBins([0, 0, 0, 0, 1], 4);
 * assertEquals([levels, tied], [["0"], [0]]);
 * ```
 */
export function quantileBins(values: ArrayLike<number>, count: number): QuantileBins {
  const sorted = Float64Array.from(values).filter(Number.isFinite).sort();
  const quantiles = quantilesOf(sorted, count);
  const edges = Float64Array.from(new Set(quantiles));
  const tied = [...edges].filter((edge) => quantiles.indexOf(edge) < quantiles.lastIndexOf(edge));
  const bins = new Int32Array(values.length);
  for (let row = 0; row < bins.length; row++) bins[row] = binOf(edges, values[row]);
  const isUsed = new Uint8Array(edges.length);
  for (const bin of bins) if (bin >= 0) isUsed[bin] = 1;
  const used = [...isUsed.keys()].filter((bin) => isUsed[bin] === 1);
  const codeOf = new Int32Array(edges.length).fill(-1);
  used.forEach((bin, code) => codeOf[bin] = code);
  return {
    column: {
      codes: bins.map((bin) => bin < 0 ? -1 : codeOf[bin]),
      levels: used.map(String),
      ordered: true,
    },
    ...{ edges, tied },
  };
}

/** The bin whose lower end lies below a value and whose upper end does not; the first has both. */
function binOf(edges: Float64Array, value: number): number {
  if (!Number.isFinite(value)) return -1;
  let low = 0, high = edges.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (edges[middle] < value) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}

/**
 * Quantiles `0, 1 / count, … 1` as numpy finds them, rounded as numpy rounds them: an end that is a
 * value must be that value.
 */
function quantilesOf(sorted: Float64Array, count: number): number[] {
  if (sorted.length === 0) return [];
  const step = 1 / count;
  return Array.from({ length: count + 1 }, (_, k) => {
    const share = k === count ? 1 : k * step * 100 / 100;
    return sortedQuantile(sorted, share);
  });
}
