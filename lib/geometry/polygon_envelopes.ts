import { SthelarError } from "@/core/errors.ts";
import type { MultiPolygons } from "@/core/polygons.ts";
import { polygonIntersects } from "./point_in_polygon.ts";
import { boundsOf } from "./ring.ts";

/** Numbers in the record of one polygon; a power of two, so that a record is a cache line. */
export const ENVELOPE_RECORD = 8;

/** Far above the rounding of a squared distance, far below the size of a polygon. */
const MARGIN = 1e-9;

/**
 * Two concentric ellipses for each polygon, one around it and one inside it: for points outside
 * the first or inside the second the vertices need not be looked at.
 *
 * @param polygons Closed rings of finite vertices.
 * @returns For each polygon the centre x, y; the factors of dx² and dy² in the squared distance;
 * the squared distances of the inner and the outer ellipse; two zeros: `(n_polygons, 8)`. The inner
 * one is -1 where none was found.
 */
export function polygonEnvelopes(polygons: MultiPolygons, boxes: Float64Array): Float64Array {
  const count = polygons.polygonStart.length - 1;
  const records = new Float64Array(ENVELOPE_RECORD * count);
  for (let p = 0; p < count; p++) {
    const [minX, minY, maxX, maxY] = boxes.subarray(4 * p, 4 * p + 4);
    const x = (minX + maxX) / 2, y = (minY + maxY) / 2;
    // A flat polygon has no ellipse of its own proportions: it gets a circle.
    const size = Math.max(maxX - minX, maxY - minY) || 1;
    const flat = !(Math.min(maxX - minX, maxY - minY) > 1e-3 * size);
    const scaleX = flat ? 1 / size : 1 / (maxX - minX);
    const scaleY = flat ? 1 / size : 1 / (maxY - minY);
    const [nearest, farthest] = squaredDistances(polygons, p, x, y, scaleX, scaleY);
    const usable = nearest > 1e-4 * farthest && polygonIntersects(polygons, p, x, y);
    records.set([
      x,
      y,
      scaleX * scaleX,
      scaleY * scaleY,
      usable ? nearest * (1 - MARGIN) : -1,
      farthest * (1 + MARGIN),
    ], ENVELOPE_RECORD * p);
  }
  return records;
}

/** Squared distances, in units of the scales, of the nearest and the farthest point of the edges. */
function squaredDistances(
  { xy, ringStart, polygonStart }: MultiPolygons,
  p: number,
  x: number,
  y: number,
  scaleX: number,
  scaleY: number,
): [number, number] {
  let nearest = Infinity, farthest = 0;
  for (let r = polygonStart[p]; r < polygonStart[p + 1]; r++) {
    for (let i = ringStart[r]; i < ringStart[r + 1] - 1; i++) {
      const u = (xy[2 * i] - x) * scaleX, v = (xy[2 * i + 1] - y) * scaleY;
      const du = (xy[2 * i + 2] - x) * scaleX - u, dv = (xy[2 * i + 3] - y) * scaleY - v;
      const length = du * du + dv * dv;
      const t = length > 0 ? Math.min(1, Math.max(0, -(u * du + v * dv) / length)) : 0;
      const pu = u + t * du, pv = v + t * dv;
      nearest = Math.min(nearest, pu * pu + pv * pv);
      farthest = Math.max(farthest, u * u + v * v);
    }
  }
  return [nearest, farthest];
}

/**
 * Bounding box of each polygon.
 *
 * @returns `minX, minY, maxX, maxY` of each, `(n_polygons, 4)`.
 * @throws {SthelarError} `InvalidArgument` if a ring is open or a vertex is not finite.
 */
export function polygonBoxes({ xy, ringStart, polygonStart }: MultiPolygons): Float64Array {
  const boxes = new Float64Array(4 * (polygonStart.length - 1));
  for (let p = 0; p < polygonStart.length - 1; p++) {
    for (let r = polygonStart[p]; r < polygonStart[p + 1]; r++) {
      const a = 2 * ringStart[r], b = 2 * ringStart[r + 1] - 2;
      if (b >= a && (xy[a] !== xy[b] || xy[a + 1] !== xy[b + 1])) refuse(p, "an open ring");
    }
    const start = ringStart[polygonStart[p]], end = ringStart[polygonStart[p + 1]];
    const box = boundsOf(xy, start, end);
    if (end > start && !box.every(Number.isFinite)) refuse(p, "a vertex that is not finite");
    boxes.set(box, 4 * p);
  }
  return boxes;
}

function refuse(polygon: number, found: string): never {
  throw new SthelarError("InvalidArgument", {
    action: "Cannot index polygons",
    found: `${found} in polygon ${polygon}`,
    expected: "closed rings of finite vertices",
  });
}
