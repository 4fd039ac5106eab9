import { geometryCount, type MultiPolygons } from "@/core/polygons.ts";

/**
 * Area of a closed ring, positive where it runs from the x axis towards the y axis.
 *
 * @param xy `x0, y0, x1, y1, …`
 * @param start First vertex.
 * @param end One past the last vertex, which repeats the first.
 * @returns Area in squared units of `xy`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { signedRingArea } from "@/geometry/ring.ts";
 *
 * assertEquals(signedRingArea(Float64Array.of(0, 0, 2, 0, 0, 2, 0, 0), 0, 4), 2);
 * ```
 */
export function signedRingArea(xy: Float64Array, start: number, end: number): number {
  const x0 = xy[2 * start];
  let sum = 0;
  for (let i = start + 1; i < end - 1; i++) {
    sum += (xy[2 * i] - x0) * (xy[2 * i + 3] - xy[2 * i - 1]);
  }
  return sum / 2;
}

/**
 * Area of each geometry as GEOS computes it: its outer rings less its holes.
 *
 * @returns `(n_geometries)` in squared units of the polygons.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { packPolygons } from "@/core/polygons.ts";
 * import { polygonAreas } from "@/geometry/ring.ts";
 *
 * const shell = [0, 0, 4, 0, 4, 4, 0, 4, 0, 0];
 * const hole = [1, 1, 2, 1, 2, 2, 1, 2, 1, 1];
 * assertEquals([...polygonAreas(packPolygons([[[shell, hole]]]))], [15]);
 * ```
 */
export function polygonAreas(polygons: MultiPolygons): Float64Array {
  const { xy, ringStart, polygonStart, geometryStart } = polygons;
  const areas = new Float64Array(geometryCount(polygons));
  for (let g = 0; g < areas.length; g++) {
    for (let p = geometryStart[g]; p < geometryStart[g + 1]; p++) {
      for (let r = polygonStart[p]; r < polygonStart[p + 1]; r++) {
        const area = Math.abs(signedRingArea(xy, ringStart[r], ringStart[r + 1]));
        areas[g] += r === polygonStart[p] ? area : -area;
      }
    }
  }
  return areas;
}

/**
 * Centroid of each geometry as GEOS computes it: of its area; if that is 0, of its boundary; if
 * that has no length either, of its points.
 *
 * @returns `x0, y0, x1, y1, …`, `(n_geometries, 2)`; NaN for an empty geometry.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { packPolygons } from "@/core/polygons.ts";
 * import { polygonCentroids } from "@/geometry/ring.ts";
 *
 * const square = [0, 0, 2, 0, 2, 2, 0, 2, 0, 0];
 * assertEquals([...polygonCentroids(packPolygons([[[square]]]))], [1, 1]);
 * ```
 */
export function polygonCentroids(polygons: MultiPolygons): Float64Array {
  const centroids = new Float64Array(2 * geometryCount(polygons));
  for (let g = 0; g < geometryCount(polygons); g++) {
    const [x, y] = areaCentroid(polygons, g) ?? boundaryCentroid(polygons, g);
    centroids[2 * g] = x;
    centroids[2 * g + 1] = y;
  }
  return centroids;
}

function areaCentroid(polygons: MultiPolygons, g: number): [number, number] | undefined {
  const { xy, ringStart, polygonStart, geometryStart } = polygons;
  const first = ringStart[polygonStart[geometryStart[g]]];
  const x0 = xy[2 * first], y0 = xy[2 * first + 1];
  let area6 = 0, sumX = 0, sumY = 0;
  for (let p = geometryStart[g]; p < geometryStart[g + 1]; p++) {
    for (let r = polygonStart[p]; r < polygonStart[p + 1]; r++) {
      let area = 0, ringX = 0, ringY = 0;
      for (let i = ringStart[r]; i < ringStart[r + 1] - 1; i++) {
        const ax = xy[2 * i] - x0, ay = xy[2 * i + 1] - y0;
        const bx = xy[2 * i + 2] - x0, by = xy[2 * i + 3] - y0;
        const cross = ax * by - bx * ay;
        area += cross;
        ringX += cross * (ax + bx);
        ringY += cross * (ay + by);
      }
      const sign = (area < 0) === (r === polygonStart[p]) ? -1 : 1;
      area6 += 3 * sign * area;
      sumX += sign * ringX;
      sumY += sign * ringY;
    }
  }
  return area6 === 0 || Number.isNaN(area6) ? undefined : [x0 + sumX / area6, y0 + sumY / area6];
}

function boundaryCentroid(polygons: MultiPolygons, g: number): [number, number] {
  const { xy } = polygons;
  const [rings, length, points] = [ringsOf(polygons, g), { sum: 0, x: 0, y: 0 }, {
    sum: 0,
    x: 0,
    y: 0,
  }];
  for (const [start, end] of rings) {
    for (let i = start; i < end; i++) {
      const x = xy[2 * i], y = xy[2 * i + 1];
      if (i + 1 < end) {
        const step = Math.hypot(xy[2 * i + 2] - x, xy[2 * i + 3] - y);
        length.sum += step;
        length.x += step * (x + xy[2 * i + 2]) / 2;
        length.y += step * (y + xy[2 * i + 3]) / 2;
      }
      points.sum += 1;
      points.x += x;
      points.y += y;
    }
  }
  const used = length.sum > 0 ? length : points;
  return [used.x / used.sum, used.y / used.sum];
}

function ringsOf(polygons: MultiPolygons, g: number): [number, number][] {
  const { ringStart, polygonStart, geometryStart } = polygons;
  const first = polygonStart[geometryStart[g]], end = polygonStart[geometryStart[g + 1]];
  return Array.from({ length: end - first }, (_, i) => [
    ringStart[first + i],
    ringStart[first + i + 1],
  ]);
}

/**
 * Bounding box of each geometry.
 *
 * @returns `minX, minY, maxX, maxY` of each, `(n_geometries, 4)`; an empty geometry has
 * `Infinity, Infinity, -Infinity, -Infinity`.
 */
export function polygonBounds(polygons: MultiPolygons): Float64Array {
  const { ringStart, polygonStart, geometryStart } = polygons;
  const bounds = new Float64Array(4 * geometryCount(polygons));
  for (let g = 0; g < geometryCount(polygons); g++) {
    const start = ringStart[polygonStart[geometryStart[g]]];
    const end = ringStart[polygonStart[geometryStart[g + 1]]];
    bounds.set(boundsOf(polygons.xy, start, end), 4 * g);
  }
  return bounds;
}

/** Bounding box `[minX, minY, maxX, maxY]` of the vertices `start .. end`; NaN where one is NaN. */
export function boundsOf(
  xy: Float64Array,
  start: number,
  end: number,
): [number, number, number, number] {
  let minX = Infinity, minY = Infinity, maxX = -Infinity, maxY = -Infinity;
  for (let i = start; i < end; i++) {
    minX = Math.min(minX, xy[2 * i]);
    maxX = Math.max(maxX, xy[2 * i]);
    minY = Math.min(minY, xy[2 * i + 1]);
    maxY = Math.max(maxY, xy[2 * i + 1]);
  }
  return [minX, minY, maxX, maxY];
}

/** How many different points the vertices `start .. end` are. */
export function distinctVertexCount(
  xy: ArrayLike<number>,
  start: number,
  end: number,
): number {
  const seen = new Set<string>();
  for (let i = start; i < end; i++) seen.add(`${xy[2 * i]} ${xy[2 * i + 1]}`);
  return seen.size;
}

/**
 * Closes a ring: repeats the first vertex at the end unless it is there.
 *
 * @param ring `x0, y0, x1, y1, …`
 * @returns The ring, a new array.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { closeRing } from "@/geometry/ring.ts";
 *
 * assertEquals([...closeRing([0, 0, 1, 0, 0, 1])], [0, 0, 1, 0, 0, 1, 0, 0]);
 * ```
 */
export function closeRing(ring: ArrayLike<number>): Float64Array {
  const n = ring.length;
  if (n === 0 || (ring[0] === ring[n - 2] && ring[1] === ring[n - 1] && n > 2)) {
    return Float64Array.from(ring);
  }
  const closed = new Float64Array(n + 2);
  closed.set(ring);
  closed[n] = ring[0];
  closed[n + 1] = ring[1];
  return closed;
}
