/**
 * SpatialData stores in the layout of releases before 0.5 (zarr v2, OME-NGFF 0.4), as the published
 * stores have it.
 * @module
 */
export {
  type ConvertOptions,
  convertToZarrV2,
  type StoreConversion,
} from "./convert_to_zarr_v2.ts";
