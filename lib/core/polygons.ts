/**
 * Many multi-polygons as flat arrays, in the layout of GeoArrow: geometry `g` is the polygons
 * `geometryStart[g] .. geometryStart[g + 1]`, polygon `p` is the rings `polygonStart[p] ..`
 * (the first is the outer one, the others are holes), ring `r` is the vertices `ringStart[r] ..`.
 * Rings are closed: the last vertex repeats the first.
 */
export interface MultiPolygons {
  /** `x0, y0, x1, y1, …`, in the unit of the coordinate system they are used in. */
  readonly xy: Float64Array;
  /** First vertex of each ring, and the end of the last: n_rings + 1. */
  readonly ringStart: Int32Array;
  /** First ring of each polygon, and the end of the last: n_polygons + 1. */
  readonly polygonStart: Int32Array;
  /** First polygon of each geometry, and the end of the last: n_geometries + 1. */
  readonly geometryStart: Int32Array;
}

/** How many geometries there are. */
export function geometryCount(polygons: MultiPolygons): number {
  return polygons.geometryStart.length - 1;
}

/**
 * Packs geometries, each a list of polygons, each a list of closed rings of `[x, y, x, y, …]`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { geometryCount, packPolygons } from "@/core/polygons.ts";
 *
 * const triangle = [0, 0, 1, 0, 0, 1, 0, 0];
 * const packed = packPolygons([[[triangle]]]);
 * assertEquals(geometryCount(packed), 1);
 * assertEquals([...packed.ringStart], [0, 4]);
 * ```
 */
export function packPolygons(
  geometries: readonly (readonly (readonly ArrayLike<number>[])[])[],
): MultiPolygons {
  const polygons = geometries.flat();
  const rings = polygons.flat();
  const xy = new Float64Array(rings.reduce((n, ring) => n + ring.length, 0));
  let at = 0;
  for (const ring of rings) {
    xy.set(ring, at);
    at += ring.length;
  }
  return {
    xy,
    ringStart: starts(rings.map((ring) => ring.length / 2)),
    polygonStart: starts(polygons.map((polygon) => polygon.length)),
    geometryStart: starts(geometries.map((geometry) => geometry.length)),
  };
}

function starts(counts: readonly number[]): Int32Array {
  const result = new Int32Array(counts.length + 1);
  counts.forEach((count, i) => result[i + 1] = result[i] + count);
  return result;
}
