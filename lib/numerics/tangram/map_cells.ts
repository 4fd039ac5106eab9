import { isSthelarError, SthelarError } from "@/core/errors.ts";
import type { Provider } from "@/numerics/graph/mod.ts";
import { countsShape } from "./dense_counts.ts";
import { feedSlices } from "./feed_slices.ts";
import type { MappingProblem } from "./mapping_problem.ts";
import { type MappingNames, nonFinite } from "./non_finite.ts";
import { checkBlockRows, planSlices, type Slice } from "./plan_slices.ts";
import { type Plateau, PlateauWatch } from "./plateau_watch.ts";
import { RunningSlices } from "./running_slices.ts";
import { SCORING, type TermWeights } from "./tangram_models.ts";
import { trainSlices } from "./train_slices.ts";

/** How the map is learned; the defaults are Tangram's. */
export interface MappingOptions {
  /** Steps of Adam (default 1000). */
  readonly epochs?: number;
  /** Adam's step (default 0.1). */
  readonly learningRate?: number;
  /** How much each term counts (default genes 1, density 1 if one is given). */
  readonly weights?: Partial<TermWeights>;
  /** Stops before the last epoch once the loss hardly falls (default never). */
  readonly plateau?: Plateau;
  /** Rows of the reference that are worked on at a time; by size unless told. */
  readonly blockRows?: number;
  /** Halves of the reference that are worked on at the same time; by size unless told. */
  readonly slices?: 1 | 2;
  /** Threads (default 1); the result does not depend on them. */
  readonly threads?: number;
  /** What computes (default cpu). */
  readonly provider?: Provider;
  /** Stops it at once. */
  readonly signal?: AbortSignal;
  /** Told about ten times a second how many epochs are done. */
  readonly onEpoch?: (done: number) => void;
  /** Names for messages. */
  readonly names?: MappingNames;
}

/** What was learned. */
export interface Mapping {
  /** Sum of the map over the cells of each type, `(n_nuclei, n_types)`. */
  readonly scores: Float32Array;
  /** Mean cosine of genes before each epoch's step. */
  readonly geneScore: Float64Array;
  /** Divergence from the given density before each epoch's step, if there is one. */
  readonly kl?: Float64Array;
  /** Whether it ended on a plateau. */
  readonly stoppedEarly: boolean;
  /** Rows of the reference that were worked on at a time. */
  readonly blockRows: number;
  /** What computed. */
  readonly provider: Provider;
}

/**
 * Maps cells of a reference to nuclei as Tangram does (Biancalani et al. 2021; tangram-sc 1.0.4
 * `Mapper`, modes cells and clusters): learns for each cell a distribution over nuclei so that the
 * expression that it predicts is most like the measured one, gene by gene. Agrees with tangram-sc
 * within 1e-3 in each epoch's score from the same start (tests/numerics/tangram).
 *
 * The map of all pairs stays where it is computed, with Adam's moments: 12 bytes a pair, and little
 * else ({@link estimateTangram}).
 *
 * @throws {SthelarError} `InvalidArgument` for counts that are negative, no numbers, or of no gene;
 *   `CorruptData` at the first value that is not finite; `Aborted`.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { Random } from "@/core/random.ts";
 * import { mapCells } from "@/numerics/tangram/mod.ts";
 *
 * // Cells 0 and 1 of two types, nuclei like 0, 1 and 1.
 * const { scores } = await mapCells({
 *   cells: { data: Float32Array.of(9, 1, 1, 9), shape: [2, 2] },
 *   nuclei: { data: Float32Array.of(5, 0, 0, 4, 1, 6), shape: [3, 2] },
 *   types: Int32Array.of(0, 1),
 *   typeCount: 2,
 *   density: [0.3, 0.3, 0.4],
 *   start: new Random(1),
 * }, { epochs: 100 });
 * assert(scores[0] > scores[1] && scores[2] < scores[3] && scores[4] < scores[5]);
 * ```
 */
export async function mapCells(
  problem: MappingProblem,
  options: MappingOptions = {},
): Promise<Mapping> {
  const { learningRate = 0.1, threads = 1, provider = "cpu", signal } = options;
  const plan = planOf(problem, options);
  const weights = weightsOf(problem, options.weights);
  const settings = { learningRate, threads, provider, signal };
  await using slices = await RunningSlices.open(plan, weights, settings);
  await feedSlices(slices, problem, weights);
  const curves = await train(slices, weights, options);
  const scores = await score(slices, options);
  return { scores, ...curves, blockRows: plan[0].blockRows, provider };
}

function planOf(
  { cells, nuclei, types, typeCount, density }: MappingProblem,
  { blockRows, slices, provider = "cpu" }: MappingOptions,
): Slice[] {
  const [cellCount, genes] = countsShape(cells);
  const [nucleusCount, genesOfNuclei] = countsShape(nuclei);
  checkBlockRows(blockRows);
  const isWhole = cellCount > 0 && nucleusCount > 0 && genes > 0 && genes === genesOfNuclei &&
    types.length === cellCount && (density === undefined || density.length === nucleusCount);
  const count = provider === "cpu" ? slices : 1;
  if (isWhole) {
    return planSlices({ cells: cellCount, nuclei: nucleusCount, genes, types: typeCount }, {
      ...(blockRows === undefined ? {} : { blockRows }),
      ...(count === undefined ? {} : { slices: count }),
    });
  }
  throw new SthelarError("InvalidArgument", {
    action: "Cannot map cells to nuclei",
    found: `${cellCount} cells of ${types.length} with types and ${genes} genes, ${nucleusCount} ` +
      `nuclei of ${genesOfNuclei} genes`,
    expected:
      "cells and nuclei with the same genes, a type for each cell, a density for each nucleus",
  });
}

function weightsOf({ density }: MappingProblem, given: Partial<TermWeights> = {}): TermWeights {
  const weights = { genes: 1, density: 1, ...given };
  return { ...weights, density: density === undefined ? 0 : weights.density };
}

type Curves = Pick<Mapping, "geneScore" | "kl" | "stoppedEarly">;

async function train(
  slices: RunningSlices,
  weights: TermWeights,
  { epochs = 1000, plateau, onEpoch, names }: MappingOptions,
): Promise<Curves> {
  const geneScore = new Float64Array(epochs), kl = new Float64Array(epochs);
  const watch = plateau && new PlateauWatch(plateau);
  let done = 0;
  let stoppedEarly = false;
  while (done < epochs && !stoppedEarly) {
    const first = done;
    const steps = Math.min(epochs - done, plateau?.window ?? epochs);
    const terms = await trainSlices(slices, steps, (step, values) => {
      onEpoch?.(first + step + values.geneScore.length);
    }).catch(async (error) => {
      throw isSthelarError(error, "CorruptData") ? await nonFinite(slices, names, error) : error;
    });
    geneScore.set(terms.geneScore, done);
    kl.set(terms.kl, done);
    done += steps;
    const loss = weights.density * kl[done - 1] - weights.genes * geneScore[done - 1];
    stoppedEarly = done < epochs && watch?.add(loss) === true;
  }
  return {
    geneScore: geneScore.slice(0, done),
    ...(weights.density > 0 ? { kl: kl.slice(0, done) } : {}),
    stoppedEarly,
  };
}

/** Sums the slices' scores. */
async function score(slices: RunningSlices, options: MappingOptions): Promise<Float32Array> {
  const [scores, ...others] = await slices.each(async ({ running }) => {
    await running.run({ order: SCORING, watch: [] });
    return await running.take("scores") as Float32Array;
  });
  for (const other of others) other.forEach((value, k) => scores[k] += value);
  if (scores.every(Number.isFinite)) return scores;
  throw await nonFinite(slices, options.names);
}
