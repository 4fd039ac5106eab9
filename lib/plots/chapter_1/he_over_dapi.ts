import { type Figure, type FigureFrame } from "../figure.ts";
import { imagePanel } from "../image_panel.ts";
import type { Raster } from "../raster.ts";
import { brightness, rgbRaster, type SlideImage, type SlideWindow } from "../slide_image.ts";

/** What {@link heOverDapi} draws. */
export interface HeOverDapiOptions extends FigureFrame {
  /** The H&E image, `toMicron` with the alignment in it. */
  readonly he: SlideImage;
  /** The morphology image; channel 0 is DAPI. */
  readonly dapi: SlideImage;
  /** The part of the slide that is shown, µm. */
  readonly window: SlideWindow;
  /** Width of the picture, px; 420 unless told. */
  readonly width?: number;
}

/** DAPI is drawn in a green that no stain has. */
const DAPI_COLOUR = [0, 200, 60] as const;

/**
 * H&E and DAPI on one grid after the alignment: DAPI is green over a pale H&E, so that a nucleus
 * that is off shows as green beside purple.
 */
export function heOverDapi(options: HeOverDapiOptions): Figure {
  const { he, dapi, window, width = 420, ...frame } = options;
  return imagePanel({
    title: "H&E and DAPI after alignment",
    legend: {
      items: [{ label: "DAPI", color: "#00c83c" }, { label: "H&E nuclei", color: "#8a6bb0" }],
    },
    ...frame,
    window,
    width,
    raster: (px) => blend(he, dapi, window, px),
  });
}

/** The H&E picture with DAPI mixed in by its brightness. */
export function blend(
  he: SlideImage,
  dapi: SlideImage,
  window: SlideWindow,
  widthPx: number,
): Raster {
  const below = rgbRaster(he, window, widthPx);
  const { shares } = brightness(dapi, window, widthPx);
  const data = new Uint8Array(below.data.length);
  for (let i = 0; i < shares.length; i++) {
    const opacity = 0.75 * shares[i];
    for (let k = 3 * i; k < 3 * i + 3; k++) {
      data[k] = below.data[k] * (1 - opacity) + DAPI_COLOUR[k - 3 * i] * opacity + 0.5;
    }
  }
  return { ...below, data };
}
