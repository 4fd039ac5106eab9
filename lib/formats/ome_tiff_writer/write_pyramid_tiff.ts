import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { type Progress, silentProgress } from "@/core/progress.ts";
import { EncodePool } from "./encode_pool.ts";
import type { ImageSamples } from "./halve_rows.ts";
import type { PyramidTiff } from "./pyramid_tiff.ts";
import { PyramidWriter } from "./pyramid_writer.ts";

/** Gives the pixels of a part of level 0: `height * width * samples` values, interleaved. */
export type RenderTile = (
  x: number,
  y: number,
  width: number,
  height: number,
  plane: number,
) => ImageSamples | Promise<ImageSamples>;

const ENCODERS = 4;

/**
 * Writes an image as a tiled TIFF whose smaller levels (each half the one before, rounded up) are
 * SubIFDs, as OME-TIFF has it. The image is rendered row of tiles by row of tiles: memory holds one
 * such row a level.
 *
 * @param render Gives the pixels of parts of level 0; all tiles of a row are asked for at once.
 * @throws {SthelarError} `InvalidArgument` for a size or a compression that can't be, `DiskFailure`.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 * import { omeXml, writePyramidTiff } from "@/formats/ome_tiff_writer/mod.ts";
 *
 * const disk = new MemoryDisk();
 * const size = { width: 40, height: 30, dtype: "uint16" as const };
 * const description = omeXml({ ...size, name: "dapi", pixelSizeUm: 0.2125, channels: ["DAPI"] });
 * await writePyramidTiff(
 *   disk,
 *   "/dapi.ome.tif",
 *   { ...size, samples: 1, compression: "deflate", description, tileSize: 16, levels: 2 },
 *   (_x, _y, width, height) => new Uint16Array(width * height),
 * );
 * assert((await disk.stat("/dapi.ome.tif"))!.size > 100);
 * ```
 */
export async function writePyramidTiff(
  disk: Disk,
  path: string,
  image: PyramidTiff,
  render: RenderTile,
  progress: Progress = silentProgress,
): Promise<void> {
  checkImage(path, image);
  await disk.writeNative(path, async (localPath) => {
    using file = await Deno.open(localPath, { write: true, create: true, truncate: true });
    using pool = new EncodePool(Math.min(ENCODERS, navigator.hardwareConcurrency));
    const writer = new PyramidWriter(file, image, pool);
    await writer.begin();
    for (let plane = 0; plane < (image.planes ?? 1); plane++) {
      await renderRows(writer, image, plane, render, progress);
      await writer.endPlane();
    }
    await writer.finish();
  });
}

async function renderRows(
  writer: PyramidWriter,
  { width, height, samples, tileSize = 1024, planes = 1 }: PyramidTiff,
  plane: number,
  render: RenderTile,
  progress: Progress,
): Promise<void> {
  const across = Math.ceil(width / tileSize), inPlane = across * Math.ceil(height / tileSize);
  const total = inPlane * planes;
  let done = inPlane * plane;
  for (let y = 0; y < height; y += tileSize) {
    const tileHeight = Math.min(tileSize, height - y);
    await Promise.all(Array.from({ length: across }, async (_, i) => {
      const x = i * tileSize, tileWidth = Math.min(tileSize, width - x);
      const tile = await render(x, y, tileWidth, tileHeight, plane);
      if (tile.length !== tileWidth * tileHeight * samples) {
        throw new RangeError(
          `Cannot write a tile of ${tileWidth} x ${tileHeight}: found ${tile.length} values`,
        );
      }
      writer.place(tile, x, tileWidth, tileHeight);
      progress.update(++done, total, "tiles");
    }));
    await writer.flush(tileHeight);
  }
}

function checkImage(path: string, image: PyramidTiff): void {
  const { width, height, dtype, compression, tileSize = 1024, levels = 1 } = image;
  const fault = !(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0)
    ? `a size of ${width} x ${height}`
    : tileSize < 16 || tileSize % 16 !== 0
    ? `tiles of ${tileSize} pixels`
    : levels < 1
    ? `${levels} levels`
    : compression === "jpeg" && dtype === "uint16"
    ? "JPEG of 16 bits"
    : undefined;
  if (fault === undefined) return;
  throw new SthelarError("InvalidArgument", {
    action: `Cannot write "${path}"`,
    found: fault,
    expected: "positive sizes, tiles that are a multiple of 16, JPEG for 8 bits",
    path,
  });
}
