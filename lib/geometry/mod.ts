export * from "./affine.ts";
export * from "./clip.ts";
export { clipGeometry, type ClippedGeometry } from "./clip_geometry.ts";
export * from "./count_matrix_builder.ts";
export * from "./count_points.ts";
export {
  type MaskFault,
  type MaskShapes,
  type PreparedMaskShapes,
  prepareMaskShapes,
} from "./mask_shapes.ts";
export * from "./patch_grid.ts";
export { type CutNuclei, PARITY_MASKS, type PatchMaskOptions } from "./patch_mask_options.ts";
export { patchMasks, type PatchMaskStreamOptions } from "./patch_mask_stream.ts";
export { type LeftOut, type PatchMask, PatchMaskDrawer, type PatchVerdict } from "./patch_masks.ts";
export * from "./point_in_polygon.ts";
export * from "./polygon_index.ts";
export { rasterise, Rasteriser, type RasterWindow, type SamplingRule } from "./rasterise.ts";
export { type GeometryFault, type RepairedPolygons, repairPolygons } from "./repair_polygons.ts";
export * from "./ring.ts";
export { findSelfCrossing, isPlainlyValid, type SelfCrossing } from "./self_crossing.ts";
