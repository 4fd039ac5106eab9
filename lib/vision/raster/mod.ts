export { BinaryMorphology, disk, type Element, ELLIPSE_5 } from "./binary_opening.ts";
export { DistanceTransform } from "./distance_transform.ts";
export { dropSmall } from "./drop_small.ts";
export { fillHoles } from "./fill_holes.ts";
export { blurRuns, GAUSSIAN_3, gaussianKernel } from "./gaussian.ts";
export { labelComponents } from "./label_components.ts";
export {
  largestLabel,
  largestLabelOf,
  measureRegions,
  measureRuns,
  type Regions,
} from "./measure_regions.ts";
export { type RasterSize, requirePixels } from "./raster_size.ts";
export { type Connectivity, Runs } from "./runs.ts";
export {
  kernelWeights,
  SeparableFilter,
  type SeparableKernel,
  type ValueRange,
} from "./separable_filter.ts";
export { sobelKernel } from "./sobel.ts";
export { contourStarts, traceContour } from "./trace_contour.ts";
export { Watershed } from "./watershed.ts";
