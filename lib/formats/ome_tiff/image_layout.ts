import { readBytes, readInteger, readIntegers, type TiffDirectory } from "./tiff_directory.ts";
import type { TiffSource } from "./tiff_source.ts";
import type { TileCompression, TileDType, TileEncoding } from "./tile_encoding.ts";

/** Where the tiles of one image directory lie and how they are encoded. */
export interface ImageLayout {
  readonly width: number;
  readonly height: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
  /** Tiles across. */
  readonly columns: number;
  /** Tiles down. */
  readonly rows: number;
  readonly samples: number;
  /** Planar configuration 2: each sample has tiles of its own. */
  readonly separateSamples: boolean;
  /** Strips are read as tiles as wide as the image; the last one is shorter. */
  readonly strips: boolean;
  readonly dtype: TileDType;
  readonly littleEndian: boolean;
  readonly compression: TileCompression;
  readonly horizontalDifferences: boolean;
  readonly colour: TileEncoding["colour"];
  readonly jpegTables: Uint8Array | undefined;
  /** Byte offset of each tile: row by row, then sample by sample. */
  readonly tileOffsets: Float64Array;
  /** Bytes of each tile; 0 with offset 0 is a tile of zeros that was never written. */
  readonly tileByteCounts: Float64Array;
}

const COMPRESSIONS = new Map<number, TileCompression>([
  [1, "none"],
  [5, "lzw"],
  [7, "jpeg"],
  [8, "deflate"],
  [32946, "deflate"],
  [33003, "jpeg2000"],
  [33005, "jpeg2000"],
  [34712, "jpeg2000"],
  [34926, "zstd"],
  [50000, "zstd"],
]);
const COMPRESSION_APERIO_YCBCR = 33003;
const PHOTOMETRIC_RGB = 2;
const PHOTOMETRIC_YCBCR = 6;
const MAX_SAMPLES = 64;
const MAX_TILE_BYTES = 2 ** 28;

/** Size of a directory's image, and whether it is tiled, without the rest of its tags. */
export async function readImageSize(source: TiffSource, directory: TiffDirectory) {
  const width = await readInteger(source, directory, 256, 0);
  const height = await readInteger(source, directory, 257, 0);
  if (width < 1 || height < 1 || width > 2 ** 31 || height > 2 ** 31) {
    throw source.corrupt(`an image of ${width} x ${height} pixels`, "1 to 2^31 each way");
  }
  return { width, height, tiled: directory.entries.has(322) };
}

/**
 * Reads and checks the tags of an image directory.
 *
 * @throws {SthelarError} `UnsupportedVersion` for a compression or sample format that is not read,
 * `CorruptData` for tags that contradict each other or the file's size.
 */
export async function readImageLayout(
  source: TiffSource,
  directory: TiffDirectory,
): Promise<ImageLayout> {
  const size = await readImageSize(source, directory);
  const tag = (number: number, fallback: number) =>
    readInteger(source, directory, number, fallback);
  const samples = await tag(277, 1);
  if (samples < 1 || samples > MAX_SAMPLES) {
    throw source.unsupported(`${samples} samples per pixel`, `1 to ${MAX_SAMPLES}`);
  }
  const dtype = await readDType(source, directory, samples);
  const separateSamples = samples > 1 && await readPlanarConfiguration(source, directory);
  const encoding = await readEncoding(source, directory, samples, separateSamples);
  const tileWidth = size.tiled ? await tag(322, 0) : size.width;
  const tileHeight = size.tiled
    ? await tag(323, 0)
    : Math.min(await tag(278, size.height), size.height);
  const tileBytes = tileWidth * tileHeight * (separateSamples ? 1 : samples) *
    (dtype === "uint8" ? 1 : 2);
  if (!(tileBytes > 0)) {
    throw source.corrupt(`tiles of ${tileWidth} x ${tileHeight} pixels`, "at least 1 x 1");
  }
  if (tileBytes > MAX_TILE_BYTES) {
    throw source.unsupported(
      `${size.tiled ? "tiles" : "strips"} of ${tileWidth} x ${tileHeight} pixels`,
      `at most ${MAX_TILE_BYTES} bytes each`,
      "write the image again as a tiled pyramid",
    );
  }
  const columns = Math.ceil(size.width / tileWidth);
  const rows = Math.ceil(size.height / tileHeight);
  const tileCount = columns * rows * (separateSamples ? samples : 1);
  return {
    width: size.width,
    height: size.height,
    tileWidth,
    tileHeight,
    columns,
    rows,
    samples,
    separateSamples,
    strips: !size.tiled,
    dtype,
    littleEndian: directory.header.littleEndian,
    ...encoding,
    tileOffsets: await readTileTable(source, directory, size.tiled ? 324 : 273, tileCount),
    tileByteCounts: await readTileTable(source, directory, size.tiled ? 325 : 279, tileCount),
  };
}

async function readDType(
  source: TiffSource,
  directory: TiffDirectory,
  samples: number,
): Promise<TileDType> {
  const bits = await readIntegers(source, directory, 258, MAX_SAMPLES) ?? Float64Array.of(1);
  const formats = await readIntegers(source, directory, 339, MAX_SAMPLES) ?? Float64Array.of(1);
  const [first] = bits;
  const uniform = bits.every((value) => value === first) &&
    (bits.length === 1 || bits.length === samples);
  if (!uniform || (first !== 8 && first !== 16)) {
    throw source.unsupported(`${bits.join(", ")} bits per sample`, "8 or 16 for all");
  }
  if (!formats.every((format) => format === 1 || format === 4)) {
    throw source.unsupported(`sample format ${formats.join(", ")}`, "1 (unsigned integer)");
  }
  return first === 8 ? "uint8" : "uint16";
}

async function readPlanarConfiguration(
  source: TiffSource,
  directory: TiffDirectory,
): Promise<boolean> {
  const planar = await readInteger(source, directory, 284, 1);
  if (planar !== 1 && planar !== 2) {
    throw source.corrupt(`planar configuration ${planar}`, "1 (interleaved) or 2 (separate)");
  }
  return planar === 2;
}

async function readEncoding(
  source: TiffSource,
  directory: TiffDirectory,
  samples: number,
  separateSamples: boolean,
) {
  const code = await readInteger(source, directory, 259, 1);
  const compression = COMPRESSIONS.get(code);
  if (compression === undefined) {
    throw source.unsupported(
      `compression ${code} (tag 259)`,
      "1 (none), 5 (LZW), 7 (JPEG), 8 or 32946 (deflate), 50000 (zstd), " +
        "33003, 33005 or 34712 (JPEG 2000)",
      "convert the image with bfconvert, libvips or tifffile",
    );
  }
  const fillOrder = await readInteger(source, directory, 266, 1);
  if (fillOrder !== 1) throw source.unsupported(`fill order ${fillOrder} (tag 266)`, "1");
  const interleaved = separateSamples ? 1 : samples;
  return {
    compression,
    horizontalDifferences: await readPredictor(source, directory, compression),
    colour: await readColour(source, directory, code, compression, interleaved),
    jpegTables: compression === "jpeg"
      ? await readBytes(source, directory, 347, 2 ** 20)
      : undefined,
  };
}

async function readPredictor(
  source: TiffSource,
  directory: TiffDirectory,
  compression: TileCompression,
): Promise<boolean> {
  const predictor = await readInteger(source, directory, 317, 1);
  if (compression === "jpeg" || compression === "jpeg2000" || predictor === 1) return false;
  if (predictor === 2) return true;
  throw source.unsupported(`predictor ${predictor} (tag 317)`, "1 (none) or 2 (horizontal)");
}

async function readColour(
  source: TiffSource,
  directory: TiffDirectory,
  code: number,
  compression: TileCompression,
  interleaved: number,
): Promise<TileEncoding["colour"]> {
  const photometric = await readInteger(source, directory, 262, 1);
  if (photometric > PHOTOMETRIC_RGB && photometric !== PHOTOMETRIC_YCBCR) {
    throw source.unsupported(
      `photometric interpretation ${photometric} (tag 262)`,
      "0 or 1 (grey), 2 (RGB) or 6 (YCbCr)",
    );
  }
  if (compression === "jpeg" && interleaved !== 1 && interleaved !== 3) {
    throw source.unsupported(`JPEG with ${interleaved} samples per pixel`, "1 or 3");
  }
  if (interleaved !== 3) return "asStored";
  const ycbcr = photometric === PHOTOMETRIC_YCBCR || code === COMPRESSION_APERIO_YCBCR;
  if (ycbcr && compression !== "jpeg" && compression !== "jpeg2000") {
    throw source.unsupported(`YCbCr with compression ${code} (tag 259)`, "JPEG or JPEG 2000");
  }
  if (ycbcr) return "ycbcr";
  return photometric === PHOTOMETRIC_RGB ? "rgb" : "asStored";
}

async function readTileTable(
  source: TiffSource,
  directory: TiffDirectory,
  tag: number,
  tileCount: number,
): Promise<Float64Array> {
  const entry = directory.entries.get(tag);
  if (entry === undefined || entry.count !== tileCount) {
    throw source.corrupt(`${entry?.count ?? 0} values of tag ${tag}`, `${tileCount}, one a tile`);
  }
  return await readIntegers(source, directory, tag, tileCount) as Float64Array;
}

/** How one tile of a layout is encoded. */
export function tileEncoding(layout: ImageLayout, row: number, column: number): TileEncoding {
  const clipWidth = Math.min(layout.tileWidth, layout.width - column * layout.tileWidth);
  const clipHeight = Math.min(layout.tileHeight, layout.height - row * layout.tileHeight);
  return {
    compression: layout.compression,
    dtype: layout.dtype,
    littleEndian: layout.littleEndian,
    width: layout.tileWidth,
    height: layout.strips ? clipHeight : layout.tileHeight,
    clipWidth,
    clipHeight,
    samples: layout.separateSamples ? 1 : layout.samples,
    horizontalDifferences: layout.horizontalDifferences,
    colour: layout.colour,
    jpegTables: layout.jpegTables,
  };
}
