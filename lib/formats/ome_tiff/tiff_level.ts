import type { DenseArray } from "@/core/arrays.ts";
import type { TileSamples } from "./tile_encoding.ts";

/** Where a tile lies in its level, in pixels. */
export interface TilePlace {
  readonly row: number;
  readonly column: number;
  readonly x0: number;
  readonly y0: number;
  /** Pixels across, padding cut off. */
  readonly width: number;
  /** Pixels down, padding cut off. */
  readonly height: number;
}

/** A decoded tile: (y, x) of one channel or (c, y, x) of all; its buffer is the receiver's. */
export interface TilePixels extends DenseArray<TileSamples>, TilePlace {}

/** One resolution of an image. */
export interface TiffLevel {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
  /** Pixels of level 0 along one pixel of this level. */
  readonly downsample: number;
  /**
   * Reads one tile, or all its channels.
   *
   * @throws {SthelarError} `InvalidArgument` for a tile that does not exist; `CorruptData` or
   * `UnsupportedVersion` naming the file and the tile.
   */
  readTile(
    tile: { readonly channel?: number; readonly row: number; readonly column: number },
  ): Promise<TilePixels>;
  /**
   * Reads a rectangle of pixels, (c, y, x), from tiles of which the last used are kept.
   *
   * @throws {SthelarError} As {@link readTile}; `InvalidArgument` for a rectangle that is not inside.
   */
  readRegion(region: {
    readonly x0: number;
    readonly y0: number;
    readonly width: number;
    readonly height: number;
    readonly channels?: readonly number[];
  }): Promise<DenseArray<TileSamples>>;
  /** The tiles, row by row. */
  tiles(): Iterable<TilePlace>;
}
