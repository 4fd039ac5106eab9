import type { PatchEvaluation } from "@/vision/metrics/mod.ts";
import { type InstanceRuns, mapOfRuns } from "./instance_runs.ts";

/** Pixels under nuclei of the masks by predicted class, summed over patches. */
export interface ClassPixels {
  /** Numbers of the cells in the masks, ascending. */
  readonly cells: Int32Array<ArrayBuffer>;
  /** (cells, classes). */
  readonly counts: Uint32Array<ArrayBuffer>;
}

/** What a block holds, as plain values: it comes from a worker or from a kept file. */
export interface BlockContent {
  /** Index of the first patch in the set. */
  readonly first: number;
  /** Numbers of the patches in the grid. */
  readonly patches: Int32Array<ArrayBuffer>;
  /** Side of a patch, px. */
  readonly patchWidth: number;
  /** Whether there is a prediction of each patch. */
  readonly isPredicted: Uint8Array<ArrayBuffer>;
  readonly truthRuns: InstanceRuns;
  readonly predictedRuns: InstanceRuns;
  /** Nuclei of the masks in each patch. */
  readonly nuclei: Int32Array<ArrayBuffer>;
  /** Predicted nuclei in each patch. */
  readonly predicted: Int32Array<ArrayBuffer>;
  /** How well each patch agrees; `undefined` without prediction. */
  readonly evaluations: readonly (PatchEvaluation | undefined)[];
  /** Where classes are known. */
  readonly classPixels?: ClassPixels;
}

/** A block of consecutive patches: what was predicted, and how well it agrees with the masks. */
export class PredictedBlock {
  readonly #content: BlockContent;

  constructor(content: BlockContent) {
    this.#content = content;
  }

  /** Index of the first patch in the set. */
  get first(): number {
    return this.#content.first;
  }

  /** Numbers of the patches in the grid. */
  get patches(): Int32Array {
    return this.#content.patches;
  }

  /** Nuclei of the masks in each patch. */
  get nuclei(): Int32Array {
    return this.#content.nuclei;
  }

  /** Predicted nuclei in each patch, 0 without prediction. */
  get predicted(): Int32Array {
    return this.#content.predicted;
  }

  /** How well each patch agrees; `undefined` without prediction. */
  get evaluations(): readonly (PatchEvaluation | undefined)[] {
    return this.#content.evaluations;
  }

  /** Pixels under nuclei by predicted class, where classes are known. */
  get classPixels(): ClassPixels | undefined {
    return this.#content.classPixels;
  }

  /** Predicted labels of a patch of the block, (width, width); `undefined` without prediction. */
  instances(i: number): Int32Array<ArrayBuffer> | undefined {
    const { isPredicted, predictedRuns, patchWidth } = this.#content;
    return isPredicted[i] === 0 ? undefined : mapOfRuns(predictedRuns, i, patchWidth * patchWidth);
  }

  /** Labels of the mask of a patch of the block, (width, width). */
  truth(i: number): Int32Array<ArrayBuffer> {
    const { truthRuns, patchWidth } = this.#content;
    return mapOfRuns(truthRuns, i, patchWidth * patchWidth);
  }
}
