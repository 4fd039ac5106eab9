import { SthelarError } from "@/core/errors.ts";
import { sortedQuantile } from "@/numerics/sorted_quantile.ts";

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
    lowerQuartile: sortedQuantile(known, 0.25),
    median: sortedQuantile(known, 0.5),
    upperQuartile: sortedQuantile(known, 0.75),
    max: known[known.length - 1],
    histogram,
  };
}

/** Patches whose Jaccard index is at least this, itself included, and the nuclei in them. */
export function keptFrom(
  jaccard: Float64Array,
  nuclei: Int32Array,
  least: number,
): { readonly patches: number; readonly nuclei: number } {
  let patches = 0, sum = 0;
  jaccard.forEach((value, row) => {
    // NaN is never at least anything.
    if (!(value >= least)) return;
    patches++;
    sum += nuclei[row];
  });
  return { patches, nuclei: sum };
}

/**
 * Jaccard indices from which patches are kept, the stricter one last.
 *
 * @throws {SthelarError} `InvalidArgument` for a stricter choice that is not stricter.
 */
export function alignmentCuts(
  { keepFrom, strictFrom }: { readonly keepFrom: number; readonly strictFrom: number },
): readonly [number, number] {
  if (strictFrom > keepFrom) return [keepFrom, strictFrom];
  throw new SthelarError("InvalidArgument", {
    action: "Cannot choose patches by their Jaccard index",
    found: `strictFrom ${strictFrom} and keepFrom ${keepFrom}`,
    expected: "strictFrom above keepFrom",
  });
}
