import { type ImageLayout, readImageLayout, readImageSize } from "./image_layout.ts";
import { readDirectory, readIntegers, type TiffDirectory } from "./tiff_directory.ts";
import type { TiffSource } from "./tiff_source.ts";

/** The planes of one resolution. */
export interface LevelLayouts {
  readonly planes: readonly ImageLayout[];
  readonly downsample: number;
}

const TAG_SUB_DIRECTORIES = 330;
const MAX_LEVELS = 64;

/**
 * The pyramid above the given planes, finest first: their SubIFDs, or, where there are none, the
 * smaller tiled images that follow them in the file.
 *
 * @param planes Indices of the full-resolution directories.
 * @throws {SthelarError} `CorruptData` if planes or levels do not fit each other.
 */
export async function findLevels(
  source: TiffSource,
  directories: readonly TiffDirectory[],
  planes: readonly number[],
): Promise<LevelLayouts[]> {
  const base = planes.map((ifd) => directories[ifd]);
  const subDirectories = await Promise.all(base.map((plane) => readSubDirectories(source, plane)));
  const counts = subDirectories.map((list) => list.length);
  if (counts.some((count) => count !== counts[0])) {
    throw source.corrupt(`${counts.join(", ")} SubIFDs in the channels`, "the same number in each");
  }
  const full = await readPlanes(source, base);
  const levels: LevelLayouts[] = [{ planes: full, downsample: 1 }];
  for (let level = 0; level < counts[0]; level++) {
    const smaller = await readPlanes(source, subDirectories.map((list) => list[level]));
    const downsample = downsampleOf(full[0], smaller[0]);
    if (downsample === undefined || !fitsAbove(levels.at(-1)!.planes[0], smaller[0])) {
      const { width, height } = smaller[0];
      const expected = `a smaller copy of ${full[0].width} x ${full[0].height}`;
      throw source.corrupt(`a SubIFD of ${width} x ${height}`, expected);
    }
    levels.push({ planes: smaller, downsample });
  }
  if (counts[0] > 0) return levels;
  return [...levels, ...await findTopLevelPyramid(source, directories, planes, full)];
}

async function findTopLevelPyramid(
  source: TiffSource,
  directories: readonly TiffDirectory[],
  planes: readonly number[],
  full: readonly ImageLayout[],
): Promise<LevelLayouts[]> {
  const levels: LevelLayouts[] = [];
  const rest: TiffDirectory[] = [];
  for (const directory of directories.slice(Math.max(...planes) + 1)) {
    const size = await readImageSize(source, directory);
    // Thumbnails, labels and overviews of slide scanners are strips.
    const isCopy = size.tiled && !full[0].strips && downsampleOf(full[0], size) !== undefined;
    if (isCopy && size.width < full[0].width) rest.push(directory);
  }
  for (let at = 0; at + planes.length <= rest.length && levels.length < MAX_LEVELS;) {
    const smaller = await readPlanes(source, rest.slice(at, at + planes.length));
    at += planes.length;
    const downsample = downsampleOf(full[0], smaller[0]);
    const above = levels.at(-1)?.planes[0] ?? full[0];
    if (downsample === undefined || !fitsAbove(above, smaller[0])) break;
    levels.push({ planes: smaller, downsample });
  }
  return levels;
}

async function readSubDirectories(
  source: TiffSource,
  directory: TiffDirectory,
): Promise<TiffDirectory[]> {
  const offsets = await readIntegers(source, directory, TAG_SUB_DIRECTORIES, MAX_LEVELS) ?? [];
  const list: TiffDirectory[] = [];
  for (const offset of offsets) list.push(await readDirectory(source, directory.header, offset));
  return list;
}

async function readPlanes(
  source: TiffSource,
  directories: readonly TiffDirectory[],
): Promise<ImageLayout[]> {
  const planes: ImageLayout[] = [];
  for (const directory of directories) {
    const layout = await readImageLayout(source, directory);
    const [first = layout] = planes;
    const keys = ["width", "height", "tileWidth", "tileHeight", "samples", "dtype"] as const;
    const differing = keys.find((key) => layout[key] !== first[key]);
    if (differing !== undefined) {
      const found = `channel ${planes.length} with ${differing} ${layout[differing]}`;
      throw source.corrupt(found, `${first[differing]}, as in channel 0`);
    }
    planes.push(layout);
  }
  return planes;
}

function fitsAbove(larger: ImageLayout, smaller: ImageLayout): boolean {
  return smaller.width <= larger.width && smaller.height <= larger.height &&
    smaller.width * smaller.height < larger.width * larger.height &&
    smaller.samples === larger.samples && smaller.dtype === larger.dtype;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * How many pixels of `full` one of `smaller` covers: the whole number that explains both sizes to
 * a pixel's rounding, else the ratio of the widths; `undefined` if the two differ in shape.
 */
export function downsampleOf(full: Size, smaller: Size): number | undefined {
  const ratio = Math.sqrt((full.width * full.height) / (smaller.width * smaller.height));
  const whole = Math.round(ratio);
  const isWithin = (factor: number, pixels: number) =>
    Math.abs(full.width / factor - smaller.width) < pixels &&
    Math.abs(full.height / factor - smaller.height) < pixels;
  if (whole >= 1 && isWithin(whole, 1)) return whole;
  if (ratio > 1 && isWithin(ratio, 2)) return full.width / smaller.width;
  // Thin images: rounding of the short side says little about the ratio.
  const nearest = 2 ** Math.round(Math.log2(full.width / smaller.width));
  return nearest > 1 && isWithin(nearest, 2) ? nearest : undefined;
}
