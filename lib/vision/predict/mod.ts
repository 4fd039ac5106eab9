/**
 * Nuclei predicted on patches, and how well they agree with those of the masks.
 * @module
 */
export { baselineThreshold } from "./baseline_threshold.ts";
export { packBlock, unpackBlock } from "./block_bytes.ts";
export { PredictedBlock } from "./predicted_block.ts";
export { type PredictOptions, predictPatches } from "./predict_patches.ts";
export type { PatchPrediction, PredictorSpec } from "./predictor.ts";
