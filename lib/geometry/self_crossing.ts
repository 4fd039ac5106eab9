import type { MultiPolygons } from "@/core/polygons.ts";
import { orient2d } from "robust-predicates";

/** Two edges of a ring that meet where they must not. */
export interface SelfCrossing {
  /** Ring of the geometry, counted over all its polygons. */
  readonly ring: number;
  /** The two edges, each by the number of its first vertex in the ring. */
  readonly edges: readonly [number, number];
}

/**
 * Finds the first two edges of a geometry's rings that cross or touch, beyond neighbours in their
 * common vertex; a spike, where the ring runs back on itself, is one too. Exact arithmetic.
 *
 * @param g Index of the geometry.
 * @returns `undefined` if each ring is simple. Rings are not compared with each other.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { packPolygons } from "@/core/polygons.ts";
 * import { findSelfCrossing } from "@/geometry/mod.ts";
 *
 * const bowTie = packPolygons([[[[0, 0, 2, 2, 2, 0, 0, 2, 0, 0]]]]);
 * assertEquals(findSelfCrossing(bowTie, 0), { ring: 0, edges: [0, 2] });
 * ```
 */
export function findSelfCrossing(polygons: MultiPolygons, g: number): SelfCrossing | undefined {
  const { xy, ringStart, polygonStart, geometryStart } = polygons;
  const first = polygonStart[geometryStart[g]], end = polygonStart[geometryStart[g + 1]];
  for (let r = first; r < end; r++) {
    const edges = crossingInRing(xy, distinctVertices(xy, ringStart[r], ringStart[r + 1]));
    if (edges === undefined) continue;
    return { ring: r - first, edges: [edges[0] - ringStart[r], edges[1] - ringStart[r]] };
  }
  return undefined;
}

/**
 * Whether a geometry is certainly valid in the sense of GEOS: one polygon of one simple ring of finite
 * vertices. Others may be valid too.
 */
export function isPlainlyValid(polygons: MultiPolygons, g: number): boolean {
  const { xy, ringStart, polygonStart, geometryStart } = polygons;
  const p = geometryStart[g];
  if (geometryStart[g + 1] !== p + 1 || polygonStart[p + 1] !== polygonStart[p] + 1) return false;
  const r = polygonStart[p];
  const start = ringStart[r], end = ringStart[r + 1];
  for (let i = 2 * start; i < 2 * end; i++) if (!Number.isFinite(xy[i])) return false;
  const vertices = distinctVertices(xy, start, end);
  return vertices.length >= 3 && crossingInRing(xy, vertices) === undefined;
}

/** Vertices of a closed ring without those that repeat the one before, and without the last. */
function distinctVertices(xy: Float64Array, start: number, end: number): number[] {
  const vertices: number[] = [];
  for (let k = start; k < end - 1; k++) {
    if (xy[2 * k] !== xy[2 * k + 2] || xy[2 * k + 1] !== xy[2 * k + 3]) vertices.push(k);
  }
  return vertices;
}

/** @param vertices Of each edge its first vertex. */
function crossingInRing(
  xy: Float64Array,
  vertices: readonly number[],
): [number, number] | undefined {
  const count = vertices.length;
  if (count === 2) return [vertices[0], vertices[1]];
  for (let i = 0; i < count; i++) {
    const a = vertices[i];
    const ax = xy[2 * a], ay = xy[2 * a + 1], bx = xy[2 * a + 2], by = xy[2 * a + 3];
    const next = vertices[(i + 1) % count];
    if (runsBack(ax, ay, bx, by, xy[2 * next + 2], xy[2 * next + 3])) return [a, next];
    const minX = ax < bx ? ax : bx, maxX = ax < bx ? bx : ax;
    const minY = ay < by ? ay : by, maxY = ay < by ? by : ay;
    // Neighbours share a vertex: the edge after this one, and for the first edge the last.
    const stop = i === 0 ? count - 1 : count;
    for (let j = i + 2; j < stop; j++) {
      const c = 2 * vertices[j];
      const cx = xy[c], dx = xy[c + 2];
      if ((cx < minX && dx < minX) || (cx > maxX && dx > maxX)) continue;
      const cy = xy[c + 1], dy = xy[c + 3];
      if ((cy < minY && dy < minY) || (cy > maxY && dy > maxY)) continue;
      if (meet(ax, ay, bx, by, cx, cy, dx, dy)) return [a, vertices[j]];
    }
  }
  return undefined;
}

function runsBack(
  ax: number,
  ay: number,
  bx: number,
  by: number,
  cx: number,
  cy: number,
): boolean {
  return (bx - ax) * (cx - bx) + (by - ay) * (cy - by) < 0 &&
    orient2d(ax, ay, bx, by, cx, cy) === 0;
}

/** Whether two edges with overlapping bounding boxes have a common point. */
function meet(
  ax: number,
  ay: number,
  bx: number,
  by: number,
  cx: number,
  cy: number,
  dx: number,
  dy: number,
): boolean {
  const c = Math.sign(orient2d(ax, ay, bx, by, cx, cy));
  const d = Math.sign(orient2d(ax, ay, bx, by, dx, dy));
  if (c * d > 0) return false;
  const a = Math.sign(orient2d(cx, cy, dx, dy, ax, ay));
  const b = Math.sign(orient2d(cx, cy, dx, dy, bx, by));
  return a * b <= 0;
}
