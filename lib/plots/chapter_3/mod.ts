/**
 * The figures of chapter 3: patches, and how well H&E and RNA fit.
 * @module
 */
export { patchControl, type PatchControlOptions, type PatchPicture } from "./patch_control.ts";
export {
  OUTCOME_COLOURS,
  patchCoverage,
  type PatchCoverageOptions,
  type PatchThumbnail,
} from "./patch_coverage.ts";
