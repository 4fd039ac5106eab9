import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import {
  affine,
  applyAffine,
  clipToRectangle,
  cornersArea,
  determinant,
  invertAffine,
} from "@/geometry/mod.ts";
import { localDisk } from "../disk/mod.ts";
import { createDecodePool, type OmeTiff, openOmeTiff } from "../ome_tiff/mod.ts";
import { omeXml } from "../ome_tiff_writer/mod.ts";
import {
  checkPlausible,
  type HeToMorphology,
  readHeAlignment,
  registeredAlignment,
  umPerHePixel,
} from "../xenium/mod.ts";
import { cropImage, openForCrop } from "./crop_image.ts";
import type { ImageCropOptions } from "./crop_morphology.ts";
import type { PixelRectangle } from "./snap_roi.ts";

/** Names of the cropped H&E and its alignment, in the folder of the new bundle. */
export const CROPPED_HE_FILES = {
  he: "he_image.ome.tif",
  alignment: "he_imagealignment.csv",
} as const;

/** Where an H&E is cropped. */
export interface CroppedHe {
  /** Part of the H&E's level 0, margin included. */
  readonly region: PixelRectangle;
  /** Share of the region's area that the H&E covers. */
  readonly coverage: number;
}

/** A part of an H&E that is to be written. */
export interface HeCrop extends CroppedHe {
  /** The H&E of the whole slide. */
  readonly path: string;
  /** Maps pixels of the part to pixels of the cropped morphology. */
  readonly map: HeToMorphology;
}

const MARGIN_PX = 64;
const TILE = 512;
const QUALITY = 95;

/**
 * Finds the part of an H&E that lies on a region; no pixel is read.
 *
 * @param path The H&E.
 * @param alignmentPath Its alignment; without one the H&E shares the morphology's pixels.
 * @param region Pixels of the morphology image.
 * @param pixelUm Side of a pixel of the morphology image, µm.
 * @throws {SthelarError} `InvalidArgument` if the H&E does not reach the region, `CorruptData` for
 *   an alignment that can't be, `UnsupportedVersion` for an image that is no 8-bit colour image.
 */
export async function planHe(
  path: string,
  alignmentPath: string | undefined,
  region: PixelRectangle,
  pixelUm: number,
): Promise<HeCrop> {
  const { map } = alignmentPath === undefined
    ? registeredAlignment
    : await readHeAlignment(localDisk, alignmentPath);
  checkPlausible(map, pixelUm);
  await using image = await openOmeTiff(path);
  checkColour(image);
  const [{ width, height }] = image.levels;
  const corners = cornersOf(region).map(([x, y]) => applyAffine(invertAffine(map), x, y));
  const covered = clipToRectangle(corners, [0, width, 0, height]);
  const area = cornersArea(covered);
  if (!(area > 0)) throw outside(path);
  const [x, right] = spanOf(corners.map(([x]) => x), width);
  const [y, bottom] = spanOf(corners.map(([, y]) => y), height);
  const [a, b, c, d, e, f] = map.coefficients;
  return {
    path,
    region: { x, y, width: right - x, height: bottom - y },
    coverage: Math.min(1, area * Math.abs(determinant(map)) / (region.width * region.height)),
    map: affine("he_pixel", "morphology_pixel", [
      a,
      b,
      a * x + b * y + c - region.x,
      d,
      e,
      d * x + e * y + f - region.y,
    ]),
  };
}

/** Writes the part of an H&E as a pyramid, and its alignment as Xenium Explorer does. */
export async function cropHe(
  { path, region, map }: HeCrop,
  pixelUm: number,
  disk: Disk,
  folder: string,
  { threads, progress, signal }: ImageCropOptions,
): Promise<void> {
  await using pool = createDecodePool({ workers: threads });
  await using image = await openForCrop(path, region, pool);
  const { width, height } = region;
  await cropImage(image, disk, `${folder}/${CROPPED_HE_FILES.he}`, {
    region,
    samples: 3,
    compression: "jpeg",
    quality: QUALITY,
    tileSize: TILE,
    description: omeXml({
      name: "he_image",
      width,
      height,
      dtype: "uint8",
      pixelSizeUm: image.pixelSizeUm?.x ?? umPerHePixel(map, pixelUm),
      channels: [image.channels[0].name ?? "H&E"],
      samplesPerChannel: 3,
    }),
    progress,
    signal,
  });
  const [a, b, c, d, e, f] = map.coefficients;
  const csv = `${a},${b},${c}\n${d},${e},${f}\n0,0,1\n`;
  await disk.write(`${folder}/${CROPPED_HE_FILES.alignment}`, new TextEncoder().encode(csv));
}

function cornersOf({ x, y, width, height }: PixelRectangle): [number, number][] {
  return [[x, y], [x + width, y], [x + width, y + height], [x, y + height]];
}

/** Whole pixels around some places and a margin, as far as the image reaches. */
function spanOf(places: readonly number[], pixels: number): [start: number, end: number] {
  return [
    Math.max(0, Math.floor(Math.min(...places)) - MARGIN_PX),
    Math.min(pixels, Math.ceil(Math.max(...places)) + MARGIN_PX),
  ];
}

function checkColour({ path, dtype, levels: [{ channels }] }: OmeTiff): void {
  if (dtype === "uint8" && (channels === 3 || channels === 4)) return;
  throw new SthelarError("UnsupportedVersion", {
    action: `Cannot use "${path}" as H&E`,
    found: `${channels} channels of ${dtype}`,
    expected: "red, green and blue of uint8",
    remedy: "name the H&E image, not a fluorescence image",
    path,
  });
}

function outside(path: string): SthelarError {
  return new SthelarError("InvalidArgument", {
    action: `Cannot crop the H&E "${path}"`,
    found: "no part of it on the region",
    expected: "an H&E that covers the region",
    remedy: "choose a region on the H&E, check the alignment, or crop without H&E",
    path,
  });
}
