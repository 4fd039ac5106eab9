import { mapInOrder } from "./map_in_order.ts";
import type { TiffLevel, TilePixels } from "./tiff_level.ts";

/** How {@link mapTiles} goes about it. */
export interface MapTilesOptions {
  /**
   * Tiles that are read, decoded or waiting at one time, 4 unless told. Memory is this many decoded
   * tiles; twice the pool's workers keeps all of them busy.
   */
  readonly inFlight?: number;
  /** Stops before the next tile. */
  readonly signal?: AbortSignal;
  /** One channel, (y, x), instead of all, (c, y, x). */
  readonly channel?: number;
}

/**
 * Hands each tile of a level to `use`, one at a time, row by row, while the next ones decode.
 *
 * @param use Owns the tile; the next one waits until its promise resolves.
 * @returns What `use` gave for each tile.
 * @throws {SthelarError} As `level.readTile`; `Aborted` when the signal says so.
 *
 * @example The first pixel of each tile
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { mapTiles, openOmeTiff } from "@/formats/ome_tiff/mod.ts";
 *
 * await using image = await openOmeTiff("tests/fixtures/ome_tiff/u16_deflate.ome.tif");
 * const [level] = image.levels;
 * const first = await mapTiles(level, { inFlight: 4 }, ({ x0, y0, data }) => [x0, y0, data[0]]);
 * assertEquals(first.map(([x0, y0]) => [x0, y0]), [[0, 0], [32, 0], [0, 32], [32, 32]]);
 * ```
 */
export async function mapTiles<R>(
  level: TiffLevel,
  { inFlight = 4, signal, channel }: MapTilesOptions,
  use: (tile: TilePixels) => R | Promise<R>,
): Promise<R[]> {
  const selection = channel === undefined ? {} : { channel };
  return await mapInOrder(
    level.tiles(),
    { inFlight: Math.max(1, inFlight), signal },
    ({ row, column }) => level.readTile({ ...selection, row, column }),
    use,
  );
}
