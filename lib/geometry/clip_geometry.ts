import { type MultiPolygons, packPolygons } from "@/core/polygons.ts";
import { type Cut, cutAtLine, type Ring } from "./cut_at_line.ts";
import type { Box } from "./patch_grid.ts";
import { boundsOf } from "./ring.ts";
import { touchesOutside } from "./touches_outside.ts";

/** What is left of a geometry in a rectangle. */
export interface ClippedGeometry {
  /** One geometry: its parts; empty if there are none. */
  readonly parts: MultiPolygons;
  /**
   * Whether the geometry also meets the closed rectangle in points or lines that belong to no part: the
   * intersection of sets is then a collection, a line or a point.
   */
  readonly hasPointsOrLines: boolean;
}

/**
 * Cuts a geometry to a rectangle: the intersection of the two, part by part, as GEOS computes it.
 *
 * @param polygons Valid polygons, in the unit of the rectangle.
 * @param g Index of the geometry.
 * @param box The rectangle.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { packPolygons } from "@/core/polygons.ts";
 * import { clipGeometry, polygonAreas } from "@/geometry/mod.ts";
 *
 * const u = [8, 1, 14, 1, 14, 9, 8, 9, 8, 7, 12, 7, 12, 3, 8, 3, 8, 1];
 * const { parts } = clipGeometry(packPolygons([[[u]]]), 0, [0, 0, 10, 10]);
 * assertEquals(parts.polygonStart.length - 1, 2);
 * assertEquals([...polygonAreas(parts)], [8]);
 * ```
 */
export function clipGeometry(polygons: MultiPolygons, g: number, box: Box): ClippedGeometry {
  const [xMin, yMin, xMax, yMax] = box;
  const { xy, ringStart, polygonStart, geometryStart } = polygons;
  const parts: (readonly Ring[])[] = [];
  for (let p = geometryStart[g]; p < geometryStart[g + 1]; p++) {
    let pieces: (readonly Ring[])[] = [ringsOfPolygon(polygons, p)];
    const cuts: Cut[] = [];
    const first = polygonStart[p];
    const [left, top, right, bottom] = boundsOf(xy, ringStart[first], ringStart[first + 1]);
    const cut = (axis: 0 | 1, limit: number, sign: 1 | -1) => {
      pieces = pieces.flatMap((rings) => cutAtLine(rings, axis, limit, sign, cuts));
    };
    if (left < xMin) cut(0, xMin, 1);
    if (right > xMax) cut(0, xMax, -1);
    if (top < yMin) cut(1, yMin, 1);
    if (bottom > yMax) cut(1, yMax, -1);
    parts.push(...pieces);
  }
  return {
    parts: packPolygons([parts]),
    hasPointsOrLines: touchesOutside(polygons, g, box, parts),
  };
}

function ringsOfPolygon(polygons: MultiPolygons, p: number): Ring[] {
  const { xy, ringStart, polygonStart } = polygons;
  const rings: Ring[] = [];
  for (let r = polygonStart[p]; r < polygonStart[p + 1]; r++) {
    const ring = [...xy.subarray(2 * ringStart[r], 2 * ringStart[r + 1])];
    if (ring.length > 0) rings.push(ring);
  }
  return rings;
}
