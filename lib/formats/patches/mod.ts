/**
 * Sets of patches: pictures, masks and numbers of the squares that an H&E is cut into.
 * @module
 */
export { type ControlPatch, type PatchMaskLayers, readControlPatches } from "./control_sample.ts";
export { decodePng, type PngSize } from "./decode_png.ts";
export { encodePng } from "./encode_png.ts";
export {
  type ChunkGroup,
  type GroupedChunks,
  groupNpz,
  type GroupNpzOptions,
} from "./group_npz.ts";
export { hePatches, type PatchMetrics, type PatchPlaces, patchTable } from "./he_patches.ts";
export { openPatchImages, type PatchImageKind, type PatchImages } from "./patch_image_files.ts";
export { openPatchSet, PatchSet, readPatchIds, type StoredPatchMasks } from "./patch_set.ts";
export { parseDescription, type PatchSetDescription } from "./patch_set_description.ts";
export {
  PATCH_OUTCOMES,
  type PatchNuclei,
  type PatchOutcome,
  type PatchSetSpec,
  PatchSetWriter,
} from "./patch_set_writer.ts";
export { patchesInput, patchesOutput } from "./stage_patches.ts";
