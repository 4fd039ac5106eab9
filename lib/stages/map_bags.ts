import { SthelarError } from "@/core/errors.ts";
import type { Progress } from "@/core/progress.ts";
import type { Random } from "@/core/random.ts";
import type { Checkpoints, Limits } from "@/core/stage.ts";
import type { Provider } from "@/numerics/graph/mod.ts";
import type { MappingOptions } from "@/numerics/tangram/mod.ts";
import { keepBag, keptBag, mapBag, type MappedReference } from "./map_bag.ts";
import { type NucleusCounts, splitIntoBags } from "./tangram_bags.ts";
import { estimateBags, requireFit, type TangramEstimate } from "./tangram_budget.ts";
import type { TangramBag } from "./tangram_report.ts";

/** Epochs between two looks for a plateau. */
export const PLATEAU_WINDOW = 50;

/** How nuclei are cut into bags, and each bag mapped. */
export interface BagOptions {
  readonly bagSize: number;
  readonly mode: "cells" | "clusters";
  readonly epochs: number;
  readonly learningRate: number;
  readonly plateau: number | undefined;
  readonly blockRows: number | undefined;
  readonly provider: Provider;
}

/** The whole slide. */
export interface BagProblem {
  readonly reference: MappedReference;
  readonly nuclei: NucleusCounts;
  /** Names of nuclei, by row. */
  readonly nucleusNames: readonly string[];
  /** Bytes that the counts take. */
  readonly heldBytes: number;
}

/** What a stage lends. */
interface Surroundings {
  readonly random: Random;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly limits: Limits;
  readonly checkpoints: Checkpoints;
  inform(message: string): void;
}

/** Scores of the whole slide. */
export interface MappedBags {
  /** `(n_nuclei, n_types)`. */
  readonly scores: Float32Array;
  readonly bags: readonly TangramBag[];
  readonly estimate: TangramEstimate;
}

/**
 * Maps the reference to bag after bag of the nuclei; bags that an unfinished run has kept are taken
 * over. Memory and time are said before it starts.
 *
 * @throws {SthelarError} `OverBudget` if a bag does not fit; as `mapBag`.
 */
export async function mapBags(
  problem: BagProblem,
  options: BagOptions,
  surroundings: Surroundings,
): Promise<MappedBags> {
  const { reference, nuclei, nucleusNames } = problem;
  const { random, progress, signal, checkpoints } = surroundings;
  const { typeCount } = reference;
  if (nucleusNames.length === 0) throw noNuclei();
  const parts = splitIntoBags(nucleusNames.length, options.bagSize, random.split("bags"));
  const estimate = announce(problem, parts, options, surroundings);
  const scores = new Float32Array(nucleusNames.length * typeCount);
  const bags: TangramBag[] = [];
  const total = parts.length * options.epochs;
  for (const [i, rows] of parts.entries()) {
    signal.throwIfAborted();
    const bag = { number: i + 1, of: parts.length, rows, nucleusNames };
    const kept = await keptBag(checkpoints, bag.number);
    const start = random.split(`bag ${bag.number}`);
    const mapping = mappingOptions(options, surroundings, (done) => {
      progress.update(i * options.epochs + done, total, "epochs");
    });
    const mapped = kept ?? await mapBag(reference, nuclei, bag, options.mode, start, mapping);
    if (kept === undefined) await keepBag(checkpoints, bag.number, mapped);
    rows.forEach((row, k) => {
      scores.set(mapped.scores.subarray(k * typeCount, (k + 1) * typeCount), row * typeCount);
    });
    bags.push(mapped.bag);
    progress.update(bag.number * options.epochs, total, "epochs");
  }
  return { scores, bags, estimate };
}

/** Says what the mapping will take, and refuses what does not fit. */
function announce(
  { reference, nucleusNames, heldBytes }: BagProblem,
  parts: readonly Int32Array[],
  { mode, epochs, blockRows, provider }: BagOptions,
  { limits, inform }: Surroundings,
): TangramEstimate {
  const rows = mode === "clusters" ? new Set(reference.types).size : reference.types.length;
  const bagSize = parts[0].length;
  const size = {
    ...{ rows, nuclei: nucleusNames.length, bagSize, bags: parts.length, epochs, heldBytes },
    genes: reference.genes.length,
    types: reference.typeCount,
  };
  requireFit(size, limits, blockRows);
  const estimate = estimateBags(size, limits.threads, blockRows);
  const minutes = Math.max(1, Math.round(estimate.seconds / 60));
  inform(
    `${rows} ${mode === "clusters" ? "types" : "cells"} x ${nucleusNames.length} nuclei in ` +
      `${parts.length} ${
        parts.length === 1 ? "bag" : "bags"
      }, ${size.genes} genes, ${epochs} epochs: ` +
      `about ${(estimate.memoryBytes / 1e9).toFixed(1)} GB and ${minutes} min on ${provider}, ` +
      `${limits.threads} ${limits.threads === 1 ? "thread" : "threads"}`,
  );
  return estimate;
}

function mappingOptions(
  { epochs, learningRate, plateau, blockRows, provider }: BagOptions,
  { limits, signal }: Surroundings,
  onEpoch: (done: number) => void,
): MappingOptions {
  return {
    epochs,
    learningRate,
    provider,
    threads: limits.threads,
    signal,
    onEpoch,
    ...(blockRows === undefined ? {} : { blockRows }),
    ...(plateau === undefined ? {} : { plateau: { window: PLATEAU_WINDOW, tolerance: plateau } }),
  };
}

function noNuclei(): SthelarError {
  return new SthelarError("InvalidArgument", {
    action: 'Cannot map the nuclei of "table_nuclei"',
    found: "none",
    expected: "at least one nucleus",
  });
}
