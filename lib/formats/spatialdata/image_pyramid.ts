import type { DenseArray, NumericDType } from "@/core/arrays.ts";
import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { openGroup, type ZarrArray, type ZarrGroup } from "@/formats/zarr/mod.ts";
import { parseRasterAttributes } from "./raster_attributes.ts";
import type { Axis, Transformations } from "./transformation.ts";

/** A level of a pyramid. */
export interface PyramidLevel {
  /** Extents in the order of the axes. */
  readonly shape: readonly number[];
  /** Extents of a tile. */
  readonly chunks: readonly number[];
  /** Size of its pixels in pixels of level 0, an axis each. */
  readonly scale: readonly number[];
}

/** A box of pixels of a level. */
export interface PixelRegion {
  /** First and end of the channels, all by default. */
  readonly c?: readonly [start: number, stop: number];
  /** First row. */
  readonly y0: number;
  /** Row after the last. */
  readonly y1: number;
  /** First column. */
  readonly x0: number;
  /** Column after the last. */
  readonly x1: number;
}

/** An image or labels element, read region by region. */
export interface ImagePyramid {
  /** Name of the element. */
  readonly name: string;
  /** Axes of its arrays: c, y, x for images, y, x for labels. */
  readonly axes: readonly Axis[];
  /** Type of the pixels. */
  readonly dtype: NumericDType;
  /** Names of the channels, empty for labels. */
  readonly channels: readonly string[];
  /** Where it lies, by coordinate system. */
  readonly transformations: Transformations;
  /** Its levels, finest first. */
  readonly levels: readonly PyramidLevel[];
  /**
   * Reads a box of a level; only the tiles that it touches are read.
   *
   * @returns (c, y, x) for images, (y, x) for labels.
   * @throws {SthelarError} `InvalidArgument` if level or box do not exist, `CorruptData` if a tile is
   *   damaged.
   */
  readRegion(level: number, region: PixelRegion): Promise<DenseArray>;
}

/**
 * Opens an image or labels element; no pixel is read.
 *
 * @param path Folder of the element: `<store>/images/<name>`.
 * @throws {SthelarError} `NotFound`, `CorruptData` or `UnsupportedVersion`.
 */
export async function openImage(disk: Disk, path: string): Promise<ImagePyramid> {
  return await openRaster(await openGroup(disk, path));
}

/** Opens the image or labels of an element's group. */
export async function openRaster(group: ZarrGroup): Promise<ImagePyramid> {
  const { axes, levels, channels, transformations } = parseRasterAttributes(group);
  const arrays = await Promise.all(levels.map(({ path }) => group.array(path)));
  for (const array of arrays) checkArray(array, axes);
  return {
    name: group.path.slice(group.path.lastIndexOf("/") + 1),
    axes,
    dtype: arrays[0].dtype as NumericDType,
    channels,
    transformations,
    levels: arrays.map(({ shape, chunks }, i) => ({ shape, chunks, scale: levels[i].scale })),
    readRegion: async (level, { c, y0, y1, x0, x1 }) => {
      const array = arrays[level];
      if (array === undefined) throw noSuchLevel(group.path, level, arrays.length);
      const channelRange = c ?? [0, array.shape[0]] as const;
      const plane = [[y0, y1], [x0, x1]] as const;
      return await array.readRegion(axes.length === 2 ? plane : [channelRange, ...plane]);
    },
  };
}

function checkArray(array: ZarrArray, axes: readonly Axis[]): void {
  const numeric = array.dtype !== "string" && array.dtype !== "bool";
  if (array.shape.length === axes.length && numeric) return;
  throw new SthelarError("CorruptData", {
    action: `Cannot read "${array.path}"`,
    found: `${array.shape.length} axes of type ${array.dtype}`,
    expected: `numbers on axes ${axes.join(", ")}`,
    path: array.path,
  });
}

function noSuchLevel(path: string, level: number, count: number): SthelarError {
  return new SthelarError("InvalidArgument", {
    action: `Cannot read level ${level} of "${path}"`,
    expected: `a level from 0 to ${count - 1}`,
    path,
  });
}
