import type { Progress } from "@/core/progress.ts";
import type { Random } from "@/core/random.ts";
import type { Checkpoints, Limits, SlideInfo } from "@/core/stage.ts";
import type { PatchSet, PatchSetDescription } from "@/formats/patches/mod.ts";
import { BASELINE_CLASSES } from "@/vision/baseline/mod.ts";
import {
  baselineThreshold,
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
  /** Maps in the file that are of no patch of the set; known once there are blocks. */
  readonly foreign: () => number;
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
 * What is wrong with published predictions is thrown when blocks are asked for, as `predictPatches` does.
 */
export async function predictBlocks(
  set: PatchSet,
  description: PatchSetDescription,
  { file, magnification }: ChosenPredictor,
  { blockPatches, thresholdPatches }: PredictAndAlignParams,
  { slide, random, progress, signal, limits, checkpoints }: Surroundings,
): Promise<Prediction> {
  let foreign = 0;
  const { umPerPixel: umPerPx } = description;
  const sample = { count: thresholdPatches, random: random.split("threshold") };
  const spec: PredictorSpec = file === undefined
    ? { kind: "baseline", umPerPx, threshold: await baselineThreshold(set, umPerPx, sample) }
    : { kind: "published", path: file, slide: slide.id };
  const blocks = predictPatches(set, spec, {
    ...{ magnification, blockPatches, workers: limits.threads, progress, signal },
    matched: (maps) => foreign = maps.foreign,
    kept: (block) => checkpoints.read(`block-${block}`),
    keep: (block, bytes) => checkpoints.write(`block-${block}`, bytes),
  });
  const classes = file === undefined ? BASELINE_CLASSES : undefined;
  return { classes, foreign: () => foreign, blocks };
}
