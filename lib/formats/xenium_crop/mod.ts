/**
 * Smaller Xenium bundles: a rectangle cut out of a bundle, as parquet and HDF5.
 * @module
 */
export { cropBundle, type CropOptions, type CroppedBundle } from "./crop_bundle.ts";
export { CROPPED_HE_FILES, type CroppedHe } from "./crop_he.ts";
export { parseRoi } from "./parse_roi.ts";
export { type PixelRectangle, type Roi, roiOfPixels, snapRoi } from "./snap_roi.ts";
