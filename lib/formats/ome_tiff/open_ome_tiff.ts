import { SthelarError } from "@/core/errors.ts";
import { createDecodePool, type DecodePool } from "./decode_pool.ts";
import { findLevels } from "./find_levels.ts";
import { type ChannelName, type FilePlane, findPlanes, nameChannels } from "./find_planes.ts";
import { readImageSize } from "./image_layout.ts";
import { PlanesLevel } from "./planes_level.ts";
import { isOmeXml, type OmeMetadata, parseOmeXml } from "./ome_metadata.ts";
import { readPixelSizeUm } from "./pixel_size.ts";
import {
  readBytes,
  readDirectoryChain,
  readInteger,
  readTiffHeader,
  type TiffDirectory,
} from "./tiff_directory.ts";
import type { TiffLevel } from "./tiff_level.ts";
import { TiffSource } from "./tiff_source.ts";
import { TileCache } from "./tile_cache.ts";
import type { TileDType } from "./tile_encoding.ts";

/** How {@link openOmeTiff} reads. */
export interface OpenOmeTiffOptions {
  /** Decodes the tiles; stays the caller's. Without it they decode in the caller's thread. */
  readonly pool?: DecodePool;
  /** Plane of a z stack, 0 unless told. */
  readonly z?: number;
  /** Bytes of decoded tiles that `readRegion` keeps, 128 MiB unless told. */
  readonly cacheBytes?: number;
}

/** A pyramidal image in a TIFF. Close it with `await using` or `Symbol.asyncDispose`. */
export interface OmeTiff extends AsyncDisposable {
  readonly path: string;
  /** Channels of this file, in the order of the tiles' c axis. */
  readonly channels: readonly ChannelName[];
  /** Micrometres per pixel of level 0, where the file says: in OME-XML, Aperio's text or tags. */
  readonly pixelSizeUm?: { readonly x: number; readonly y: number };
  readonly dtype: TileDType;
  /** Planes of the z stack, 1 for a flat image. */
  readonly sizeZ: number;
  /** Resolutions, finest first. */
  readonly levels: readonly TiffLevel[];
  /** The OME-XML as it stands in the file. */
  readonly omeXml?: string;
}

const TAG_IMAGE_DESCRIPTION = 270;
const MAX_DESCRIPTION_BYTES = 2 ** 26;
const DEFAULT_CACHE_BYTES = 2 ** 27;

/**
 * Opens a tiled TIFF or BigTIFF: its header, not its pixels. Other files that the OME-XML names are
 * not opened.
 *
 * @param path A file of 8- or 16-bit unsigned samples.
 * @throws {SthelarError} `NotFound`, `DiskFailure`; `CorruptData` for a file that is no TIFF or is
 * damaged; `UnsupportedVersion` for one that is not read; `InvalidArgument` for a `z` it lacks.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { openOmeTiff } from "@/formats/ome_tiff/mod.ts";
 *
 * await using image = await openOmeTiff("tests/fixtures/ome_tiff/u16_deflate.ome.tif");
 * const { width, height } = image.levels[0];
 * assertEquals([width, height, image.dtype], [56, 40, "uint16"]);
 * assertEquals(image.channels[0].name, "DAPI");
 * assertEquals(image.pixelSizeUm, { x: 0.2125, y: 0.2125 });
 * const corner = await image.levels[0].readRegion({ x0: 20, y0: 10, width: 30, height: 25 });
 * assertEquals(corner.shape, [1, 25, 30]);
 * ```
 */
export async function openOmeTiff(
  path: string,
  options: OpenOmeTiffOptions = {},
): Promise<OmeTiff> {
  const source = await TiffSource.open(path);
  try {
    return await readImage(source, options);
  } catch (error) {
    await source[Symbol.asyncDispose]();
    throw error;
  }
}

async function readImage(source: TiffSource, options: OpenOmeTiffOptions): Promise<OmeTiff> {
  const { pool = createDecodePool({ workers: 0 }), z = 0 } = options;
  const header = await readTiffHeader(source);
  const directories = await readDirectoryChain(source, header);
  const description = await readDescription(source, directories[0]);
  const omeXml = isOmeXml(description) ? description : undefined;
  const ome = omeXml === undefined ? undefined : parseOmeXml(omeXml, source);
  const sizeZ = ome?.sizeZ ?? 1;
  if (!Number.isInteger(z) || z < 0 || z >= sizeZ) throw missingPlane(source.path, z, sizeZ);
  const planes = await choosePlanes(source, directories, ome, z);
  const layouts = await findLevels(source, directories, planes.map(({ ifd }) => ifd));
  const { samples, dtype } = layouts[0].planes[0];
  const pixelSizeUm = ome?.pixelSizeUm ??
    await readPixelSizeUm(source, directories[0], description);
  const cache = new TileCache(options.cacheBytes ?? DEFAULT_CACHE_BYTES);
  const context = { source, pool, cache };
  return {
    path: source.path,
    channels: nameChannels(ome, planes, samples),
    ...(pixelSizeUm === undefined ? {} : { pixelSizeUm }),
    dtype,
    sizeZ,
    levels: layouts.map((level, index) =>
      new PlanesLevel(index, level.planes, level.downsample, context)
    ),
    ...(omeXml === undefined ? {} : { omeXml }),
    [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
  };
}

async function readDescription(source: TiffSource, directory: TiffDirectory): Promise<string> {
  const bytes = await readBytes(source, directory, TAG_IMAGE_DESCRIPTION, MAX_DESCRIPTION_BYTES);
  const end = bytes?.indexOf(0) ?? -1;
  return new TextDecoder().decode(end < 0 ? bytes : bytes?.subarray(0, end));
}

async function choosePlanes(
  source: TiffSource,
  directories: readonly TiffDirectory[],
  ome: OmeMetadata | undefined,
  z: number,
): Promise<FilePlane[]> {
  if (ome !== undefined) return findPlanes(ome, directories.length, z, source);
  const first = await readImageSize(source, directories[0]);
  const samples = await readInteger(source, directories[0], 277, 1);
  let count = 1;
  while (samples === 1 && count < directories.length) {
    const size = await readImageSize(source, directories[count]);
    if (size.width !== first.width || size.height !== first.height) break;
    count++;
  }
  return Array.from({ length: count }, (_, ifd) => ({ ifd, channel: ifd }));
}

function missingPlane(path: string, z: number, sizeZ: number): SthelarError {
  return new SthelarError("InvalidArgument", {
    action: `Cannot open TIFF "${path}"`,
    found: `z = ${z}`,
    expected: `0 to ${sizeZ - 1}`,
    path,
  });
}
