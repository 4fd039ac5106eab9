import type { MultiPolygons } from "@/core/polygons.ts";
import { edgeSide, polygonIntersects } from "./point_in_polygon.ts";

/** Rows and columns of a raster: two bits a cell make one word a row, a cache line a raster. */
const SIZE = 16;
const ALL = 0xffff;
/** Bit of the edges that have none of their own. */
const OTHERS = 1 << 31;
/** Vertices lie in [0, EXTENT] in raster units, below the end of the last cell. */
const EXTENT = SIZE - 0.01;
/** In cells: far above the rounding of a coordinate or a crossing, far below a cell. */
const MARGIN = 1e-9;

/**
 * A small raster over the bounding box of each polygon, which tells for most points whether they
 * are in: cells that no edge touches are inside or outside as a whole.
 */
export interface PolygonRasters {
  /** Of each polygon: x and y of the origin, cells per unit in x and in y. */
  readonly frames: Float64Array;
  /**
   * Of each polygon a word a row: in the low half a bit a cell that is inside, in the high half one
   * a cell with edges, where the vertices decide.
   */
  readonly rows: Uint32Array;
  /**
   * Of each polygon a word a row: a bit for each of its first 31 edges that touches the row. It is
   * negative where others do, and wherever an edge does if there are several rings.
   */
  readonly edges: Int32Array;
}

/**
 * Draws the rasters of polygons.
 *
 * @param polygons Closed rings of finite vertices.
 * @param boxes Bounding box of each polygon.
 */
export function drawRasters(polygons: MultiPolygons, boxes: Float64Array): PolygonRasters {
  const count = polygons.polygonStart.length - 1;
  const frames = new Float64Array(4 * count);
  const rows = new Uint32Array(SIZE * count);
  const edges = new Int32Array(SIZE * count);
  for (let k = 0; k < 4 * count; k += 4) {
    const scaleX = EXTENT / (boxes[k + 2] - boxes[k]);
    const scaleY = EXTENT / (boxes[k + 3] - boxes[k + 1]);
    const isDrawn = scaleX > 0 && scaleX < Infinity && scaleY > 0 && scaleY < Infinity;
    frames[k] = boxes[k];
    frames[k + 1] = boxes[k + 1];
    frames[k + 2] = isDrawn ? scaleX : 0;
    frames[k + 3] = isDrawn ? scaleY : 0;
    // A flat polygon has no cells: every point near it is compared with its edges.
    if (isDrawn) drawPolygon(polygons, k / 4, { frames, rows, edges });
    else {
      rows.fill(ALL << SIZE, SIZE / 4 * k, SIZE / 4 * (k + 4));
      edges.fill(OTHERS, SIZE / 4 * k, SIZE / 4 * (k + 4));
    }
  }
  return { frames, rows, edges };
}

/** The same as `polygonIntersects`, for most points by a look at the raster of polygon `p`. */
export function rasterIntersects(
  polygons: MultiPolygons,
  { frames, rows, edges }: PolygonRasters,
  p: number,
  x: number,
  y: number,
): boolean {
  const u = (x - frames[4 * p]) * frames[4 * p + 2];
  const v = (y - frames[4 * p + 1]) * frames[4 * p + 3];
  if (u < 0 || u >= SIZE || v < 0 || v >= SIZE) return false;
  const row = SIZE * p + (v | 0);
  const cell = rows[row] >>> (u | 0);
  if ((cell & (1 << SIZE)) === 0) return (cell & 1) === 1;
  const near = edges[row];
  if (near < 0) return polygonIntersects(polygons, p, x, y);
  return edgesIntersect(polygons.xy, polygons.ringStart[polygons.polygonStart[p]], near, x, y);
}

/** `polygonIntersects` for one ring, by those of its first edges that `near` has a bit for. */
function edgesIntersect(
  xy: Float64Array,
  first: number,
  near: number,
  x: number,
  y: number,
): boolean {
  let inside = false;
  for (let left = near; left !== 0; left &= left - 1) {
    const side = edgeSide(xy, first + 31 - Math.clz32(left & -left), x, y);
    if (side === "on") return true;
    if (side === "left") inside = !inside;
  }
  return inside;
}

function drawPolygon(
  { xy, ringStart, polygonStart }: MultiPolygons,
  p: number,
  { frames, rows, edges }: PolygonRasters,
): void {
  const x = frames[4 * p], y = frames[4 * p + 1];
  const scaleX = frames[4 * p + 2], scaleY = frames[4 * p + 3];
  const hasOneRing = polygonStart[p + 1] === polygonStart[p] + 1;
  for (let r = polygonStart[p]; r < polygonStart[p + 1]; r++) {
    const start = 2 * ringStart[r], end = 2 * ringStart[r + 1];
    let u = (xy[start] - x) * scaleX, v = (xy[start + 1] - y) * scaleY;
    for (let k = start + 2; k < end; k += 2) {
      const nextU = (xy[k] - x) * scaleX, nextV = (xy[k + 1] - y) * scaleY;
      const edge = (k - start) / 2 - 1;
      const bit = hasOneRing && edge < 31 ? 1 << edge : OTHERS;
      drawEdge(rows, edges, SIZE * p, bit, u, v, nextU, nextV);
      u = nextU;
      v = nextV;
    }
  }
}

/**
 * Marks the cells that an edge touches. In rows whose middle it crosses it also inverts the cells
 * to the right of it, which leaves the inside where no edge touches.
 */
function drawEdge(
  rows: Uint32Array,
  edges: Int32Array,
  base: number,
  bit: number,
  u0: number,
  v0: number,
  u1: number,
  v1: number,
): void {
  const low = v0 < v1 ? v0 : v1, high = v0 < v1 ? v1 : v0;
  const isLevel = high - low < MARGIN;
  const slope = isLevel ? 0 : (u1 - u0) / (v1 - v0);
  const first = (low - MARGIN) | 0, last = (high + MARGIN) | 0;
  for (let row = first; row <= last; row++) {
    let a = u0, b = u1;
    if (first < last && !isLevel) {
      a = u0 + (Math.min(Math.max(row, low), high) - v0) * slope;
      b = u0 + (Math.max(Math.min(row + 1, high), low) - v0) * slope;
    }
    const left = ((a < b ? a : b) - MARGIN) | 0, right = ((a < b ? b : a) + MARGIN) | 0;
    rows[base + row] |= ((2 << right) - (1 << left)) << SIZE;
    edges[base + row] |= bit;
    const middle = row + 0.5;
    if ((v0 > middle) === (v1 > middle)) continue;
    rows[base + row] ^= (ALL << ((u0 + (middle - v0) * slope + 0.5) | 0)) & ALL;
  }
}
