import type { DenseArray } from "@/core/arrays.ts";
import { SthelarError } from "@/core/errors.ts";
import { fromFault, toFault } from "./decode_messages.ts";
import type { DecodePool } from "./decode_pool.ts";
import { type ImageLayout, tileEncoding } from "./image_layout.ts";
import { mapInOrder } from "./map_in_order.ts";
import type { TiffLevel, TilePixels, TilePlace } from "./tiff_level.ts";
import type { TiffSource } from "./tiff_source.ts";
import type { TileCache } from "./tile_cache.ts";
import type { EncodedTile, TileSamples } from "./tile_encoding.ts";

/** What the levels of an image share. */
export interface LevelContext {
  readonly source: TiffSource;
  readonly pool: DecodePool;
  readonly cache: TileCache;
}

/** Channels that lie in the same tiles. */
interface ChannelGroup {
  readonly layout: ImageLayout;
  /** Index of the group's first tile in the layout's tables. */
  readonly firstTile: number;
  readonly firstChannel: number;
  readonly channels: number;
}

/** The level made of `planes`: directories of the same size, each with one or more channels. */
export class PlanesLevel implements TiffLevel {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly downsample: number;
  readonly #index: number;
  readonly #layout: ImageLayout;
  readonly #groups: readonly ChannelGroup[];
  readonly #context: LevelContext;

  /**
   * @param index The level's number, 0 for full resolution.
   * @param planes Layouts that agree in size, tiles and number type.
   */
  constructor(
    index: number,
    planes: readonly ImageLayout[],
    downsample: number,
    context: LevelContext,
  ) {
    [this.#layout] = planes;
    this.#index = index;
    this.#groups = groupChannels(planes);
    this.#context = context;
    this.width = this.#layout.width;
    this.height = this.#layout.height;
    this.tileWidth = this.#layout.tileWidth;
    this.tileHeight = this.#layout.tileHeight;
    this.channels = this.#groups.reduce((total, group) => total + group.channels, 0);
    this.downsample = downsample;
  }

  async readTile(
    { channel, row, column }: { channel?: number; row: number; column: number },
  ): Promise<TilePixels> {
    const place = this.#placeOf(row, column);
    const { width, height } = place;
    if (channel !== undefined) {
      const group = this.#groupOf(channel);
      const data = pickChannel(await this.#decode(group, row, column), group, channel);
      return { ...place, data, shape: [height, width] };
    }
    const parts = await Promise.all(this.#groups.map((group) => this.#decode(group, row, column)));
    return { ...place, data: joinParts(parts), shape: [this.channels, height, width] };
  }

  async readRegion(
    { x0, y0, width, height, channels }: {
      x0: number;
      y0: number;
      width: number;
      height: number;
      channels?: readonly number[];
    },
  ): Promise<DenseArray<TileSamples>> {
    this.#expectInside(x0, y0, width, height);
    const wanted = channels ?? Array.from({ length: this.channels }, (_, i) => i);
    const groups = new Set(wanted.map((channel) => this.#groupOf(channel)));
    const length = wanted.length * width * height;
    const data = this.#layout.dtype === "uint8" ? new Uint8Array(length) : new Uint16Array(length);
    const overlaps = [...this.#tilesOver(x0, y0, width, height)]
      .flatMap((place) => [...groups].map((group) => ({ place, group })));
    await mapInOrder(
      overlaps,
      { inFlight: this.#context.pool.capacity },
      async ({ place, group }) => ({ place, group, samples: await this.#cached(group, place) }),
      ({ place, group, samples }) => {
        wanted.forEach((channel, c) => {
          const inGroup = channel - group.firstChannel;
          if (inGroup < 0 || inGroup >= group.channels) return;
          const plane = planeOf(samples, place, inGroup);
          copyOverlap(plane, place, data.subarray(c * width * height), { x0, y0, width, height });
        });
      },
    );
    return { data, shape: [wanted.length, height, width] };
  }

  *tiles(): Iterable<TilePlace> {
    for (let row = 0; row < this.#layout.rows; row++) {
      for (let column = 0; column < this.#layout.columns; column++) {
        yield this.#placeOf(row, column);
      }
    }
  }

  *#tilesOver(x0: number, y0: number, width: number, height: number): Iterable<TilePlace> {
    if (width === 0 || height === 0) return;
    const { tileWidth, tileHeight } = this;
    const lastRow = Math.floor((y0 + height - 1) / tileHeight);
    const lastColumn = Math.floor((x0 + width - 1) / tileWidth);
    for (let row = Math.floor(y0 / tileHeight); row <= lastRow; row++) {
      for (let column = Math.floor(x0 / tileWidth); column <= lastColumn; column++) {
        yield this.#placeOf(row, column);
      }
    }
  }

  #placeOf(row: number, column: number): TilePlace {
    const { rows, columns } = this.#layout;
    if (!isIndex(row, rows) || !isIndex(column, columns)) {
      throw this.#invalid(`tile (row ${row}, column ${column})`, `${rows} x ${columns} tiles`);
    }
    const x0 = column * this.tileWidth;
    const y0 = row * this.tileHeight;
    const width = Math.min(this.tileWidth, this.width - x0);
    const height = Math.min(this.tileHeight, this.height - y0);
    return { row, column, x0, y0, width, height };
  }

  #groupOf(channel: number): ChannelGroup {
    const group = this.#groups.find(({ firstChannel, channels }) =>
      isIndex(channel - firstChannel, channels)
    );
    if (group !== undefined) return group;
    throw this.#invalid(`channel ${channel}`, `0 to ${this.channels - 1}`);
  }

  #cached(group: ChannelGroup, { row, column }: TilePlace): Promise<TileSamples> {
    const key = `${this.#index}/${group.firstChannel}/${row}/${column}`;
    return this.#context.cache.get(key, () => this.#decode(group, row, column));
  }

  async #decode(group: ChannelGroup, row: number, column: number): Promise<TileSamples> {
    const { layout, firstTile } = group;
    const index = firstTile + row * layout.columns + column;
    const offset = layout.tileOffsets[index];
    const byteCount = layout.tileByteCounts[index];
    const encoding = tileEncoding(layout, row, column);
    if (offset === 0 && byteCount === 0) {
      const length = encoding.samples * encoding.clipWidth * encoding.clipHeight;
      return layout.dtype === "uint8" ? new Uint8Array(length) : new Uint16Array(length);
    }
    try {
      return await this.#context.pool.decode(async (): Promise<EncodedTile> => {
        expectPlausibleBytes(byteCount, layout);
        return { bytes: await this.#context.source.read(offset, byteCount, "a tile"), encoding };
      });
    } catch (cause) {
      const { path } = this.#context.source;
      const where = `level ${this.#index}, row ${row}, column ${column}`;
      const action = `Cannot read tile (${where}) of TIFF "${path}"`;
      throw fromFault(toFault(cause), { action, path, cause });
    }
  }

  #expectInside(x0: number, y0: number, width: number, height: number): void {
    const isWhole = [x0, y0, width, height].every((value) => Number.isInteger(value) && value >= 0);
    if (isWhole && x0 + width <= this.width && y0 + height <= this.height) return;
    const found = `${width} x ${height} pixels at (${x0}, ${y0})`;
    throw this.#invalid(found, `a rectangle inside ${this.width} x ${this.height} pixels`);
  }

  #invalid(found: string, expected: string): SthelarError {
    const { path } = this.#context.source;
    return new SthelarError("InvalidArgument", {
      action: `Cannot read from level ${this.#index} of TIFF "${path}"`,
      found,
      expected,
      path,
    });
  }
}

function groupChannels(planes: readonly ImageLayout[]): ChannelGroup[] {
  const groups: ChannelGroup[] = [];
  let firstChannel = 0;
  for (const layout of planes) {
    const parts = layout.separateSamples ? layout.samples : 1;
    const channels = layout.samples / parts;
    for (let part = 0; part < parts; part++) {
      const firstTile = part * layout.rows * layout.columns;
      groups.push({ layout, firstTile, firstChannel, channels });
      firstChannel += channels;
    }
  }
  return groups;
}

/** Refuses a tile that claims far more bytes than its values have, before they are allocated. */
function expectPlausibleBytes(byteCount: number, layout: ImageLayout): void {
  const rawBytes = layout.tileWidth * layout.tileHeight * 2 * layout.samples;
  if (byteCount > 0 && byteCount <= 2 * rawBytes + 2 ** 20) return;
  throw new SthelarError("CorruptData", {
    action: "Cannot read a tile",
    found: `a tile of ${byteCount} bytes`,
    expected: `1 to ${2 * rawBytes + 2 ** 20}`,
  });
}

function isIndex(value: number, count: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < count;
}

function pickChannel(samples: TileSamples, group: ChannelGroup, channel: number): TileSamples {
  if (group.channels === 1) return samples;
  const length = samples.length / group.channels;
  const inGroup = channel - group.firstChannel;
  return samples.slice(inGroup * length, (inGroup + 1) * length);
}

function joinParts(parts: readonly TileSamples[]): TileSamples {
  if (parts.length === 1) return parts[0];
  const length = parts.reduce((total, part) => total + part.length, 0);
  const joined = parts[0] instanceof Uint8Array ? new Uint8Array(length) : new Uint16Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function planeOf(samples: TileSamples, { width, height }: TilePlace, index: number): TileSamples {
  return samples.subarray(index * width * height, (index + 1) * width * height);
}

function copyOverlap(
  plane: TileSamples,
  place: TilePlace,
  target: TileSamples,
  region: { x0: number; y0: number; width: number; height: number },
): void {
  const left = Math.max(place.x0, region.x0);
  const right = Math.min(place.x0 + place.width, region.x0 + region.width);
  const bottom = Math.min(place.y0 + place.height, region.y0 + region.height);
  for (let y = Math.max(place.y0, region.y0); y < bottom; y++) {
    const from = (y - place.y0) * place.width - place.x0;
    const to = (y - region.y0) * region.width - region.x0;
    target.set(plane.subarray(from + left, from + right), to + left);
  }
}
