import type { Categorical } from "@/core/categorical.ts";
import { etaSquared } from "@/numerics/metrics/mod.ts";
import { quantileBins } from "@/numerics/quantile_bins.ts";

/** How far clusters follow depth. */
export interface DepthShares {
  /** Share of the variance of ln(1 + transcripts) between broad labels. */
  readonly label1: number | null;
  /** The same between refined clusters; `null` where they are not known. */
  readonly clusters: number | null;
}

/** Rows of one bin of transcripts. */
export interface DepthBin {
  /** Its number in `transcript_cat`. */
  readonly name: string;
  /** Its rows. */
  readonly rows: number;
  /** Fewest and most transcripts of its rows. */
  readonly from: number;
  readonly to: number;
}

/** Rows of a table by their depth. */
export interface TableDepth {
  /** Bins that were asked for. */
  readonly quantiles: number;
  /** Bins that there are. */
  readonly bins: readonly DepthBin[];
  /** Numbers of transcripts that several bins would have ended at: those bins are one. */
  readonly tied: readonly number[];
  /** Rows that were clustered: does depth drive the clustering? */
  readonly explained: DepthShares;
}

/** Columns of depth of a table's rows. */
export interface DepthColumns {
  /** Bin of each row. */
  readonly category: Categorical;
  /** ln(1 + transcripts). */
  readonly log: Float64Array;
  /** What there is to say of them. */
  readonly depth: TableDepth;
}

/**
 * Bins and logarithms of the transcripts of a table's rows, and how far its labels follow them.
 *
 * @param totals Transcripts of each row.
 * @param quantiles Bins to make.
 * @param label1 Broad label of each row that was clustered, -1 elsewhere.
 * @param clusters Its refined cluster, if known.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { depthColumns } from "@/stages/annotate_depth.ts";
 *
 * const { category, depth } = depthColumns([1, 9, 3, 20], 2, Int32Array.of(-1, 0, -1, 0), undefined);
 * assertEquals([...category.codes], [0, 1, 0, 1]);
 * assertEquals(depth.bins[1], { name: "1", rows: 2, from: 9, to: 20 });
 * ```
 */
export function depthColumns(
  totals: ArrayLike<number>,
  quantiles: number,
  label1: Int32Array,
  clusters: Int32Array | undefined,
): DepthColumns {
  const { column, tied } = quantileBins(totals, quantiles);
  const log = new Float64Array(totals.length);
  for (let row = 0; row < log.length; row++) log[row] = Math.log1p(totals[row]);
  return {
    category: column,
    log,
    depth: {
      quantiles,
      bins: binsOf(column, totals),
      tied,
      explained: {
        label1: rounded(etaSquared(log, label1)),
        clusters: clusters === undefined ? null : rounded(etaSquared(log, clusters)),
      },
    },
  };
}

function binsOf({ codes, levels }: Categorical, totals: ArrayLike<number>): DepthBin[] {
  const bins = levels.map((name) => ({ name, rows: 0, from: Infinity, to: -Infinity }));
  codes.forEach((code, row) => {
    if (code < 0) return;
    const bin = bins[code];
    bin.rows++;
    bin.from = Math.min(bin.from, totals[row]);
    bin.to = Math.max(bin.to, totals[row]);
  });
  return bins;
}

function rounded(share: number | null): number | null {
  return share === null ? null : Math.round(1e4 * share) / 1e4;
}
