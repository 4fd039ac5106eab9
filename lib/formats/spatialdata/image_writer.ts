import type { NumericArray, NumericDType } from "@/core/arrays.ts";
import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import type { OutputWriter } from "@/core/stage.ts";
import {
  type ArrayWriter,
  type CompressPool,
  createArray,
  createGroup,
  openArray,
} from "@/formats/zarr/mod.ts";
import { type Halving, meanHalving, nearestHalving } from "./halving.ts";
import {
  halvedShapes,
  type LevelGrid,
  levelGrid,
  type TileBox,
  type TileIndex,
} from "./level_grid.ts";
import { LevelReducer, type ReducedTile } from "./level_reducer.ts";
import { rasterAttributes } from "./raster_attributes.ts";
import type { Transformations } from "./transformation.ts";

/** The levels below level 0. */
export type PyramidSpec =
  /** Made by halving from level 0 while that is written; `levels` counts level 0. */
  | { readonly kind: "halved"; readonly levels: number }
  /** Given: the caller writes each level's tiles. Sizes in pixels of the levels from 1 on. */
  | { readonly kind: "given"; readonly sizes: readonly (readonly [y: number, x: number])[] };

/** What both images and labels need. */
interface RasterSpec {
  /** Name of the element. */
  readonly name: string;
  /** Type of the pixels. */
  readonly dtype: NumericDType;
  /** Where the element lies, by coordinate system. */
  readonly transformations: Transformations;
  /** The levels below level 0; halved to 5 levels by default, as Xenium images are. */
  readonly pyramid?: PyramidSpec;
  /** Bytes of half-done tiles to keep; beyond them tiles are read back. 256 MB by default. */
  readonly pendingBytes?: number;
  /** Compresses tiles on other threads; stays the caller's. */
  readonly compressPool?: CompressPool;
}

/** An image to write. */
export interface ImageSpec extends RasterSpec {
  /** Channels, rows, columns of level 0. */
  readonly shape: readonly [c: number, y: number, x: number];
  /** A name a channel. */
  readonly channels: readonly string[];
  /** Channels, rows, columns of a tile; (1, 1024, 1024) by default, (3, 256, 256) suits RGB. */
  readonly tile?: readonly [c: number, y: number, x: number];
}

/** Labels to write: each pixel holds the number of an object, 0 is none. */
export interface LabelsSpec extends RasterSpec {
  /** Rows, columns of level 0. */
  readonly shape: readonly [y: number, x: number];
  /** Rows, columns of a tile; (1024, 1024) by default. */
  readonly tile?: readonly [y: number, x: number];
}

/** A tile's place. */
export interface TilePlace {
  /** Level, 0 by default; others only where levels are given. */
  readonly level?: number;
  /** Index along the channels in tiles, 0 by default. */
  readonly channel?: number;
  /** Index along the rows, in tiles. */
  readonly row: number;
  /** Index along the columns, in tiles. */
  readonly column: number;
}

/** Writes an image or labels tile by tile. */
export interface ImageWriter extends OutputWriter {
  /** Sizes and tile sizes of the levels, level 0 first. */
  readonly levels: readonly LevelGrid[];
  /**
   * Stores a tile, each at most once, in any order; in rows is fastest. Tiles that are never written
   * are zero.
   *
   * @param data Channels, rows, columns in C order, clipped to the image's edge.
   * @throws {SthelarError} `InvalidArgument` if the tile is out of place, has another size or was
   *   written before.
   */
  writeTile(place: TilePlace, data: NumericArray): Promise<void>;
}

const DEFAULT_TILE = 1024;
const DEFAULT_LEVELS = 5;
const DEFAULT_PENDING_BYTES = 256e6;

/**
 * Creates an image element below `storeRoot` and returns its writer. The pyramid equals that of
 * `Image2DModel.parse(scale_factors=[2, 2, ...])` in spatialdata, and is made while tiles are
 * written: the image is never in memory whole.
 *
 * @param storeRoot Folder of the SpatialData store, absolute.
 * @throws {SthelarError} `InvalidArgument` if names and shape do not fit.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 * import { createImageWriter, identity, openImage } from "@/formats/spatialdata/mod.ts";
 *
 * const disk = new MemoryDisk();
 * const writer = await createImageWriter(disk, "/a.zarr", {
 *   name: "morpho",
 *   shape: [1, 2, 4],
 *   dtype: "uint8",
 *   channels: ["DAPI"],
 *   transformations: new Map([["global", identity]]),
 * });
 * await writer.writeTile({ row: 0, column: 0 }, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8));
 * await writer.finish();
 * const image = await openImage(disk, "/a.zarr/images/morpho");
 * const level1 = await image.readRegion(1, { y0: 0, y1: 1, x0: 0, x1: 2 });
 * assertEquals([...level1.data], [3, 5]);
 * ```
 */
export async function createImageWriter(
  disk: Disk,
  storeRoot: string,
  spec: ImageSpec,
): Promise<ImageWriter> {
  const path = `${storeRoot}/images/${spec.name}`;
  if (spec.channels.length !== spec.shape[0]) {
    throw new SthelarError("InvalidArgument", {
      action: `Cannot create the image "${path}"`,
      found: `${spec.channels.length} channel names for ${spec.shape[0]} channels`,
      path,
    });
  }
  const tile = spec.tile ?? [1, DEFAULT_TILE, DEFAULT_TILE];
  return await createRasterWriter(disk, path, "images", spec, spec.shape, tile, spec.channels);
}

/**
 * Creates a labels element below `storeRoot` and returns its writer. Coarser levels take one pixel of
 * each window of 2 x 2, the one that spatialdata takes.
 */
export async function createLabelsWriter(
  disk: Disk,
  storeRoot: string,
  spec: LabelsSpec,
): Promise<ImageWriter> {
  const path = `${storeRoot}/labels/${spec.name}`;
  const [height, width] = spec.tile ?? [DEFAULT_TILE, DEFAULT_TILE];
  const shape = [1, ...spec.shape] as const;
  return await createRasterWriter(disk, path, "labels", spec, shape, [1, height, width], []);
}

async function createRasterWriter(
  disk: Disk,
  path: string,
  kind: "images" | "labels",
  spec: RasterSpec,
  shape: LevelGrid["shape"],
  tile: LevelGrid["chunks"],
  channels: readonly string[],
): Promise<ImageWriter> {
  const pyramid = spec.pyramid ?? { kind: "halved", levels: DEFAULT_LEVELS };
  if (pyramid.kind === "halved" && spec.dtype.endsWith("int64")) {
    throw new RangeError(`Cannot halve "${path}": found pixels of type ${spec.dtype}`);
  }
  const shapes = pyramid.kind === "halved"
    ? halvedShapes(shape, Math.max(1, pyramid.levels))
    : [shape, ...pyramid.sizes.map(([y, x]) => [shape[0], y, x] as const)];
  const levels = shapes.map((level) => levelGrid(level, tile));
  const first = kind === "images" ? 0 : 1;
  const dimensionNames = ["c", "y", "x"].slice(first);
  await createGroup(
    disk,
    path,
    rasterAttributes(
      kind,
      spec.name,
      shapes.map((level) => level.slice(first)),
      channels,
      spec.transformations,
    ),
  );
  const arrays: ArrayWriter[] = [];
  for (const [level, { shape, chunks }] of levels.entries()) {
    const options = {
      chunks: chunks.slice(first),
      dimensionNames,
      ...(spec.compressPool === undefined ? {} : { compressPool: spec.compressPool }),
    };
    arrays.push(
      await createArray(disk, `${path}/s${level}`, shape.slice(first), spec.dtype, options),
    );
  }
  const reducers = pyramid.kind === "given"
    ? []
    : levels.slice(1).map((coarser, i) =>
      new LevelReducer(
        levels[i],
        coarser,
        spec.dtype,
        halvingOf(kind),
        (spec.pendingBytes ?? DEFAULT_PENDING_BYTES) / 2 ** (i + 1),
        (box) => readBox(disk, `${path}/s${i}`, box, first),
      )
    );
  return new PyramidWriter(path, levels, arrays, reducers, first);
}

function halvingOf(kind: "images" | "labels"): Halving {
  return kind === "images" ? meanHalving : nearestHalving;
}

async function readBox(
  disk: Disk,
  path: string,
  { start, extent }: TileBox,
  firstAxis: number,
): Promise<NumericArray> {
  const array = await openArray(disk, path);
  const ranges = start.map((from, axis) => [from, from + extent[axis]] as const);
  return (await array.readRegion(ranges.slice(firstAxis))).data;
}

class PyramidWriter implements ImageWriter {
  readonly #written = new Set<string>();
  #finished = false;

  constructor(
    readonly path: string,
    readonly levels: readonly LevelGrid[],
    readonly arrays: readonly ArrayWriter[],
    /** Reducer `i` makes level `i + 1`; none where levels are given. */
    readonly reducers: readonly LevelReducer[],
    /** 0 where arrays have a channel axis, else 1. */
    readonly firstAxis: number,
  ) {}

  async writeTile(place: TilePlace, data: NumericArray): Promise<void> {
    const { level = 0, channel = 0, row, column } = place;
    const made = level > 0 && this.reducers.length > 0;
    if (this.#finished || made || this.arrays[level] === undefined) {
      throw this.#refuse(
        place,
        this.#finished ? "a finished image" : "a level that is not written",
      );
    }
    const key = `${level}/${channel}/${row}/${column}`;
    if (this.#written.has(key)) throw this.#refuse(place, "a tile that was written before");
    this.#written.add(key);
    await this.#store(level, { index: [channel, row, column], data });
  }

  async finish(): Promise<void> {
    if (this.#finished) return;
    this.#finished = true;
    for (const [level, reducer] of this.reducers.entries()) {
      for (const tile of await reducer.flush()) await this.#store(level + 1, tile);
    }
  }

  async #store(level: number, { index, data }: ReducedTile): Promise<void> {
    await this.arrays[level].writeChunk(index.slice(this.firstAxis), data);
    const done = await this.reducers[level]?.add(index as TileIndex, data) ?? [];
    for (const tile of done) await this.#store(level + 1, tile);
  }

  #refuse(place: TilePlace, found: string): SthelarError {
    return new SthelarError("InvalidArgument", {
      action: `Cannot write tile ${JSON.stringify(place)} of "${this.path}"`,
      found,
      path: this.path,
    });
  }
}
