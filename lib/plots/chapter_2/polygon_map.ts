import type { Categorical } from "@/core/categorical.ts";
import type { MultiPolygons } from "@/core/polygons.ts";
import { colourOf, type LevelColours, MISSING_COLOUR } from "../colours.ts";
import { type Drawing, roundPx } from "../drawing.ts";
import { drawScaleBar } from "../scale_bar.ts";

const PADDING_SHARE = 0.02;
const MAX_HEIGHT_PX = 640;

/**
 * Polygons at their places, filled by category, those without one underneath; y down, scale bar.
 *
 * @param polygons One geometry a row, µm.
 * @param widthPx The widest that it may be.
 * @throws {SthelarError} `InvalidArgument` if a category that occurs has no colour.
 */
export function polygonMap(
  polygons: MultiPolygons,
  { codes, levels }: Categorical,
  colours: LevelColours,
  widthPx: number,
): Drawing {
  const box = boundsOf(polygons.xy);
  const scale = Math.min(widthPx / box.width, MAX_HEIGHT_PX / box.height);
  const [width, height] = [box.width * scale, box.height * scale];
  const paths: string[] = Array(levels.length + 1).fill("");
  const { xy, ringStart, polygonStart, geometryStart } = polygons;
  for (let row = 0; row < codes.length; row++) {
    const at = codes[row] < 0 ? levels.length : codes[row];
    const first = polygonStart[geometryStart[row]], end = polygonStart[geometryStart[row + 1]];
    for (let ring = first; ring < end; ring++) {
      for (let v = ringStart[ring]; v < ringStart[ring + 1] - 1; v++) {
        const x = roundPx((xy[2 * v] - box.x) * scale);
        const y = roundPx((xy[2 * v + 1] - box.y) * scale);
        paths[at] += `${v === ringStart[ring] ? "M" : "L"}${x},${y}`;
      }
      paths[at] += "Z";
    }
  }
  const draw = (path: string, fill: string) =>
    path === "" ? "" : `<path d="${path}" fill="${fill}" fill-rule="evenodd" stroke="#333" ` +
      `stroke-width="0.3"/>`;
  const fills = levels.map((level, code) => paths[code] === "" ? "" : colourOf(colours, level));
  const size = `width="${roundPx(width)}" height="${roundPx(height)}"`;
  return {
    width,
    height,
    body: draw(paths[levels.length], MISSING_COLOUR) +
      fills.map((fill, code) => draw(paths[code], fill)).join("") +
      drawScaleBar(box.width, width, height) + `<rect ${size} fill="none" stroke="#888"/>`,
  };
}

function boundsOf(xy: Float64Array) {
  let x0 = Infinity, x1 = -Infinity, y0 = Infinity, y1 = -Infinity;
  for (let i = 0; i < xy.length; i += 2) {
    x0 = Math.min(x0, xy[i]);
    x1 = Math.max(x1, xy[i]);
    y0 = Math.min(y0, xy[i + 1]);
    y1 = Math.max(y1, xy[i + 1]);
  }
  if (!(x0 <= x1)) return { x: 0, y: 0, width: 1, height: 1 };
  const padding = PADDING_SHARE * Math.max(x1 - x0, y1 - y0, 1);
  return {
    x: x0 - padding,
    y: y0 - padding,
    width: x1 - x0 + 2 * padding,
    height: y1 - y0 + 2 * padding,
  };
}
