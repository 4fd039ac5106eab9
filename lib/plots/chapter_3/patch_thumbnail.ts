import type { Raster } from "../raster.ts";

/** A small picture of the whole image that was cut. */
export interface PatchThumbnail {
  /** Channels, rows, columns: red, green, blue. */
  readonly pixels: Uint8Array;
  /** Px of the thumbnail. */
  readonly width: number;
  /** Px of the thumbnail. */
  readonly height: number;
  /** Px of the image that was cut. */
  readonly imageWidth: number;
  /** Px of the image that was cut. */
  readonly imageHeight: number;
}

/** Intensity beside the image. */
export const PAPER = 250;

/**
 * A channel of the thumbnail; paper beside it.
 *
 * @param channel 0 to 2.
 * @param x Px of the image.
 * @param y Px of the image.
 */
export function sampleThumbnail(
  { pixels, width, height, imageWidth, imageHeight }: PatchThumbnail,
  channel: number,
  x: number,
  y: number,
): number {
  if (x >= imageWidth || y >= imageHeight) return PAPER;
  const [row, column] = [Math.floor(y / imageHeight * height), Math.floor(x / imageWidth * width)];
  return pixels[(channel * height + row) * width + column];
}

/** The thumbnail from the image's corner to an extent in px of the image, on a raster. */
export function thumbnailRaster(
  thumbnail: PatchThumbnail,
  extent: { readonly x: number; readonly y: number },
  width: number,
): Raster {
  const pxPerDot = extent.x / width;
  const height = Math.max(1, Math.round(extent.y / pxPerDot));
  const data = new Uint8Array(3 * width * height);
  for (let row = 0, at = 0; row < height; row++) {
    const y = (row + 0.5) * pxPerDot;
    for (let column = 0; column < width; column++, at += 3) {
      const x = (column + 0.5) * pxPerDot;
      for (let k = 0; k < 3; k++) data[at + k] = sampleThumbnail(thumbnail, k, x, y);
    }
  }
  return { data, width, height, channels: 3 };
}
