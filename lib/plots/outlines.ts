import { geometryCount, type MultiPolygons } from "@/core/polygons.ts";
import { parseColour } from "./colours.ts";
import { roundPx } from "./drawing.ts";
import type { Raster } from "./raster.ts";
import type { SlideWindow } from "./slide_image.ts";

/** Polygons drawn as lines over an image. */
export interface Outlines {
  /** The polygons, µm. */
  readonly polygons: MultiPolygons;
  /** Colour of the lines, `#rrggbb`. */
  readonly color: string;
  /** Width of the lines, px; 1 unless told. */
  readonly strokeWidth?: number;
}

/** More vertices than this are drawn into the image instead of as SVG lines. */
export const MAX_PATH_VERTICES = 60_000;

/** The rings that touch a window, as ranges of vertices. */
export function ringsInWindow(
  { xy, ringStart }: MultiPolygons,
  window: SlideWindow,
): [from: number, to: number][] {
  const rings: [number, number][] = [];
  const right = window.x + window.width;
  const bottom = window.y + window.height;
  for (let ring = 0; ring + 1 < ringStart.length; ring++) {
    let x0 = Infinity, x1 = -Infinity, y0 = Infinity, y1 = -Infinity;
    for (let v = ringStart[ring]; v < ringStart[ring + 1]; v++) {
      x0 = Math.min(x0, xy[2 * v]);
      x1 = Math.max(x1, xy[2 * v]);
      y0 = Math.min(y0, xy[2 * v + 1]);
      y1 = Math.max(y1, xy[2 * v + 1]);
    }
    if (x1 >= window.x && x0 <= right && y1 >= window.y && y0 <= bottom) {
      rings.push([ringStart[ring], ringStart[ring + 1]]);
    }
  }
  return rings;
}

/** How many geometries touch a window. */
export function countInWindow(polygons: MultiPolygons, window: SlideWindow): number {
  const { ringStart, polygonStart, geometryStart } = polygons;
  const firstVertices = new Set(ringsInWindow(polygons, window).map(([from]) => from));
  let count = 0;
  for (let g = 0; g < geometryCount(polygons); g++) {
    const first = polygonStart[geometryStart[g]];
    const end = polygonStart[geometryStart[g + 1]];
    for (let ring = first; ring < end; ring++) {
      if (firstVertices.has(ringStart[ring])) {
        count++;
        break;
      }
    }
  }
  return count;
}

/** Outlines as one SVG path, in px of a picture of the window that is `widthPx` wide. */
export function outlinePath(outlines: Outlines, window: SlideWindow, widthPx: number): string {
  const { xy } = outlines.polygons;
  const scale = widthPx / window.width;
  let path = "";
  for (const [from, to] of ringsInWindow(outlines.polygons, window)) {
    for (let v = from; v < to - 1; v++) {
      const x = Math.round((xy[2 * v] - window.x) * scale * 10) / 10;
      const y = Math.round((xy[2 * v + 1] - window.y) * scale * 10) / 10;
      path += `${v === from ? "M" : "L"}${x},${y}`;
    }
    path += "Z";
  }
  return `<path d="${path}" fill="none" stroke="${outlines.color}" ` +
    `stroke-width="${roundPx(outlines.strokeWidth ?? 1)}" stroke-linejoin="round"/>`;
}

/** The raster with outlines drawn into it, one pixel wide. */
export function burnOutlines(raster: Raster, outlines: Outlines, window: SlideWindow): Raster {
  const { xy } = outlines.polygons;
  const data = raster.data.slice();
  const colour = parseColour(outlines.color);
  const scale = raster.width / window.width;
  const put = (x: number, y: number) => {
    if (x < 0 || y < 0 || x >= raster.width || y >= raster.height) return;
    data.set(colour, (y * raster.width + x) * raster.channels);
  };
  for (const [from, to] of ringsInWindow(outlines.polygons, window)) {
    for (let v = from; v < to - 1; v++) {
      const x0 = (xy[2 * v] - window.x) * scale, y0 = (xy[2 * v + 1] - window.y) * scale;
      const dx = (xy[2 * v + 2] - window.x) * scale - x0;
      const dy = (xy[2 * v + 3] - window.y) * scale - y0;
      const steps = Math.max(1, Math.ceil(Math.max(Math.abs(dx), Math.abs(dy))));
      for (let s = 0; s <= steps; s++) {
        put(Math.floor(x0 + dx * s / steps), Math.floor(y0 + dy * s / steps));
      }
    }
  }
  return { ...raster, data };
}
