import { packPolygons } from "@/core/polygons.ts";
import { definedOf, type Figure, type FigureFrame } from "../figure.ts";
import { imagePanel } from "../image_panel.ts";
import type { Outlines } from "../outlines.ts";
import { panels } from "../panels.ts";
import { greyRaster, rgbRaster, type SlideImage, type SlideWindow } from "../slide_image.ts";
import { blend } from "./he_over_dapi.ts";

/** What {@link slideThumbnails} draws. */
export interface SlideThumbnailsOptions extends FigureFrame {
  /** The H&E image, `toMicron` with the alignment in it; left out where there is none. */
  readonly he?: SlideImage;
  /** The morphology image; channel 0 is DAPI. */
  readonly dapi: SlideImage;
  /** What is shown in every panel, µm. */
  readonly window: SlideWindow;
  /** Where transcripts were measured, µm. */
  readonly transcriptArea?: SlideWindow;
  /** Width of one panel, px; 300 unless told, less where the window is tall. */
  readonly panelWidth?: number;
}

const AREA_COLOUR = "#1f6feb";

/** The whole slide three times over the same extent: H&E, DAPI, both after the alignment. */
export function slideThumbnails(options: SlideThumbnailsOptions): Figure {
  const { he, dapi, window, transcriptArea, panelWidth = panelWidthOf(window), ...frame } = options;
  const outlines = transcriptArea === undefined ? [] : [areaOutline(transcriptArea)];
  const shared = { window, width: panelWidth, outlines };
  const dapiPanel = imagePanel({
    ...shared,
    subtitle: "DAPI",
    raster: (px) => greyRaster(dapi, window, px),
  });
  const all = he === undefined ? [dapiPanel] : [
    imagePanel({ ...shared, subtitle: "H&E", raster: (px) => rgbRaster(he, window, px) }),
    dapiPanel,
    imagePanel({
      ...shared,
      subtitle: "H&E and DAPI (green)",
      raster: (px) => blend(he, dapi, window, px),
    }),
  ];
  const legend = transcriptArea === undefined
    ? undefined
    : { items: [{ label: "area of the transcripts", color: AREA_COLOUR, mark: "line" as const }] };
  return panels(all, { title: "The slide", ...definedOf({ legend }), ...frame });
}

/** A panel fits into 300 x 420 px. */
function panelWidthOf({ width, height }: SlideWindow): number {
  return Math.round(Math.min(300, 420 * width / height));
}

function areaOutline({ x, y, width, height }: SlideWindow): Outlines {
  const ring = [x, y, x + width, y, x + width, y + height, x, y + height, x, y];
  return { polygons: packPolygons([[[ring]]]), color: AREA_COLOUR, strokeWidth: 2 };
}
