import type { Progress } from "@/core/progress.ts";
import type { Random } from "@/core/random.ts";
import type { Checkpoints, Limits, SlideInfo } from "@/core/stage.ts";
import { openInstanceMaps } from "@/formats/cellvit/mod.ts";
import type { PatchSet, PatchSetDescription } from "@/formats/patches/mod.ts";
import { BASELINE_CLASSES } from "@/vision/baseline/mod.ts";
import {
  baselineThreshold,
  matchPublishedMaps,
  type PredictedBlock,
  type PredictorSpec,
  predictPatches,
} from "@/vision/predict/mod.ts";
import type { ChosenPredictor } from "./choose_predictor.ts";
import type { PredictAndAlignParams } from "./predict_and_align_params.ts";

/** Predictions on their way. */
export interface Prediction {
  /** Names of classes, background first; `undefined` where the source does not tell them. */
  readonly classes: readonly string[] | undefined;
  /** Maps in the file that are of no patch of the set. */
  readonly foreign: number;
  /** In order. */
  readonly blocks: AsyncIterable<PredictedBlock>;
}

/** What a stage lends. */
interface Surroundings {
  readonly slide: SlideInfo;
  readonly random: Random;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly limits: Limits;
  readonly checkpoints: Checkpoints;
}

/**
 * Predicts block after block of the patches; blocks that an unfinished run has kept are taken over.
 *
 * @throws {SthelarError} `IdMismatch` for published predictions of other patches.
 */
export async function predictBlocks(
  set: PatchSet,
  description: PatchSetDescription,
  { file, magnification }: ChosenPredictor,
  { blockPatches, thresholdPatches }: PredictAndAlignParams,
  { slide, random, progress, signal, limits, checkpoints }: Surroundings,
): Promise<Prediction> {
  const foreign = file === undefined ? 0 : await foreignMaps(file, slide.id, set);
  const { umPerPixel: umPerPx } = description;
  const sample = { count: thresholdPatches, random: random.split("threshold") };
  const spec: PredictorSpec = file === undefined
    ? { kind: "baseline", umPerPx, threshold: await baselineThreshold(set, umPerPx, sample) }
    : { kind: "published", path: file, slide: slide.id };
  const blocks = predictPatches(set, spec, {
    ...{ magnification, blockPatches, workers: limits.threads, progress, signal },
    kept: (block) => checkpoints.read(`block-${block}`),
    keep: (block, bytes) => checkpoints.write(`block-${block}`, bytes),
  });
  return { classes: file === undefined ? BASELINE_CLASSES : undefined, foreign, blocks };
}

/** Maps in a file that are of no patch of the set. */
async function foreignMaps(path: string, slide: string, set: PatchSet): Promise<number> {
  using maps = await openInstanceMaps(path, slide);
  return matchPublishedMaps(maps, set).foreign;
}
