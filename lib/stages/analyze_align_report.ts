/** How a score of patches is spread. */
export interface ScoreSpread {
  /** Patches that have the score. */
  readonly count: number;
  readonly mean: number;
  readonly min: number;
  readonly lowerQuartile: number;
  readonly median: number;
  readonly upperQuartile: number;
  readonly max: number;
  /** Patches in each of 30 equal bins from 0 to 1. */
  readonly histogram: readonly number[];
}

/** Scores that are looked at. */
export const ALIGNMENT_SCORES = ["dice", "jaccard", "bpq", "bdq", "bsq", "f1"] as const;
/** A score of patches. */
export type AlignmentScore = typeof ALIGNMENT_SCORES[number];

/** What stage 3-04 found. */
export interface AnalyzeAlignReport {
  /** Who predicted. */
  readonly source: string;
  /** Patches that are kept by 3-01, and those with a prediction. */
  readonly patches: { readonly total: number; readonly evaluated: number };
  /** Spread of each score; `null` where no patch has it. */
  readonly scores: Readonly<Record<AlignmentScore, ScoreSpread | null>>;
  /** What is kept from a Jaccard index on. */
  readonly kept: readonly {
    readonly jaccard: number;
    readonly patches: number;
    /** Of the Xenium run, in these patches: one that lies in two counts twice. */
    readonly nuclei: number;
  }[];
  /** Numbers of patches by rank of their Jaccard index. */
  readonly examples: {
    readonly best: readonly number[];
    readonly middle: readonly number[];
    readonly worst: readonly number[];
  };
}

const BINS = 30;

/** The spread of a score; NaN are left out. */
export function spreadOf(values: Float64Array): ScoreSpread | null {
  const known = values.filter((value) => !Number.isNaN(value)).sort();
  if (known.length === 0) return null;
  const histogram = new Array<number>(BINS).fill(0);
  for (const value of known) histogram[Math.min(BINS - 1, Math.floor(value * BINS))]++;
  return {
    count: known.length,
    mean: known.reduce((sum, value) => sum + value, 0) / known.length,
    min: known[0],
    lowerQuartile: quantile(known, 0.25),
    median: quantile(known, 0.5),
    upperQuartile: quantile(known, 0.75),
    max: known[known.length - 1],
    histogram,
  };
}

/** Linear between ranks, as NumPy's default. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1), below = Math.floor(place);
  const above = Math.min(sorted.length - 1, below + 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}
