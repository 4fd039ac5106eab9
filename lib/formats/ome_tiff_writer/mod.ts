/**
 * Tiled pyramid TIFFs with OME-XML, written row of tiles by row of tiles.
 * @module
 */
export type { TileCompression } from "./encode_tile.ts";
export { halveRows, type ImageSamples } from "./halve_rows.ts";
export { type OmeImage, omeXml } from "./ome_xml.ts";
export { needsBigTiff, pyramidSizes } from "./pyramid_sizes.ts";
export type { PyramidTiff } from "./pyramid_tiff.ts";
export { type RenderTile, writePyramidTiff } from "./write_pyramid_tiff.ts";
