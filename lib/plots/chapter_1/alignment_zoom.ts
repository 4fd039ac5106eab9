import type { MultiPolygons } from "@/core/polygons.ts";
import { type Figure, type FigureFrame } from "../figure.ts";
import { imagePanel } from "../image_panel.ts";
import { panels } from "../panels.ts";
import { greyRaster, rgbRaster, type SlideImage, type SlideWindow } from "../slide_image.ts";
import { NUCLEUS_ON_DAPI } from "./dapi_with_nuclei.ts";

/** One place of the slide, as its own crops. */
export interface AlignmentSite {
  /** The place, µm. */
  readonly window: SlideWindow;
  /** H&E that covers it, `toMicron` with the alignment in it. */
  readonly he: SlideImage;
  /** DAPI that covers it. */
  readonly dapi: SlideImage;
}

/** What {@link alignmentZoom} draws. */
export interface AlignmentZoomOptions extends FigureFrame {
  /** Columns, left to right; {@link alignmentWindows} chooses places. */
  readonly sites: readonly AlignmentSite[];
  /** Nuclei, µm. */
  readonly nuclei: MultiPolygons;
  /** Width of one panel, px; 240 unless told. */
  readonly panelWidth?: number;
}

const NUCLEUS_ON_HE = "#e00000";

/** A few places at full detail: H&E with nucleus outlines above, DAPI with the same below. */
export function alignmentZoom(options: AlignmentZoomOptions): Figure {
  const { sites, nuclei, panelWidth = 240, ...frame } = options;
  const upper = sites.map(({ window, he }, i) =>
    imagePanel({
      window,
      width: panelWidth,
      subtitle: `${siteName(i)}, H&E`,
      raster: (px) => rgbRaster(he, window, px),
      outlines: [{ polygons: nuclei, color: NUCLEUS_ON_HE }],
    })
  );
  const lower = sites.map(({ window, dapi }, i) =>
    imagePanel({
      window,
      width: panelWidth,
      subtitle: `${siteName(i)}, DAPI`,
      raster: (px) => greyRaster(dapi, window, px),
      outlines: [{ polygons: nuclei, color: NUCLEUS_ON_DAPI }],
    })
  );
  return panels([...upper, ...lower], {
    title: "Alignment in detail",
    caption: "Outlines: nuclei of the Xenium segmentation. They should follow the H&E nuclei.",
    ...frame,
    columns: sites.length,
  });
}

function siteName(index: number): string {
  return `Place ${String.fromCharCode(65 + index)}`;
}

/**
 * Windows at fixed quantiles of the tissue: the nuclei are ordered by x, and each window lies at
 * the median y of the nuclei around its quantile.
 *
 * @param centroids `x0, y0, x1, y1, …` of nuclei, µm.
 * @param sideUm Side of a window, µm.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { alignmentWindows } from "@/plots/chapter_1/alignment_zoom.ts";
 *
 * const row = Float64Array.from({ length: 200 }, (_, i) => i % 2 === 0 ? i * 5 : 300);
 * assertEquals(alignmentWindows(row, 1, 200), [{ x: 400, y: 200, width: 200, height: 200 }]);
 * ```
 */
export function alignmentWindows(
  centroids: Float64Array,
  count = 3,
  sideUm = 200,
): SlideWindow[] {
  const n = centroids.length / 2;
  const byX = Array.from({ length: n }, (_, i) => i)
    .sort((i, j) => centroids[2 * i] - centroids[2 * j] || i - j);
  return Array.from({ length: count }, (_, k) => {
    const at = Math.floor(n * (k + 0.5) / count);
    const reach = Math.max(1, Math.floor(n * 0.02));
    const near = byX.slice(Math.max(0, at - reach), at + reach)
      .map((i) => centroids[2 * i + 1]).sort((a, b) => a - b);
    const x = centroids[2 * byX[at]];
    const y = near[Math.floor(near.length / 2)];
    return { x: x - sideUm / 2, y: y - sideUm / 2, width: sideUm, height: sideUm };
  });
}
