import type { MultiPolygons } from "@/core/polygons.ts";
import { edgeSide } from "./point_in_polygon.ts";
import type { Ring } from "./cut_at_line.ts";
import type { Box } from "./patch_grid.ts";

/** Coordinates of parts differ from the exact ones by rounding alone: a share of them. */
const ROUNDING = 1e-12;

/**
 * Whether a geometry meets a closed rectangle in points or lines beside the parts that lie in it: a
 * vertex or an edge on the rectangle's boundary, or an edge through its corner, from outside.
 *
 * @param parts What of the geometry lies in the rectangle, a list of rings each.
 */
export function touchesOutside(
  polygons: MultiPolygons,
  g: number,
  box: Box,
  parts: readonly (readonly Ring[])[],
): boolean {
  const points = pointsOnBoundary(polygons, g, box);
  const scale = Math.max(...box.map(Math.abs));
  const isCovered = (x: number, y: number) =>
    parts.some((rings) => rings.some((ring) => isOnRing(ring, x, y, ROUNDING * scale)));
  if (points.some(([x, y]) => !isCovered(x, y))) return true;
  // Both ends of a line may belong to parts: what lies between is looked at too.
  return points.length > 1 && edgesOnBoundary(polygons, g, box).some(([ax, ay, bx, by]) => {
    const at = parts.flat().flatMap((ring) => verticesBetween(ring, ax, ay, bx, by));
    const stops = [0, ...at.sort((a, b) => a - b), 1];
    return stops.some((stop, i) => {
      if (i === 0 || stop - stops[i - 1] < 1e-9) return false;
      const middle = (stop + stops[i - 1]) / 2;
      return !isCovered(ax + middle * (bx - ax), ay + middle * (by - ay));
    });
  });
}

/** Vertices on the boundary of the rectangle, and corners of it on edges. */
function pointsOnBoundary(polygons: MultiPolygons, g: number, box: Box): [number, number][] {
  const { xy } = polygons;
  const [xMin, yMin, xMax, yMax] = box;
  const points: [number, number][] = [];
  const corners = [[xMin, yMin], [xMin, yMax], [xMax, yMin], [xMax, yMax]] as const;
  forEachEdge(polygons, g, (k) => {
    const x = xy[2 * k], y = xy[2 * k + 1];
    const isOnX = (x === xMin || x === xMax) && y >= yMin && y <= yMax;
    const isOnY = (y === yMin || y === yMax) && x >= xMin && x <= xMax;
    if (isOnX || isOnY) points.push([x, y]);
    for (const [cornerX, cornerY] of corners) {
      if (mayHold(xy, k, cornerX, cornerY) && edgeSide(xy, k, cornerX, cornerY) === "on") {
        points.push([cornerX, cornerY]);
      }
    }
  });
  return points;
}

function mayHold(xy: Float64Array, k: number, x: number, y: number): boolean {
  const ax = xy[2 * k], ay = xy[2 * k + 1], bx = xy[2 * k + 2], by = xy[2 * k + 3];
  return (ax < x ? bx >= x : ax === x || bx <= x) && (ay < y ? by >= y : ay === y || by <= y);
}

/** What of edges lies along the boundary of the rectangle: both ends of each stretch. */
function edgesOnBoundary(
  polygons: MultiPolygons,
  g: number,
  [xMin, yMin, xMax, yMax]: Box,
): [number, number, number, number][] {
  const { xy } = polygons;
  const stretches: [number, number, number, number][] = [];
  forEachEdge(polygons, g, (k) => {
    const ax = xy[2 * k], ay = xy[2 * k + 1], bx = xy[2 * k + 2], by = xy[2 * k + 3];
    const low = (a: number, b: number, min: number) => Math.max(min, Math.min(a, b));
    const high = (a: number, b: number, max: number) => Math.min(max, Math.max(a, b));
    if (ax === bx && (ax === xMin || ax === xMax)) {
      const from = low(ay, by, yMin), to = high(ay, by, yMax);
      if (from < to) stretches.push([ax, from, ax, to]);
    } else if (ay === by && (ay === yMin || ay === yMax)) {
      const from = low(ax, bx, xMin), to = high(ax, bx, xMax);
      if (from < to) stretches.push([from, ay, to, ay]);
    }
  });
  return stretches;
}

/** Where vertices of a ring lie between two points on a line along an axis, as shares of the way. */
function verticesBetween(ring: Ring, ax: number, ay: number, bx: number, by: number): number[] {
  const shares: number[] = [];
  for (let k = 0; k < ring.length; k += 2) {
    const x = ring[k], y = ring[k + 1];
    if (ax === bx && x === ax && y > ay && y < by) shares.push((y - ay) / (by - ay));
    if (ay === by && y === ay && x > ax && x < bx) shares.push((x - ax) / (bx - ax));
  }
  return shares;
}

function isOnRing(ring: Ring, x: number, y: number, tolerance: number): boolean {
  for (let k = 0; k + 3 < ring.length; k += 2) {
    const dx = ring[k + 2] - ring[k], dy = ring[k + 3] - ring[k + 1];
    const square = dx * dx + dy * dy;
    const along = square === 0 ? 0 : ((x - ring[k]) * dx + (y - ring[k + 1]) * dy) / square;
    const share = Math.min(1, Math.max(0, along));
    const distance = Math.hypot(ring[k] + share * dx - x, ring[k + 1] + share * dy - y);
    if (distance <= tolerance) return true;
  }
  return false;
}

function forEachEdge(
  { ringStart, polygonStart, geometryStart }: MultiPolygons,
  g: number,
  visit: (first: number) => void,
): void {
  const end = polygonStart[geometryStart[g + 1]];
  for (let r = polygonStart[geometryStart[g]]; r < end; r++) {
    for (let k = ringStart[r]; k < ringStart[r + 1] - 1; k++) visit(k);
  }
}
