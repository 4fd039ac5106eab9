export { type BinaryOverlap, binaryOverlap } from "./binary_overlap.ts";
export {
  addDetections,
  type DetectedNucleus,
  type DetectionCounts,
  noDetections,
  PAIRING_RADIUS_PX,
  pairNuclei,
} from "./detection.ts";
export { detectionScores, typeConfusion, typeDetectionScores } from "./detection_scores.ts";
export {
  evaluatePatch,
  type PatchEvaluation,
  type PredictedNuclei,
  type TrueNuclei,
} from "./evaluate_patch.ts";
export { optimalAssignment } from "./optimal_assignment.ts";
export { type PanopticQuality, panopticQuality } from "./panoptic_quality.ts";
export {
  type EvaluatedPatch,
  type EvaluationSummary,
  summariseEvaluations,
} from "./summarise_evaluations.ts";
