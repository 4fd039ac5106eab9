import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import type { Progress } from "@/core/progress.ts";
import { type DecodePool, type OmeTiff, openOmeTiff, type TileSamples } from "../ome_tiff/mod.ts";
import { pyramidSizes, type PyramidTiff, writePyramidTiff } from "../ome_tiff_writer/mod.ts";
import type { PixelRectangle } from "./snap_roi.ts";

/** How a part of an image is written. */
export interface ImageCrop {
  /** Part of level 0. */
  readonly region: PixelRectangle;
  /** Channels to write: one (grey) or three (red, green, blue). */
  readonly samples: 1 | 3;
  /** How tiles are stored. */
  readonly compression: PyramidTiff["compression"];
  /** Side of a tile, pixels. */
  readonly tileSize: number;
  /** OME-XML of the new file. */
  readonly description: string;
  /** Quality of JPEG. */
  readonly quality?: number;
  /** Told of each tile. */
  readonly progress: Progress;
  /** Stops before the next tile. */
  readonly signal: AbortSignal | undefined;
}

/** Rows of tiles under a part that a row of its own tiles may touch, and one. */
const ROWS_KEPT = 3;

/**
 * Opens an image with room for the decoded tiles under a part of it, so that each is decoded once,
 * row after row.
 */
export async function openForCrop(
  path: string,
  { width }: PixelRectangle,
  pool: DecodePool,
): Promise<OmeTiff> {
  await using header = await openOmeTiff(path);
  const [{ tileWidth, tileHeight, channels }] = header.levels;
  const sampleBytes = header.dtype === "uint8" ? 1 : 2;
  const rowBytes = (width + 2 * tileWidth) * tileHeight * channels * sampleBytes;
  return await openOmeTiff(path, { pool, cacheBytes: ROWS_KEPT * rowBytes });
}

/**
 * Writes a part of an image as a pyramid, row of tiles by row of tiles, decoded by the pool that the
 * image was opened with.
 *
 * @param image Kept open by the caller.
 * @throws {SthelarError} As reading and writing; `Aborted` when the signal says so.
 */
export async function cropImage(
  image: OmeTiff,
  disk: Disk,
  path: string,
  { region, progress, signal, ...layout }: ImageCrop,
): Promise<void> {
  const [level] = image.levels;
  const { width, height } = region;
  const channels = Array.from({ length: layout.samples }, (_, channel) => channel);
  await writePyramidTiff(
    disk,
    path,
    {
      ...layout,
      width,
      height,
      dtype: image.dtype,
      levels: pyramidSizes(width, height).length + 1,
    },
    async (x, y, tileWidth, tileHeight) => {
      if (signal?.aborted) throw stopped(path, signal);
      const place = { x0: region.x + x, y0: region.y + y, width: tileWidth, height: tileHeight };
      return interleave((await level.readRegion({ ...place, channels })).data, channels.length);
    },
    progress,
  );
}

/** (c, y, x) to (y, x, c). */
function interleave(planes: TileSamples, channels: number): TileSamples {
  if (channels === 1) return planes;
  const size = planes.length / channels;
  const pixels = planes instanceof Uint8Array
    ? new Uint8Array(planes.length)
    : new Uint16Array(planes.length);
  for (let c = 0; c < channels; c++) {
    for (let i = 0, from = c * size; i < size; i++) pixels[i * channels + c] = planes[from + i];
  }
  return pixels;
}

function stopped(path: string, signal: AbortSignal): SthelarError {
  return new SthelarError("Aborted", { action: `Stopped writing "${path}"`, cause: signal.reason });
}
