import type { Tasks } from "@/numerics/workers/mod.ts";
import { nucleusRecords } from "@/vision/hover/mod.ts";
import { evaluatePatch, PAIRING_RADIUS_PX, type PatchEvaluation } from "@/vision/metrics/mod.ts";
import { ClassPixelCounter } from "./class_pixel_counter.ts";
import { compactLabels } from "./compact_labels.ts";
import { runsOfMaps } from "./instance_runs.ts";
import type { BlockContent } from "./predicted_block.ts";
import {
  baselinePredictor,
  type PatchPrediction,
  type PicturePredictor,
  type PredictorSpec,
} from "./predictor.ts";

/** What blocks are predicted with. */
export interface PredictionRules {
  readonly spec: PredictorSpec;
  readonly patchWidth: number;
  readonly magnification: 40 | 20;
  /** Background included; 2 where the source does not tell any. */
  readonly classes: number;
}

/** A block of patches to predict and compare. */
export interface BlockInput {
  /** Index of the first in the set. */
  readonly first: number;
  /** Numbers in the grid. */
  readonly patches: Int32Array<ArrayBuffer>;
  readonly masks: readonly {
    readonly instances: Int32Array<ArrayBuffer>;
    readonly nucleusIds: Int32Array<ArrayBuffer>;
  }[];
  /** Pictures, for who predicts from them. */
  readonly pictures?: readonly Uint8Array<ArrayBuffer>[];
  /** Maps that were predicted before. */
  readonly given?: readonly (Int32Array | undefined)[];
}

/** What workers are asked. */
export interface PredictInputs {
  readonly start: PredictionRules;
  readonly predict: BlockInput;
}

/** What they answer. */
export interface PredictAnswers {
  readonly start: undefined;
  readonly predict: BlockContent;
}

/** Predicts and compares blocks of patches. */
export class BlockPredictor {
  readonly #rules: PredictionRules;
  readonly #size: { readonly width: number; readonly height: number };
  readonly #fromPicture: PicturePredictor | undefined;

  constructor(rules: PredictionRules) {
    this.#rules = rules;
    this.#size = { width: rules.patchWidth, height: rules.patchWidth };
    this.#fromPicture = rules.spec.kind === "baseline"
      ? baselinePredictor(rules.spec, this.#size)
      : undefined;
  }

  /** Predicts a block. */
  predict({ first, patches, masks, pictures, given }: BlockInput): BlockContent {
    const count = patches.length, { patchWidth, classes } = this.#rules;
    const [isPredicted, nuclei, predicted] = [
      new Uint8Array(count),
      new Int32Array(count),
      new Int32Array(count),
    ];
    const evaluations: (PatchEvaluation | undefined)[] = [];
    const predictedMaps: Int32Array[] = [];
    let pixels: ClassPixelCounter | undefined;
    masks.forEach(({ instances, nucleusIds }, i) => {
      const prediction = pictures === undefined
        ? given?.[i] && { instances: given[i] }
        : this.#fromPicture?.(pictures[i]);
      const found = this.#compare(instances, prediction);
      nuclei[i] = found.nuclei;
      evaluations.push(found.evaluation);
      predictedMaps.push(prediction?.instances ?? new Int32Array());
      if (prediction === undefined) return;
      isPredicted[i] = 1;
      predicted[i] = found.predicted;
      if (prediction.classes === undefined) return;
      pixels ??= new ClassPixelCounter(classes);
      pixels.addPixels(nucleusIds, prediction.classes);
    });
    return {
      ...{ first, patches, patchWidth, isPredicted, nuclei, predicted, evaluations },
      truthRuns: runsOfMaps(masks.map(({ instances }) => instances)),
      predictedRuns: runsOfMaps(predictedMaps),
      ...pixels === undefined ? {} : { classPixels: pixels.sums() },
    };
  }

  #compare(labels: Int32Array, prediction: PatchPrediction | undefined) {
    const { classes, magnification } = this.#rules;
    // The masks don't tell classes: every nucleus is of the first, as published.
    const types = insideOf(labels);
    const records = nucleusRecords(labels, types, this.#size);
    const nuclei = records.length;
    if (prediction === undefined) return { nuclei, predicted: 0, evaluation: undefined };
    const instances = compactLabels(prediction.instances), inside = insideOf(instances);
    const found = nucleusRecords(instances, prediction.classes ?? inside, this.#size);
    const evaluation = evaluatePatch(
      { labels, types, records },
      { binary: prediction.binary ?? inside, labels: instances, records: found },
      { classes, radius: PAIRING_RADIUS_PX[magnification] },
    );
    return { nuclei, predicted: found.length, evaluation };
  }
}

function insideOf(labels: Int32Array): Uint8Array<ArrayBuffer> {
  const inside = new Uint8Array(labels.length);
  for (let p = 0; p < labels.length; p++) inside[p] = labels[p] === 0 ? 0 : 1;
  return inside;
}

let predictor: BlockPredictor | undefined;

export const PREDICT_TASKS: Tasks<PredictInputs, PredictAnswers> = {
  start(rules) {
    predictor = new BlockPredictor(rules);
    return undefined;
  },
  predict(block) {
    if (predictor === undefined) throw new Error("asked to predict before it was told how");
    return predictor.predict(block);
  },
};
