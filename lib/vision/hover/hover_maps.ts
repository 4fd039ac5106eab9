import type { RasterSize } from "@/vision/raster/mod.ts";

/** What a network of the HoVer kind says about the pixels of an image. */
export interface HoverMaps extends RasterSize {
  /** 1 where a nucleus is, 0 elsewhere: argmax of the binary branch, (height, width). */
  readonly binary: Uint8Array;
  /** Distance to the nucleus' centre along x, about -1 to 1, (height, width). */
  readonly horizontal: Float32Array;
  /** Distance to the nucleus' centre along y, about -1 to 1, (height, width). */
  readonly vertical: Float32Array;
}

/** Constants of the post-processing. */
export interface HoverConstants {
  /** Weights of the Sobel filter, odd. */
  readonly sobelSize: number;
  /** Markers with fewer pixels are dropped. */
  readonly minMarkerPixels: number;
}

/** The magnifications that CellViT knows. */
export type Magnification = 40 | 20;

/** Constants of HoVer-Net and CellViT, by magnification. */
export const HOVER_CONSTANTS: Readonly<Record<Magnification, HoverConstants>> = {
  40: { sobelSize: 21, minMarkerPixels: 10 },
  20: { sobelSize: 11, minMarkerPixels: 3 },
};

/** Components of the binary map with fewer pixels are no nuclei, at either magnification. */
export const MIN_NUCLEUS_PIXELS = 10;
/** Gradients from this on are borders between nuclei. */
export const BORDER_GRADIENT = 0.4;
