import type { MultiPolygons } from "@/core/polygons.ts";
import { orient2d } from "robust-predicates";

/** Shewchuk's bound "A" for the sign of a 2 x 2 determinant of differences. */
const ORIENTATION_ERROR = 3.3306690738754716e-16;

/**
 * Tells whether a point lies in one polygon or on its boundary, exactly: the predicate
 * `intersects` of GEOS for a point and a polygon. Inside is by the even-odd rule over the polygon's
 * rings, so that holes are outside.
 *
 * @param polygons Closed rings.
 * @param p Index of the polygon in `polygonStart`.
 * @param x Coordinates of the point, in the unit of the polygons.
 *
 * @example A point on an edge is in
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { packPolygons } from "@/core/polygons.ts";
 * import { polygonIntersects } from "@/geometry/point_in_polygon.ts";
 *
 * const triangle = packPolygons([[[[0, 0, 2, 0, 0, 2, 0, 0]]]]);
 * assertEquals(polygonIntersects(triangle, 0, 1, 1), true);
 * assertEquals(polygonIntersects(triangle, 0, 1, 1.0000001), false);
 * ```
 */
export function polygonIntersects(
  polygons: MultiPolygons,
  p: number,
  x: number,
  y: number,
): boolean {
  const { xy, ringStart, polygonStart } = polygons;
  let inside = false;
  for (let r = polygonStart[p]; r < polygonStart[p + 1]; r++) {
    for (let k = ringStart[r]; k < ringStart[r + 1] - 1; k++) {
      const side = edgeSide(xy, k, x, y);
      if (side === "on") return true;
      if (side === "left") inside = !inside;
    }
  }
  return inside;
}

/**
 * How a point lies to one edge, exactly: `left` if the ray from the point towards larger x crosses
 * the edge (inside of a polygon it crosses an odd number of edges), `on` if the point is the second
 * vertex or lies between both.
 *
 * @param k First vertex of the edge in `xy`.
 */
export function edgeSide(
  xy: Float64Array,
  k: number,
  x: number,
  y: number,
): "left" | "other" | "on" {
  const ax = xy[2 * k], ay = xy[2 * k + 1], bx = xy[2 * k + 2], by = xy[2 * k + 3];
  const aboveB = by > y;
  if ((ay > y) === aboveB) {
    return by === y && (bx === x || (ay === y && (ax < x) !== (bx < x))) ? "on" : "other";
  }
  const left = (ay - y) * (bx - x), right = (ax - x) * (by - y);
  let side = left - right;
  if (Math.abs(side) <= ORIENTATION_ERROR * (Math.abs(left) + Math.abs(right))) {
    side = orient2d(ax, ay, bx, by, x, y);
    if (side === 0) return "on";
  }
  return (side < 0) === aboveB ? "left" : "other";
}

/**
 * Tells whether a point lies in a geometry or on its boundary: in any of its polygons.
 *
 * @param g Index of the geometry.
 */
export function geometryIntersects(
  polygons: MultiPolygons,
  g: number,
  x: number,
  y: number,
): boolean {
  for (let p = polygons.geometryStart[g]; p < polygons.geometryStart[g + 1]; p++) {
    if (polygonIntersects(polygons, p, x, y)) return true;
  }
  return false;
}
