/**
 * The figures of chapter 3: patches, and how well H&E and RNA fit.
 * @module
 */
export { patchControl, type PatchControlOptions, type PatchPicture } from "./patch_control.ts";
export { OUTCOME_COLOURS, patchCoverage, type PatchCoverageOptions } from "./patch_coverage.ts";
export {
  type AlignmentExample,
  alignmentExamples,
  type AlignmentExamplesOptions,
} from "./alignment_examples.ts";
export { alignmentMap, type AlignmentMapOptions } from "./alignment_map.ts";
export {
  alignmentScores,
  type AlignmentScoresOptions,
  type ScoreValues,
} from "./alignment_scores.ts";
export type { PatchThumbnail } from "./patch_thumbnail.ts";
export {
  type FoundShift,
  registrationFigure,
  type RegistrationFigureOptions,
} from "./registration_figure.ts";
