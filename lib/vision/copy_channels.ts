import { SthelarError } from "@/core/errors.ts";
import type { Progress } from "@/core/progress.ts";
import {
  createDecodePool,
  mapTiles,
  type OmeTiff,
  openOmeTiff,
  type TiffLevel,
} from "@/formats/ome_tiff/mod.ts";
import { identity, type ImageSpec, type ImageWriter } from "@/formats/spatialdata/mod.ts";

const FALLBACK_TILE_PX = 1024;

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
  await using files = new AsyncDisposableStack();
  const images: OmeTiff[] = [];
  for (const { path } of sources) images.push(files.use(await openOmeTiff(path, { pool })));
  const { height, width, dtype, tile } = channelGrid(images);
  const names = sources.map(({ name }, i) => images[i].channels[0].name ?? name);
  const channels = [...names, ...options.emptyChannels ?? []];
  const writer = await create({
    shape: [channels.length, height, width],
    dtype,
    channels,
    tile: [1, ...tile],
    transformations: new Map([["global", identity]]),
  });
  await copyChannelTiles(images, writer, options);
  return images[0].pixelSizeUm?.x;
}

/** Size and type that the channels of one image share. */
interface ChannelGrid {
  /** Rows of pixels. */
  readonly height: number;
  /** Columns of pixels. */
  readonly width: number;
  /** Type of the pixels. */
  readonly dtype: OmeTiff["dtype"];
  /** Rows and columns of a tile in which copying is fastest. */
  readonly tile: readonly [height: number, width: number];
}

/** The size and type that all files share; their differing is an error. */
function channelGrid(files: readonly OmeTiff[]): ChannelGrid {
  const describe = ({ dtype, levels: [{ width, height, channels }] }: OmeTiff) =>
    `${channels} x ${height} x ${width} ${dtype}`;
  const [first] = files;
  const { width, height, tileWidth, tileHeight } = first.levels[0];
  const expected = `1 x ${height} x ${width} ${first.dtype}`;
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
  const isUsable = [tileWidth, tileHeight].every((side) =>
    side >= 256 && side <= 4096 && side % 2 === 0
  );
  const tile = isUsable
    ? [tileHeight, tileWidth] as const
    : [FALLBACK_TILE_PX, FALLBACK_TILE_PX] as const;
  return { width, height, dtype: first.dtype, tile };
}

/** Copies level 0 of file `i` into channel `i`, tile by tile. */
async function copyChannelTiles(
  files: readonly OmeTiff[],
  writer: ImageWriter,
  { threads, progress, signal }: CopyOptions,
): Promise<void> {
  const { tile } = channelGrid(files);
  const [{ width, height }] = files[0].levels;
  const total = files.length * Math.ceil(width / tile[1]) * Math.ceil(height / tile[0]);
  let done = 0;
  const report = () => progress.update(++done, total, "tiles");
  for (const [channel, { levels: [level] }] of files.entries()) {
    if (level.tileWidth === tile[1] && level.tileHeight === tile[0]) {
      await mapTiles(
        level,
        { inFlight: 2 * threads, signal, channel: 0 },
        async ({ row, column, data }) => {
          await writer.writeTile({ channel, row, column }, data);
          report();
        },
      );
    } else {
      await copyRegions(level, channel, tile, writer, signal, report);
    }
  }
}

/** For tiles of unusual size: regions that gather several of them. */
async function copyRegions(
  level: TiffLevel,
  channel: number,
  [tileHeight, tileWidth]: readonly [number, number],
  writer: ImageWriter,
  signal: AbortSignal,
  report: () => void,
): Promise<void> {
  for (let row = 0; row * tileHeight < level.height; row++) {
    for (let column = 0; column * tileWidth < level.width; column++) {
      signal.throwIfAborted();
      const [x0, y0] = [column * tileWidth, row * tileHeight];
      const { data } = await level.readRegion({
        x0,
        y0,
        width: Math.min(tileWidth, level.width - x0),
        height: Math.min(tileHeight, level.height - y0),
      });
      await writer.writeTile({ channel, row, column }, data);
      report();
    }
  }
}
