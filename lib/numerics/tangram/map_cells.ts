import { isSthelarError, SthelarError } from "@/core/errors.ts";
import type { Random } from "@/core/random.ts";
import { openProgram, type Provider, type RunningProgram } from "@/numerics/graph/mod.ts";
import { type Counts, countsShape, denseColumns, denseRows } from "./dense_counts.ts";
import { type MappingNames, nonFinite } from "./non_finite.ts";
import { checkBlockRows, planBlocks } from "./plan_blocks.ts";
import { type Plateau, PlateauWatch } from "./plateau_watch.ts";
import {
  SCORING,
  tangramModels,
  type TangramShape,
  type TermWeights,
  trainingOrder,
} from "./tangram_models.ts";

/** What is mapped to what. */
export interface MappingProblem {
  /** Counts of the reference, `(n_cells, n_genes)`; of clusters: their sums. */
  readonly cells: Counts;
  /** Counts of nuclei, `(n_nuclei, n_genes)`, the same genes. */
  readonly nuclei: Counts;
  /** Type of each row of `cells`, from 0 on. */
  readonly types: Int32Array;
  /** How many types there are. */
  readonly typeCount: number;
  /** Share of each nucleus in the map, sums to 1; without it the density is free. */
  readonly density?: ArrayLike<number>;
  /** Share of each row of `cells`, sums to 1 (`d_source`); equal unless told. */
  readonly sourceDensity?: ArrayLike<number>;
  /** The map before it is learned, `(n_cells, n_nuclei)`, or a source of normal numbers for it. */
  readonly start: Float32Array | Random;
}

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
  const shape = shapeOf(problem, options.blockRows);
  const weights = weightsOf(problem, options.weights);
  await using running = await openProgram(tangramModels(shape, weights, learningRate), {
    threads,
    provider,
    ...(signal === undefined ? {} : { signal }),
  });
  await feed(running, problem, shape, weights);
  const curves = await train(running, weights, options);
  await running.run({ order: SCORING, watch: [] });
  const scores = await running.take("scores") as Float32Array;
  if (scores.some((score) => !Number.isFinite(score))) {
    throw await nonFinite(running, options.names);
  }
  return { scores, ...curves, blockRows: shape.blockRows, provider };
}

function shapeOf({ cells, nuclei, types, typeCount, density }: MappingProblem, blockRows?: number) {
  const [cellCount, genes] = countsShape(cells);
  const [nucleusCount, genesOfNuclei] = countsShape(nuclei);
  checkBlockRows(blockRows);
  const isWhole = cellCount > 0 && nucleusCount > 0 && genes > 0 && genes === genesOfNuclei &&
    types.length === cellCount && (density === undefined || density.length === nucleusCount);
  if (isWhole) {
    return planBlocks(
      { cells: cellCount, nuclei: nucleusCount, genes, types: typeCount },
      blockRows,
    );
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

async function feed(
  running: RunningProgram,
  { cells, nuclei, types, density, sourceDensity, start }: MappingProblem,
  shape: TangramShape,
  weights: TermWeights,
): Promise<void> {
  const give = (name: string, data: Float32Array<ArrayBuffer>) =>
    running.write(name, data, { transfer: true });
  const shares = new Float32Array(shape.cells).fill(1 / shape.cells);
  if (sourceDensity !== undefined) shares.set(sourceDensity);
  const counts = denseRows(cells, "cell", shares);
  await give("cellsByGene", transposeBlocks(counts, shape));
  await give("cells", counts);
  const measured = denseColumns(nuclei, "nucleus");
  await give("measuredSquares", rowSquares(measured, shape.genes + 1));
  await give("measured", measured);
  if (weights.density > 0) {
    await give("cellShares", shares);
    await give("density", Float32Array.from(density!));
  }
  const isType = new Float32Array(shape.cells * shape.types);
  types.forEach((type, cell) => isType[cell * shape.types + type] = 1);
  await give("types", isType);
  await writeStart(running, start, shape);
}

/** The rows of each block by columns. */
function transposeBlocks(
  rows: Float32Array,
  { cells, genes, blockRows }: TangramShape,
): Float32Array<ArrayBuffer> {
  const result = new Float32Array(rows.length);
  const columns = genes + 1;
  for (let row = 0; row < cells; row++) {
    const first = row - row % blockRows;
    const size = Math.min(blockRows, cells - first);
    for (let column = 0; column < columns; column++) {
      result[first * columns + column * size + row - first] = rows[row * columns + column];
    }
  }
  return result;
}

function rowSquares(dense: Float32Array, rows: number): Float32Array<ArrayBuffer> {
  const length = dense.length / rows;
  return Float32Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (let k = row * length; k < (row + 1) * length; k++) sum += dense[k] ** 2;
    return sum;
  });
}

/** Writes the map some rows at a time, so that it never exists twice. */
async function writeStart(
  running: RunningProgram,
  start: Float32Array | Random,
  { cells, nuclei, blockRows }: TangramShape,
): Promise<void> {
  for (let firstRow = 0; firstRow < cells; firstRow += blockRows) {
    const rows = Math.min(blockRows, cells - firstRow);
    const values = new Float32Array(rows * nuclei);
    if (start instanceof Float32Array) {
      values.set(start.subarray(firstRow * nuclei, (firstRow + rows) * nuclei));
    } else start.fillNormal(values);
    await running.write("map", values, { firstRow, transfer: true });
  }
}

type Curves = Pick<Mapping, "geneScore" | "kl" | "stoppedEarly">;

async function train(
  running: RunningProgram,
  weights: TermWeights,
  options: MappingOptions,
): Promise<Curves> {
  const { epochs = 1000, plateau, onEpoch } = options;
  const terms = [
    "geneScore",
    ...(weights.density > 0 ? ["kl"] : []),
  ];
  const curves = Object.fromEntries(terms.map((term) => [term, new Float64Array(epochs)]));
  const watch = plateau && new PlateauWatch(plateau);
  let done = 0;
  let stoppedEarly = false;
  while (done < epochs && !stoppedEarly) {
    const first = done;
    const steps = Math.min(epochs - done, plateau?.window ?? epochs);
    const { watched } = await running.run({
      steps,
      order: trainingOrder(weights),
      watch: terms,
      onSteps: (step, values) => onEpoch?.(first + step + values.geneScore.length),
    }).catch(async (error) => {
      throw isSthelarError(error, "CorruptData")
        ? await nonFinite(running, options.names, error)
        : error;
    });
    for (const term of terms) curves[term].set(watched[term], done);
    done += steps;
    const last = (term: string) => watched[term]?.at(-1) ?? 0;
    const loss = weights.density * last("kl") - weights.genes * last("geneScore");
    stoppedEarly = done < epochs && watch?.add(loss) === true;
  }
  const part = (term: string) => curves[term]?.slice(0, done);
  return {
    geneScore: part("geneScore"),
    ...(weights.density > 0 ? { kl: part("kl") } : {}),
    stoppedEarly,
  };
}
