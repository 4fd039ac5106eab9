/**
 * Nuclei predicted on patches, and how well they agree with those of the masks.
 * @module
 */
export { baselineThreshold } from "./baseline_threshold.ts";
export { type MatchedMaps, matchPublishedMaps } from "./match_published_maps.ts";
export { ClassPixelCounter } from "./class_pixel_counter.ts";
export { type ClassPixels, PredictedBlock } from "./predicted_block.ts";
export { type PredictOptions, predictPatches } from "./predict_patches.ts";
export {
  type PatchPrediction,
  type PredictorInfo,
  predictorInfo,
  type PredictorSpec,
} from "./predictor.ts";
