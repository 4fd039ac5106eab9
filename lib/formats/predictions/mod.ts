/**
 * Sets of predictions: nuclei that were predicted on patches, and how well they agree with the masks.
 * @module
 */
export { type AlignmentTable, emptyAlignment } from "./alignment_table.ts";
export type { NucleusClasses } from "./nucleus_classes.ts";
export {
  parsePredictionDescription,
  type PredictionDescription,
  type PredictionSource,
} from "./prediction_description.ts";
export { openPredictionSet, PredictionSet } from "./prediction_set.ts";
export {
  type PatchInstances,
  type PredictionMetrics,
  PredictionSetWriter,
} from "./prediction_set_writer.ts";
export { predictionsInput, predictionsOutput } from "./stage_predictions.ts";
