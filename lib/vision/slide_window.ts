import type { DenseArray } from "@/core/arrays.ts";
import type { SlideImage, SlideWindow } from "@/plots/mod.ts";
import { type ImagePyramid, toMatrix } from "@/formats/spatialdata/mod.ts";
import {
  type Affine,
  affine,
  applyAffine,
  composeAffine,
  invertAffine,
  scaling,
} from "@/geometry/mod.ts";

const MARGIN_PX = 2;

/**
 * Reads the part of an image that a window needs, from the level whose pixels are just finer than
 * those of the picture: what is read depends on the picture's size, not on the slide's.
 *
 * @param image An image with a transformation to `global`.
 * @param umPerGlobalPixel Size of a pixel of `global`, µm.
 * @param window What is shown, µm.
 * @param widthPx Columns of the picture.
 * @param channels First channel and end of the channels, all by default.
 */
export async function readSlideWindow(
  image: ImagePyramid,
  umPerGlobalPixel: number,
  window: SlideWindow,
  widthPx: number,
  channels?: readonly [start: number, stop: number],
): Promise<SlideImage> {
  const [[a, b, c], [d, e, f]] = toMatrix(image.transformations.get("global")!);
  const toMicron = composeAffine(
    affine("pixel", "global", [a, b, c, d, e, f]),
    scaling("global", "micron", umPerGlobalPixel),
  );
  const finestUm = Math.sqrt(Math.abs(a * e - b * d)) * umPerGlobalPixel;
  const wanted = window.width / widthPx / finestUm;
  const level = Math.max(0, image.levels.findLastIndex((_, i) => downsampleOf(image, i) <= wanted));
  const downsample = downsampleOf(image, level);
  const levelToMicron = composeAffine(scaling("level", "pixel", downsample), toMicron);
  const { shape } = image.levels[level];
  const box = pixelBox(levelToMicron, window, shape);
  const region = channels === undefined ? box : { ...box, c: channels };
  const pixels = await image.readRegion(level, region);
  const place = affine("crop", "level", [1, 0, box.x0, 0, 1, box.y0]);
  return {
    pixels: pixels as DenseArray<Uint8Array | Uint16Array>,
    toMicron: composeAffine(place, levelToMicron),
  };
}

function downsampleOf({ levels }: ImagePyramid, level: number): number {
  return levels[0].shape[2] / levels[level].shape[2];
}

/** The pixels of a level that a window touches; one pixel where it lies beside the image. */
function pixelBox(
  levelToMicron: Affine<"level", "micron">,
  { x, y, width, height }: SlideWindow,
  [, rows, columns]: readonly number[],
): { x0: number; x1: number; y0: number; y1: number } {
  const toLevel = invertAffine(levelToMicron);
  const corners = ([[0, 0], [1, 0], [0, 1], [1, 1]] as const)
    .map(([u, v]) => applyAffine(toLevel, x + u * width, y + v * height));
  const range = (values: readonly number[], extent: number) => {
    const low = Math.floor(Math.min(...values)) - MARGIN_PX;
    const high = Math.ceil(Math.max(...values)) + MARGIN_PX;
    const start = Math.min(Math.max(0, low), extent - 1);
    return [start, Math.max(start + 1, Math.min(extent, high))];
  };
  const [x0, x1] = range(corners.map(([px]) => px), columns);
  const [y0, y1] = range(corners.map(([, py]) => py), rows);
  return { x0, x1, y0, y1 };
}
