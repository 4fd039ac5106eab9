/** Thresholds are 0, 0.01, … 1. */
const THRESHOLDS = 101;
/** Bins of a score in pairs. */
const BINS = 60;

/** Scores of the same patches; NaN for none. */
export interface PairedScores {
  readonly Dice: Float64Array;
  readonly Jaccard: Float64Array;
  readonly bPQ: Float64Array;
}

/** How the scores of patches hang together; of several slides these are sums. */
export interface ScoreRelations {
  /** Patches whose Jaccard index is at least 0, 0.01, … 1. */
  readonly keptFrom: Float64Array;
  /** Patches by bins of Jaccard (columns) and bPQ (rows). */
  readonly jaccardBpq: Float64Array;
  /** Patches by bins of Dice (columns) and Jaccard (rows). */
  readonly diceJaccard: Float64Array;
  /** How far Dice is from 2 J / (1 + J) at most: 0 but for rounding where both are of the same masks. */
  readonly largestResidual: number;
}

/**
 * How the scores of patches hang together. Patches without one of a pair are not in it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { scoreRelations } from "@/study/score_relations.ts";
 *
 * const Jaccard = Float64Array.of(0.5, NaN), bPQ = Jaccard, Dice = Float64Array.of(2 / 3, 0.25);
 * const { keptFrom, largestResidual } = scoreRelations({ Dice, Jaccard, bPQ });
 * assertEquals([keptFrom[50], keptFrom[51]], [1, 0]);
 * assertEquals(largestResidual, 0);
 * ```
 */
export function scoreRelations({ Dice, Jaccard, bPQ }: PairedScores): ScoreRelations {
  const keptFrom = new Float64Array(THRESHOLDS);
  let largestResidual = 0;
  Jaccard.forEach((jaccard, row) => {
    if (Number.isNaN(jaccard)) return;
    for (let i = 0; i < THRESHOLDS && jaccard >= i / (THRESHOLDS - 1); i++) keptFrom[i]++;
    const residual = Math.abs(Dice[row] - 2 * jaccard / (1 + jaccard));
    if (residual > largestResidual) largestResidual = residual;
  });
  return {
    keptFrom,
    jaccardBpq: binned(Jaccard, bPQ),
    diceJaccard: binned(Dice, Jaccard),
    largestResidual,
  };
}

/** Relations of all patches of several slides. */
export function sumRelations(slides: readonly ScoreRelations[]): ScoreRelations {
  const sum = (part: "keptFrom" | "jaccardBpq" | "diceJaccard") =>
    slides.reduce(
      (all, slide) => all.map((count, i) => count + slide[part][i]),
      new Float64Array(slides[0][part].length),
    );
  return {
    ...{ keptFrom: sum("keptFrom"), jaccardBpq: sum("jaccardBpq") },
    diceJaccard: sum("diceJaccard"),
    largestResidual: Math.max(...slides.map(({ largestResidual }) => largestResidual)),
  };
}

function binned(x: Float64Array, y: Float64Array): Float64Array {
  const counts = new Float64Array(BINS * BINS);
  const binOf = (value: number) => Math.min(BINS - 1, Math.floor(value * BINS));
  x.forEach((value, row) => {
    if (!Number.isNaN(value + y[row])) counts[binOf(y[row]) * BINS + binOf(value)]++;
  });
  return counts;
}
