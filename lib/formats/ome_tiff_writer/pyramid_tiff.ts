import type { TileCompression } from "./encode_tile.ts";

/** An image to be written as a tiled pyramid. */
export interface PyramidTiff {
  /** Pixels of level 0. */
  readonly width: number;
  /** Pixels of level 0. */
  readonly height: number;
  /** Samples a pixel: 1 (grey) or 3 (RGB). */
  readonly samples: 1 | 3;
  /** Number type of a sample. */
  readonly dtype: "uint8" | "uint16";
  /** How tiles are stored; `jpeg` is for 8 bits. */
  readonly compression: TileCompression;
  /** Text of the first directory's ImageDescription: OME-XML. */
  readonly description: string;
  /** Side of a tile in pixels, a multiple of 16; 1024 by default. */
  readonly tileSize?: number;
  /** Planes, a pyramid and a directory each; 1 by default. */
  readonly planes?: number;
  /** Levels, level 0 included; by default until a level fits in one 1024-pixel square. */
  readonly levels?: number;
  /** Quality of JPEG; 88 by default. */
  readonly quality?: number;
  /** Whether it is a BigTIFF; by default as `needsBigTiff` says. */
  readonly bigTiff?: boolean;
}
