import { SthelarError } from "@/core/errors.ts";
import type { Progress } from "@/core/progress.ts";
import { createDecodePool, type OmeTiff, openOmeTiff } from "@/formats/ome_tiff/mod.ts";
import { identity, type ImageSpec, type ImageWriter } from "@/formats/spatialdata/mod.ts";
import { createCompressPool } from "@/formats/zarr/mod.ts";
import { copyLevel, countTiles, tileCount, tileSizeOf } from "./copy_level.ts";

/** A channel that is a file of its own. */
export interface ChannelSource {
  /** Its name, unless the file's header knows better. */
  readonly name: string;
  /** Absolute path. */
  readonly path: string;
}

/** How channels are put together. */
export interface CopyOptions {
  /** Names of channels of zeros to append. */
  readonly emptyChannels?: readonly string[];
  /** Threads that decode. */
  readonly threads: number;
  /** Told of each tile. */
  readonly progress: Progress;
  /** Aborted when the user stops. */
  readonly signal: AbortSignal;
}

/**
 * Puts channels that are files of their own together into one image in its own pixel grid, with a
 * pyramid. Tiles are decoded by several threads; memory is bounded by tiles.
 *
 * @param sources The channels, at least one.
 * @param create Makes the image's writer.
 * @returns Micrometres a pixel as the first file says, if it does.
 * @throws {SthelarError} `CorruptData` for files that do not fit together or are damaged.
 */
export async function copyChannels(
  sources: readonly ChannelSource[],
  create: (spec: Omit<ImageSpec, "name">) => Promise<ImageWriter>,
  options: CopyOptions,
): Promise<number | undefined> {
  await using pool = createDecodePool({ workers: options.threads });
  using compressPool = createCompressPool(options.threads);
  await using files = new AsyncDisposableStack();
  const images: OmeTiff[] = [];
  for (const { path } of sources) images.push(files.use(await openOmeTiff(path, { pool })));
  checkAlike(images);
  const [{ dtype, levels: [level] }] = images;
  const names = sources.map(({ name }, i) => images[i].channels[0].name ?? name);
  const channels = [...names, ...options.emptyChannels ?? []];
  const tile = tileSizeOf(level);
  const writer = await create({
    shape: [channels.length, level.height, level.width],
    dtype,
    channels,
    tile: [1, ...tile],
    transformations: new Map([["global", identity]]),
    compressPool,
  });
  const report = countTiles(options.progress, images.length * tileCount(level, tile));
  for (const [channel, image] of images.entries()) {
    const copy = { ...options, tile, channel: 0 };
    await copyLevel(image.levels[0], copy, async (row, column, data) => {
      await writer.writeTile({ channel, row, column }, data);
      report();
    });
  }
  return images[0].pixelSizeUm?.x;
}

/** Refuses files that differ in size or type. */
function checkAlike(files: readonly OmeTiff[]): void {
  const describe = ({ dtype, levels: [{ width, height, channels }] }: OmeTiff) =>
    `${channels} x ${height} x ${width} ${dtype}`;
  const [first] = files;
  const expected = `1${describe(first).slice(describe(first).indexOf(" "))}`;
  for (const file of files) {
    if (describe(file) === expected) continue;
    throw new SthelarError("CorruptData", {
      action: `Cannot put the channel "${file.path}" together with the others`,
      found: describe(file),
      expected: `${expected}, as in "${first.path}"`,
      remedy: "take all files of morphology_focus from one bundle",
      path: file.path,
    });
  }
}
