/**
 * Output bundles of the 10x Xenium instrument, analysis 1.0 to 4.x.
 *
 * | analysis | what changed in the files | told by |
 * |---|---|---|
 * | 1.0 | cell ids are numbers, -1 is none; `morphology_mip`, `morphology_focus.ome.tif`; `BLANK_…` | type of `cell_id`; names of files |
 * | 1.1 | feature type `Unassigned Codeword` | not asked |
 * | 1.3 | ids as `aaaachba-1`, `UNASSIGNED`; pairs of numbers in zarr; texts stored as bytes | type of columns; axes of `cell_id` |
 * | 1.5 | texts stored as texts; `fov_name`, `nucleus_distance`, `unassigned_codeword_counts`, … | type of columns; names of columns |
 * | 2.0 | folder `morphology_focus/`; `label_id` (several nuclei a cell), `nucleus_count`, `codeword_index`; `polygon_sets` | names of files and columns; zarr nodes |
 * | 2.0 preview | several nuclei a cell without `label_id` | rings that close |
 * | 3.0 | `is_gene`, `codeword_category`, `genomic_control_counts`; no `transcripts.csv.gz` | names of columns and files |
 * | 4.0 | `ch0000_dapi.ome.tif`; proteins | names of files; feature types |
 *
 * The version that the manifest names (`xenium-3.0.0.15`, `R&D`, none) is shown and never asked.
 * Tables are parquet or csv, the count matrix HDF5, zarr or MEX: see `bundle_files.ts`. Bundles of the
 * Atera instrument resemble 4.x and are refused.
 * @module
 */
export {
  type Boundaries,
  type BoundaryOptions,
  type DroppedPolygon,
  readBoundaries,
} from "./boundaries.ts";
export { bundleFiles, openXeniumBundle } from "./bundle.ts";
export type { BundleRole } from "./bundle_files.ts";
export { readCells } from "./cells.ts";
export { readZLevels } from "./z_levels.ts";
export type { XeniumCells } from "./xenium_cells.ts";
export { checkIds, type IdCheckOptions, type IdReport } from "./check_ids.ts";
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
export { readCellFeatureMatrix, readMatrixFeatures } from "./cell_feature_matrix.ts";
export type { CellFeatureMatrix, MatrixFeatures } from "./count_matrix.ts";
export { estimateRows, type TableSchema, type TextKind } from "./table_schema.ts";
export { type GeneEvidence, type Genes, isControlName, readGenes } from "./genes.ts";
export {
  type ColumnArray,
  openTranscripts,
  type TranscriptBatch,
  type TranscriptColumn,
  type TranscriptQuery,
  Transcripts,
} from "./transcripts.ts";
export { writeCellFeatureMatrix } from "./write_cell_feature_matrix.ts";
export type { XeniumBundle } from "./xenium_bundle.ts";
