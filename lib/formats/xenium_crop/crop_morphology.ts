import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import type { Progress } from "@/core/progress.ts";
import { createDecodePool, type OmeTiff, openOmeTiff } from "../ome_tiff/mod.ts";
import { omeXml } from "../ome_tiff_writer/mod.ts";
import { type ChannelFile, imageFiles, type XeniumBundle } from "../xenium/mod.ts";
import { cropImage, openForCrop } from "./crop_image.ts";
import type { PixelRectangle } from "./snap_roi.ts";

/** The focus images of a bundle as far as their headers tell. */
export interface Morphology {
  /** One file a channel. */
  readonly files: readonly ChannelFile[];
  /** Names of the channels. */
  readonly names: readonly string[];
  /** Pixels across. */
  readonly width: number;
  /** Pixels down. */
  readonly height: number;
  /** Side of a pixel, µm: by the manifest, else by the first file. */
  readonly pixelUm: number;
}

/** How images are cropped. */
export interface ImageCropOptions {
  /** Threads that decode. */
  readonly threads: number;
  /** Told of each tile. */
  readonly progress: Progress;
  /** Stops before the next tile. */
  readonly signal: AbortSignal | undefined;
}

/**
 * Tiles of the instrument's own size and compression, so that every reader of bundles opens them.
 * Lossless JPEG 2000 loses nothing of what the reader sees and is smaller than deflate.
 */
const TILE = 1024;
const COMPRESSION = "jpeg2000";

/**
 * Reads the headers of the focus images.
 *
 * @throws {SthelarError} `NotFound` without images or pixel size, `CorruptData` for images that do
 *   not fit together, `UnsupportedVersion` for a file of several channels.
 */
export async function readMorphology(bundle: XeniumBundle): Promise<Morphology> {
  const { channels: files } = await imageFiles(bundle);
  const headers = [];
  for (const file of files) {
    await using image = await openOmeTiff(file.path);
    checkChannel(image);
    const [{ width, height }] = image.levels;
    const name = image.channels[0].name ?? file.name;
    headers.push({ width, height, name, pixelUm: image.pixelSizeUm?.x });
  }
  const [{ width, height, pixelUm }] = headers;
  const other = headers.findIndex((header) => header.width !== width || header.height !== height);
  if (other >= 0) throw otherSize(files[other].path, headers[other], headers[0]);
  const size = bundle.manifest.pixelSizeUm ?? pixelUm;
  if (size === undefined) throw noPixelSize(bundle.root, files[0].path);
  return { files, names: headers.map(({ name }) => name), width, height, pixelUm: size };
}

/** Writes a part of each focus image under the name that it has in the bundle. */
export async function cropMorphology(
  bundle: XeniumBundle,
  { files, names, pixelUm }: Morphology,
  region: PixelRectangle,
  disk: Disk,
  folder: string,
  { threads, progress, signal }: ImageCropOptions,
): Promise<void> {
  const { width, height } = region;
  const tiles = Math.ceil(width / TILE) * Math.ceil(height / TILE);
  const fileNames = files.map(({ path }) => path.slice(path.lastIndexOf("/") + 1));
  await using pool = createDecodePool({ workers: threads });
  for (const [self, { path }] of files.entries()) {
    await using image = await openForCrop(path, region, pool);
    const target = `${folder}/${path.slice(bundle.root.length + 1)}`;
    await cropImage(image, disk, target, {
      region,
      samples: 1,
      compression: COMPRESSION,
      tileSize: TILE,
      description: omeXml({
        name: fileNames[self],
        width,
        height,
        dtype: image.dtype,
        pixelSizeUm: pixelUm,
        channels: names,
        files: { names: fileNames, self },
      }),
      progress: {
        update: (done) => progress.update(self * tiles + done, files.length * tiles, "tiles"),
      },
      signal,
    });
  }
}

function checkChannel({ path, levels: [{ channels }] }: OmeTiff): void {
  if (channels === 1) return;
  throw new SthelarError("UnsupportedVersion", {
    action: `Cannot crop the focus image "${path}"`,
    found: `${channels} channels in one file`,
    expected: "one channel a file",
    path,
  });
}

function otherSize(
  path: string,
  found: { readonly width: number; readonly height: number },
  expected: { readonly width: number; readonly height: number },
): SthelarError {
  return new SthelarError("CorruptData", {
    action: `Cannot crop the focus image "${path}"`,
    found: `${found.width} x ${found.height} pixels`,
    expected: `${expected.width} x ${expected.height}, as the first channel`,
    remedy: "take all channels from one bundle",
    path,
  });
}

function noPixelSize(root: string, path: string): SthelarError {
  return new SthelarError("NotFound", {
    action: `Cannot tell the size of a pixel of "${path}"`,
    found: "none in experiment.xenium, none in the image",
    expected: "micrometres a pixel, as in 0.2125",
    remedy: 'copy "experiment.xenium" of the bundle into the folder',
    path: root,
  });
}
