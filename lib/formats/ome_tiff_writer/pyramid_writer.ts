import { SthelarError } from "@/core/errors.ts";
import { COMPRESSION_CODES, encodeTile } from "./encode_tile.ts";
import type { EncodePool } from "./encode_pool.ts";
import { halveRows, type ImageSamples } from "./halve_rows.ts";
import type { PyramidTiff } from "./pyramid_tiff.ts";
import { needsBigTiff, pyramidSizes } from "./pyramid_sizes.ts";
import {
  directoryBytes,
  headerBytes,
  type TiffFlavour,
  type TiffTag,
} from "./tiff_directory_bytes.ts";

/** Where the tiles of a level lie. */
interface WrittenLevel {
  readonly width: number;
  readonly height: number;
  readonly offsets: readonly number[];
  readonly byteCounts: readonly number[];
}

/** One level while it is being written. */
interface Level extends WrittenLevel {
  offsets: number[];
  byteCounts: number[];
  /** Rows that wait for the tile row to be complete. */
  readonly rows: ImageSamples;
  rowCount: number;
}

const DEFAULT_QUALITY = 88;

/**
 * Writes the levels of an image from the rows of tiles of level 0, plane after plane, and the
 * directories behind them. Memory holds one row of tiles a level.
 */
export class PyramidWriter {
  readonly #levels: Level[];
  /** The planes whose tiles are written, their directories not yet. */
  readonly #planes: WrittenLevel[][] = [];
  readonly #tileSize: number;
  readonly #flavour: TiffFlavour;
  #offset = 0;

  constructor(
    readonly file: Deno.FsFile,
    readonly image: PyramidTiff,
    readonly pool: EncodePool,
  ) {
    const { width, height, samples, dtype, tileSize = 1024 } = image;
    this.#tileSize = tileSize;
    this.#flavour = { big: image.bigTiff ?? needsBigTiff(image) };
    this.#levels = pyramidSizes(width, height, image.levels).map((size) => {
      const length = size.width * Math.min(tileSize, size.height + 1) * samples;
      const rows = dtype === "uint8" ? new Uint8Array(length) : new Uint16Array(length);
      return { ...size, offsets: [], byteCounts: [], rows, rowCount: 0 };
    });
  }

  async begin(): Promise<void> {
    await this.#append(headerBytes(this.#flavour, 0));
  }

  /** Copies a tile of level 0 into the row of tiles that is being filled. */
  place(tile: ImageSamples, x: number, width: number, height: number): void {
    const { samples } = this.image;
    const level = this.#levels[0];
    for (let y = 0; y < height; y++) {
      const from = tile.subarray(y * width * samples, (y + 1) * width * samples);
      level.rows.set(from, (y * level.width + x) * samples);
    }
  }

  /** Writes the row of tiles that holds `height` rows of level 0, and what it completes below. */
  async flush(height: number): Promise<void> {
    this.#levels[0].rowCount = height;
    await this.#flushLevel(0, false);
  }

  /** Completes the smaller levels of a plane; the next begins. */
  async endPlane(): Promise<void> {
    for (let i = 1; i < this.#levels.length; i++) await this.#flushLevel(i, true);
    this.#planes.push(this.#levels.map((level) => {
      const { width, height, offsets, byteCounts } = level;
      level.offsets = [];
      level.byteCounts = [];
      return { width, height, offsets, byteCounts };
    }));
  }

  /** Writes the directories, the last first: each names the one that follows. */
  async finish(): Promise<void> {
    let next = 0;
    for (let plane = this.#planes.length - 1; plane >= 0; plane--) {
      const [full, ...smaller] = this.#planes[plane];
      const subOffsets: number[] = [];
      for (const level of smaller) {
        subOffsets.push(await this.#appendDirectory(this.#tags(level, true)));
      }
      const { description } = this.image;
      next = await this.#appendDirectory([
        ...this.#tags(full, false),
        ...(plane === 0
          ? [{ tag: 270, value: { type: "ascii" as const, text: description } }]
          : []),
        ...(subOffsets.length === 0
          ? []
          : [{ tag: 330, value: { type: "offset" as const, values: subOffsets } }]),
      ], next);
    }
    await this.file.seek(0, Deno.SeekMode.Start);
    await writeAll(this.file, headerBytes(this.#flavour, next));
  }

  async #flushLevel(index: number, last: boolean): Promise<void> {
    const level = this.#levels[index];
    const rowCount = level.rowCount;
    if (rowCount === 0) return;
    await this.#writeTiles(level);
    level.rowCount = 0;
    const next = this.#levels[index + 1];
    if (next === undefined) return;
    const { samples } = this.image;
    const halved = halveRows(level.rows, level.width, rowCount, samples);
    next.rows.set(halved, next.rowCount * next.width * samples);
    next.rowCount += Math.ceil(rowCount / 2);
    if (next.rowCount === this.#tileSize && !last) await this.#flushLevel(index + 1, false);
  }

  async #writeTiles(level: Level): Promise<void> {
    const { compression, quality = DEFAULT_QUALITY } = this.image;
    const tiles = Array.from(
      { length: Math.ceil(level.width / this.#tileSize) },
      (_, i) => encodeTile(this.#cut(level, i), this.#tileSize, compression, quality, this.pool),
    );
    for (const tile of await Promise.all(tiles)) {
      level.offsets.push(this.#offset);
      level.byteCounts.push(tile.length);
      await this.#append(tile);
      if (tile.length % 2 === 1) await this.#append(new Uint8Array(1));
    }
  }

  /** One tile of the rows at hand; beyond the image the last row and column are repeated. */
  #cut(level: Level, column: number): ImageSamples {
    const size = this.#tileSize, { samples } = this.image;
    const left = column * size, width = Math.min(size, level.width - left);
    const length = size * size * samples;
    const tile = level.rows instanceof Uint8Array
      ? new Uint8Array(length)
      : new Uint16Array(length);
    for (let y = 0; y < size; y++) {
      const row = (Math.min(y, level.rowCount - 1) * level.width + left) * samples;
      const to = y * size * samples;
      tile.set(level.rows.subarray(row, row + width * samples), to);
      const last = to + (width - 1) * samples;
      for (let k = to + width * samples; k < to + size * samples; k++) {
        tile[k] = tile[last + (k - to) % samples];
      }
    }
    return tile;
  }

  #tags(level: WrittenLevel, isReduced: boolean): TiffTag[] {
    const { samples, dtype, compression } = this.image;
    const bits = dtype === "uint8" ? 8 : 16;
    const short = (...values: number[]) => ({ type: "short" as const, values });
    const long = (...values: number[]) => ({ type: "long" as const, values });
    const isYcbcr = compression === "jpeg" && samples === 3;
    return [
      { tag: 254, value: long(isReduced ? 1 : 0) },
      { tag: 256, value: long(level.width) },
      { tag: 257, value: long(level.height) },
      { tag: 258, value: short(...new Array(samples).fill(bits)) },
      { tag: 259, value: short(COMPRESSION_CODES[compression]) },
      { tag: 262, value: short(samples === 1 ? 1 : isYcbcr ? 6 : 2) },
      { tag: 277, value: short(samples) },
      { tag: 284, value: short(1) },
      { tag: 322, value: long(this.#tileSize) },
      { tag: 323, value: long(this.#tileSize) },
      { tag: 324, value: { type: "offset", values: level.offsets } },
      { tag: 325, value: long(...level.byteCounts) },
      { tag: 339, value: short(...new Array(samples).fill(1)) },
      ...(isYcbcr ? [{ tag: 530, value: short(2, 2) }] : []),
    ];
  }

  async #appendDirectory(tags: readonly TiffTag[], next = 0): Promise<number> {
    const offset = this.#offset;
    await this.#append(directoryBytes(tags, offset, this.#flavour, next));
    return offset;
  }

  async #append(bytes: Uint8Array): Promise<void> {
    this.#offset += bytes.length;
    if (!this.#flavour.big && this.#offset > 0xffffffff) {
      throw new SthelarError("InvalidArgument", {
        action: "Cannot write a classic TIFF",
        found: "more than 4 GiB",
        remedy: "leave bigTiff out, or set it",
      });
    }
    await writeAll(this.file, bytes);
  }
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await file.write(rest));
}
