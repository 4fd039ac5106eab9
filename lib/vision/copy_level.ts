import { BoundedTasks } from "@/core/bounded_tasks.ts";
import type { Progress } from "@/core/progress.ts";
import type { NumericArray } from "@/core/arrays.ts";
import { mapTiles, type TiffLevel } from "@/formats/ome_tiff/mod.ts";

const FALLBACK_TILE_PX = 1024;

/** Rows and columns of a tile. */
export type TileSize = readonly [height: number, width: number];

/** How a level is copied. */
export interface CopyLevelOptions {
  /** Size of the tiles to make; the level's own ({@link tileSizeOf}) is fastest. */
  readonly tile: TileSize;
  /** One channel instead of all. */
  readonly channel?: number;
  /** Threads that decode. */
  readonly threads: number;
  /** Aborted when the user stops. */
  readonly signal: AbortSignal;
}

/** The tile size to store a level in: its own, unless that is unusual. */
export function tileSizeOf({ tileWidth, tileHeight }: TiffLevel): TileSize {
  const isUsual = [tileWidth, tileHeight].every((side) =>
    side >= 256 && side <= 4096 && side % 2 === 0
  );
  return isUsual ? [tileHeight, tileWidth] : [FALLBACK_TILE_PX, FALLBACK_TILE_PX];
}

/** How many tiles a level has. */
export function tileCount({ width, height }: TiffLevel, [tileHeight, tileWidth]: TileSize): number {
  return Math.ceil(width / tileWidth) * Math.ceil(height / tileHeight);
}

/**
 * Hands the tiles of a level to `write`, row by row, while the next ones decode; a few are written
 * at one time.
 *
 * @param write Stores a tile: its row and column, and its pixels, (y, x) of one channel or (c, y, x).
 */
export async function copyLevel(
  level: TiffLevel,
  options: CopyLevelOptions,
  write: (row: number, column: number, data: NumericArray) => Promise<void>,
): Promise<void> {
  const { tile, channel, threads, signal } = options;
  const writes = new BoundedTasks(2 * threads);
  if (level.tileHeight === tile[0] && level.tileWidth === tile[1]) {
    const selection = channel === undefined ? {} : { channel };
    await mapTiles(
      level,
      { inFlight: 2 * threads, signal, ...selection },
      ({ row, column, data }) => writes.add(write(row, column, data)),
    );
    return await writes.finish();
  }
  for (let row = 0; row * tile[0] < level.height; row++) {
    for (let column = 0; column * tile[1] < level.width; column++) {
      signal.throwIfAborted();
      const [y0, x0] = [row * tile[0], column * tile[1]];
      const { data } = await level.readRegion({
        x0,
        y0,
        width: Math.min(tile[1], level.width - x0),
        height: Math.min(tile[0], level.height - y0),
        ...(channel === undefined ? {} : { channels: [channel] }),
      });
      await writes.add(write(row, column, data));
    }
  }
  await writes.finish();
}

/** Reports each call as one more tile of `total`. */
export function countTiles(progress: Progress, total: number): () => void {
  let done = 0;
  return () => progress.update(++done, total, "tiles");
}
