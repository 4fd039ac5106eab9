import type { MultiPolygons } from "@/core/polygons.ts";
import { type Figure, type FigureFrame } from "../figure.ts";
import { imagePanel } from "../image_panel.ts";
import { formatCount } from "../legend.ts";
import { countInWindow } from "../outlines.ts";
import { greyRaster, type SlideImage, type SlideWindow } from "../slide_image.ts";

/** Colour of nucleus outlines on DAPI: bright on black, unlike any label. */
export const NUCLEUS_ON_DAPI = "#ff5cf4";

/** What {@link dapiWithNuclei} draws. */
export interface DapiWithNucleiOptions extends FigureFrame {
  /** The morphology image; channel 0 is DAPI. */
  readonly dapi: SlideImage;
  /** Nuclei, µm. */
  readonly nuclei: MultiPolygons;
  /** The part of the slide that is shown, µm. */
  readonly window: SlideWindow;
  /** Width of the picture, px; 420 unless told. */
  readonly width?: number;
}

/** DAPI in a part of the slide with the outlines of the nuclei. */
export function dapiWithNuclei(options: DapiWithNucleiOptions): Figure {
  const { dapi, nuclei, window, width = 420, ...frame } = options;
  const count = countInWindow(nuclei, window);
  return imagePanel({
    title: "DAPI with nucleus outlines",
    caption: `${formatCount(count)} ${count === 1 ? "nucleus" : "nuclei"} in ` +
      `${Math.round(window.width)} x ${Math.round(window.height)} µm`,
    ...frame,
    window,
    width,
    raster: (px) => greyRaster(dapi, window, px),
    outlines: [{ polygons: nuclei, color: NUCLEUS_ON_DAPI, strokeWidth: 1.1 }],
  });
}
