/**
 * Output bundles of the 10x Xenium instrument (analysis 2.x to 4.x).
 * @module
 */
export {
  type Boundaries,
  type BoundaryOptions,
  type DroppedPolygon,
  readBoundaries,
} from "./boundaries.ts";
export { bundleFiles, openXeniumBundle } from "./bundle.ts";
export { BUNDLE_ROLES, type BundleRole } from "./bundle_files.ts";
export { readCells, type XeniumCells } from "./cells.ts";
export { checkIds, type IdReport } from "./check_ids.ts";
export {
  checkPlausible,
  type HeAlignment,
  type HeToMorphology,
  isMirrored,
  readHeAlignment,
  registeredAlignment,
  umPerHePixel,
} from "./he_alignment.ts";
export { type ChannelFile, type ImageFiles, imageFiles } from "./image_files.ts";
export type { XeniumManifest } from "./manifest.ts";
export {
  type CellFeatureMatrix,
  type MatrixFeatures,
  readCellFeatureMatrix,
} from "./cell_feature_matrix.ts";
export type { TableSchema, TextKind } from "./table_schema.ts";
export {
  type ColumnArray,
  openTranscripts,
  type TranscriptBatch,
  type TranscriptColumn,
  type TranscriptQuery,
  Transcripts,
} from "./transcripts.ts";
export type { XeniumBundle } from "./xenium_bundle.ts";
