import { type Drawing, roundPx } from "./drawing.ts";
import { type Figure, type FigureFrame, framedFigure } from "./figure.ts";
import {
  burnOutlines,
  MAX_PATH_VERTICES,
  outlinePath,
  type Outlines,
  ringsInWindow,
} from "./outlines.ts";
import { type Raster, rasterToDataUrl } from "./raster.ts";
import { drawScaleBar } from "./scale_bar.ts";
import type { SlideWindow } from "./slide_image.ts";

/** Pixels of the raster for one px of the figure. */
export const RASTER_DENSITY = 2;

/** What a picture of a part of the slide shows. */
export interface ImagePanelOptions extends FigureFrame {
  /** The part of the slide, µm. */
  readonly window: SlideWindow;
  /** Makes the picture of the window, `widthPx` wide. */
  readonly raster: (widthPx: number) => Raster;
  /** Lines over it, first to last. */
  readonly outlines?: readonly Outlines[];
  /** Width, px; 360 unless told. */
  readonly width?: number;
}

/**
 * A part of the slide with outlines and a scale bar: equal aspect, y down.
 *
 * @example
 * ```ts
 * import { assert } from "@std/assert";
 * import { scaling } from "@/geometry/affine.ts";
 * import { greyRaster, imagePanel } from "@/plots/mod.ts";
 *
 * const pixels = { data: new Uint16Array(100).map((_, i) => i), shape: [1, 10, 10] };
 * const image = { pixels, toMicron: scaling("pixel", "micron", 20) };
 * const window = { x: 0, y: 0, width: 200, height: 200 };
 * const panel = imagePanel({ window, raster: (px) => greyRaster(image, window, px), width: 100 });
 * assert((await panel.svg()).includes("50 µm"));
 * ```
 */
export function imagePanel(options: ImagePanelOptions): Figure {
  const { window, width = 360, outlines = [], raster, ...frame } = options;
  return framedFigure(frame, () => drawImage(window, width, raster, outlines));
}

async function drawImage(
  window: SlideWindow,
  width: number,
  rasterOf: (widthPx: number) => Raster,
  outlines: readonly Outlines[],
): Promise<Drawing> {
  const height = width * window.height / window.width;
  let raster = rasterOf(Math.round(width * RASTER_DENSITY));
  let lines = "";
  for (const layer of outlines) {
    const rings = ringsInWindow(layer.polygons, window);
    const vertices = rings.reduce((sum, [from, to]) => sum + to - from, 0);
    if (vertices > MAX_PATH_VERTICES) raster = burnOutlines(raster, layer, window);
    else lines += outlinePath(layer, window, width);
  }
  const size = `width="${roundPx(width)}" height="${roundPx(height)}"`;
  const body =
    `<image ${size} preserveAspectRatio="none" href="${await rasterToDataUrl(raster)}"/>` +
    `<svg ${size} overflow="hidden">${lines}</svg>` +
    drawScaleBar(window.width, width, height) +
    `<rect ${size} fill="none" stroke="#888"/>`;
  return { width, height, body };
}
