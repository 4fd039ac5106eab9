import type { ImagePyramid } from "@/formats/spatialdata/mod.ts";
import type { PatchThumbnail } from "@/plots/chapter_3/mod.ts";

const THUMBNAIL_PX = 1000;

/** The smallest level of an H&E that is wide enough to be looked at. */
export async function slideThumbnail(
  he: ImagePyramid,
  { width: imageWidth, height: imageHeight }: { readonly width: number; readonly height: number },
): Promise<PatchThumbnail> {
  const level = Math.max(0, he.levels.findLastIndex(({ shape }) => shape[2] >= THUMBNAIL_PX));
  const [, height, width] = he.levels[level].shape;
  const { data } = await he.readRegion(level, { y0: 0, y1: height, x0: 0, x1: width });
  return { pixels: data as Uint8Array, width, height, imageWidth, imageHeight };
}
