/** The compressions that are read. */
export type TileCompression = "none" | "lzw" | "deflate" | "zstd" | "jpeg" | "jpeg2000";

/** Decoded values of a tile. */
export type TileSamples = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;

/** Number types of the images that are read. */
export type TileDType = "uint8" | "uint16";

/** All that is needed to turn a tile's bytes into values. */
export interface TileEncoding {
  readonly compression: TileCompression;
  readonly dtype: TileDType;
  readonly littleEndian: boolean;
  /** Pixels across in the encoded tile. */
  readonly width: number;
  /** Pixels down in the encoded tile. */
  readonly height: number;
  /** Pixels across that lie in the image; the rest is padding. */
  readonly clipWidth: number;
  /** Pixels down that lie in the image. */
  readonly clipHeight: number;
  /** Interleaved samples of a pixel. */
  readonly samples: number;
  /** Each sample is stored as the difference to its left neighbour (TIFF predictor 2). */
  readonly horizontalDifferences: boolean;
  /** What the samples mean: YCbCr becomes RGB. */
  readonly colour: "asStored" | "rgb" | "ycbcr";
  /** JPEG tables that the tiles share. */
  readonly jpegTables: Uint8Array | undefined;
}

/** A tile as it lies in the file. */
export interface EncodedTile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly encoding: TileEncoding;
}
