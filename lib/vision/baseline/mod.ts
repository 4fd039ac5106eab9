export { BASELINE, type BaselineOptions, BaselineSegmenter } from "./baseline_segmenter.ts";
export { BASELINE_CLASSES, baselineTypes } from "./baseline_types.ts";
export { haematoxylin } from "./haematoxylin.ts";
export { keepCore, type TileCore } from "./keep_core.ts";
export { persistentPeaks } from "./persistent_peaks.ts";
export { StainHistogram } from "./stain_histogram.ts";
