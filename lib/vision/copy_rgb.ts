import { SthelarError } from "@/core/errors.ts";
import type { Progress } from "@/core/progress.ts";
import type { OmeTiff } from "@/formats/ome_tiff/mod.ts";
import type { ImageSpec, ImageWriter, Transformations } from "@/formats/spatialdata/mod.ts";
import { copyLevel, countTiles, tileCount, tileSizeOf } from "./copy_level.ts";

/** Coarsest level of a made pyramid: its longer side, pixels. */
const COARSEST_PX = 1024;

/** How a colour image is copied. */
export interface CopyRgbOptions {
  /** Where the image lies. */
  readonly transformations: Transformations;
  /** Threads that decode. */
  readonly threads: number;
  /** Told of each tile. */
  readonly progress: Progress;
  /** Aborted when the user stops. */
  readonly signal: AbortSignal;
}

/**
 * Copies a colour image with every level that it stores; an image with one level gets a pyramid by
 * halving. A fourth channel (alpha) is left out.
 *
 * @param image An 8-bit image with three or four channels.
 * @param create Makes the writer.
 * @throws {SthelarError} `UnsupportedVersion` for an image that is no 8-bit colour image.
 */
export async function copyRgb(
  image: OmeTiff,
  create: (spec: Omit<ImageSpec, "name">) => Promise<ImageWriter>,
  options: CopyRgbOptions,
): Promise<void> {
  const [finest, ...coarser] = image.levels;
  if (image.dtype !== "uint8" || (finest.channels !== 3 && finest.channels !== 4)) {
    throw new SthelarError("UnsupportedVersion", {
      action: `Cannot use "${image.path}" as H&E`,
      found: `${finest.channels} channels of ${image.dtype}`,
      expected: "red, green and blue of uint8",
      remedy: "name the H&E image, not a fluorescence image",
      path: image.path,
    });
  }
  const tile = tileSizeOf(finest);
  const longerSide = Math.max(finest.width, finest.height);
  const writer = await create({
    shape: [3, finest.height, finest.width],
    dtype: "uint8",
    channels: ["r", "g", "b"],
    tile: [3, ...tile],
    transformations: options.transformations,
    pyramid: coarser.length > 0
      ? { kind: "given", sizes: coarser.map(({ height, width }) => [height, width]) }
      : { kind: "halved", levels: 1 + Math.max(0, Math.ceil(Math.log2(longerSide / COARSEST_PX))) },
  });
  const total = image.levels.reduce((sum, level) => sum + tileCount(level, tile), 0);
  const report = countTiles(options.progress, total);
  for (const [level, source] of image.levels.entries()) {
    await copyLevel(source, { ...options, tile }, async (row, column, data) => {
      const rgb = data.subarray(0, data.length / source.channels * 3);
      await writer.writeTile({ level, row, column }, rgb as Uint8Array);
      report();
    });
  }
}
