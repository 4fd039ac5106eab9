/** Reader of tiled pyramidal TIFF, BigTIFF and OME-TIFF. */
export { createDecodePool, type DecodePool, type DecodePoolOptions } from "./decode_pool.ts";
export type { ChannelName } from "./find_planes.ts";
export { mapTiles, type MapTilesOptions } from "./map_tiles.ts";
export { type OmeTiff, openOmeTiff, type OpenOmeTiffOptions } from "./open_ome_tiff.ts";
export type { TiffLevel, TilePixels, TilePlace } from "./tiff_level.ts";
export type {
  EncodedTile,
  TileCompression,
  TileDType,
  TileEncoding,
  TileSamples,
} from "./tile_encoding.ts";
