/**
 * The figures of chapter 1: resolution, images, alignment, transcripts and nuclei of a slide.
 * @module
 */
export {
  type AlignmentSite,
  alignmentWindows,
  alignmentZoom,
  type AlignmentZoomOptions,
} from "./alignment_zoom.ts";
export { dapiWithNuclei, type DapiWithNucleiOptions } from "./dapi_with_nuclei.ts";
export { heOverDapi, type HeOverDapiOptions } from "./he_over_dapi.ts";
export {
  nucleusCountsQc,
  type NucleusCountsQcOptions,
  transcriptsPerNucleus,
  type TranscriptsPerNucleusOptions,
} from "./nucleus_counts_qc.ts";
export {
  type PixelSize,
  resolutionTable,
  type ResolutionTableOptions,
} from "./resolution_table.ts";
export {
  slideInventory,
  type SlideInventoryOptions,
  type SlideInventoryRow,
} from "./slide_inventory.ts";
export { pipelineRecap, type PipelineRecapOptions, type StudyCounts } from "./pipeline_recap.ts";
export { slideThumbnails, type SlideThumbnailsOptions } from "./slide_thumbnails.ts";
export { transcriptDensity, type TranscriptDensityOptions } from "./transcript_density.ts";
