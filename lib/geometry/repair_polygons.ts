import { geometryCount, type MultiPolygons, packPolygons } from "@/core/polygons.ts";
import { type Jts, type JtsFault, loadJts, ringsOfJts } from "./jts_geometry.ts";
import { findSelfCrossing, isPlainlyValid, type SelfCrossing } from "./self_crossing.ts";

/** What is wrong with a geometry. */
export interface GeometryFault {
  /** Which geometry. */
  readonly geometry: number;
  /** In the words of JTS: `Self-intersection`. */
  readonly reason: string;
  /** Where, in the unit of the polygons; `undefined` if it has no place. */
  readonly at: readonly [x: number, y: number] | undefined;
  /** The edges that cross, if it is about edges of one ring. */
  readonly crossing: SelfCrossing | undefined;
}

/** Polygons after repair, and what was wrong with them. */
export interface RepairedPolygons {
  /** The geometries in their order; an invalid one has become empty. */
  readonly polygons: MultiPolygons;
  /** Those that were invalid and no longer are. */
  readonly repaired: readonly GeometryFault[];
  /** Those that stay invalid. */
  readonly invalid: readonly GeometryFault[];
}

/** What of a geometry's faults `buffer(0)` is asked to mend. */
const MENDABLE = "Self-intersection";

/**
 * Checks geometries as GEOS does, and mends those whose rings cross or touch themselves by
 * `buffer(0)`, if that leaves a valid polygon. Empty geometries stay as they are.
 *
 * @param polygons In any unit.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { packPolygons } from "@/core/polygons.ts";
 * import { polygonAreas, repairPolygons } from "@/geometry/mod.ts";
 *
 * const bowTie = [0, 0, 2, 2, 2, 0, 0, 3, 0, 0];
 * const { polygons, repaired } = await repairPolygons(packPolygons([[[bowTie]]]));
 * assertEquals(repaired[0].reason, "Self-intersection");
 * assertEquals(repaired[0].crossing?.edges, [0, 2]);
 * assertEquals(polygonAreas(polygons)[0].toFixed(3), "1.800");
 * ```
 */
export async function repairPolygons(polygons: MultiPolygons): Promise<RepairedPolygons> {
  const suspects: number[] = [];
  for (let g = 0; g < geometryCount(polygons); g++) {
    const isEmpty = polygons.geometryStart[g] === polygons.geometryStart[g + 1];
    if (!isEmpty && !isPlainlyValid(polygons, g)) suspects.push(g);
  }
  if (suspects.length === 0) return { polygons, repaired: [], invalid: [] };
  const jts = await loadJts();
  const repaired: GeometryFault[] = [], invalid: GeometryFault[] = [];
  const changed = new Map<number, readonly number[][][]>();
  for (const g of suspects) {
    const verdict = examine(jts, polygons, g);
    if (verdict === undefined) continue;
    (verdict.rings.length > 0 ? repaired : invalid).push(faultOf(polygons, g, verdict.fault));
    changed.set(g, verdict.rings);
  }
  return { polygons: replaceGeometries(polygons, changed), repaired, invalid };
}

/** @returns `undefined` for a valid geometry; no rings for one that cannot be mended. */
function examine(
  jts: Jts,
  polygons: MultiPolygons,
  g: number,
): { fault: JtsFault; rings: readonly number[][][] } | undefined {
  const nowhere = { x: NaN, y: NaN };
  if (hasBadVertex(polygons, g)) {
    return { fault: { reason: "Invalid Coordinate", ...nowhere }, rings: [] };
  }
  if (hasShortRing(polygons, g)) {
    return { fault: { reason: "Too few points in geometry component", ...nowhere }, rings: [] };
  }
  const geometry = jts.geometryOf(polygons, g);
  const fault = jts.faultOf(geometry);
  if (fault === undefined) return undefined;
  if (!fault.reason.includes(MENDABLE)) return { fault, rings: [] };
  const mended = jts.bufferByZero(geometry);
  return { fault, rings: jts.faultOf(mended) === undefined ? ringsOfJts(mended) : [] };
}

function faultOf(polygons: MultiPolygons, g: number, { reason, x, y }: JtsFault): GeometryFault {
  const at = Number.isFinite(x) ? [x, y] as const : undefined;
  return { geometry: g, reason, at, crossing: findSelfCrossing(polygons, g) };
}

function hasBadVertex({ xy, ...starts }: MultiPolygons, g: number): boolean {
  const [start, end] = verticesOf({ xy, ...starts }, g);
  for (let i = 2 * start; i < 2 * end; i++) if (!Number.isFinite(xy[i])) return true;
  return false;
}

/** Whether a ring is no ring for the library: open, or of less than three different vertices. */
function hasShortRing(polygons: MultiPolygons, g: number): boolean {
  const { xy, ringStart, polygonStart, geometryStart } = polygons;
  const end = polygonStart[geometryStart[g + 1]];
  for (let r = polygonStart[geometryStart[g]]; r < end; r++) {
    const a = 2 * ringStart[r], b = 2 * ringStart[r + 1] - 2;
    if (b - a < 6 || xy[a] !== xy[b] || xy[a + 1] !== xy[b + 1]) return true;
  }
  return false;
}

function verticesOf(
  { ringStart, polygonStart, geometryStart }: MultiPolygons,
  g: number,
): [start: number, end: number] {
  return [
    ringStart[polygonStart[geometryStart[g]]],
    ringStart[polygonStart[geometryStart[g + 1]]],
  ];
}

/** A copy of polygons with other rings for some geometries. */
function replaceGeometries(
  polygons: MultiPolygons,
  changed: ReadonlyMap<number, readonly number[][][]>,
): MultiPolygons {
  const parts: MultiPolygons[] = [];
  let kept = 0;
  const count = geometryCount(polygons);
  for (const [g, rings] of [...changed].sort(([a], [b]) => a - b)) {
    parts.push(sliceGeometries(polygons, kept, g), packPolygons([rings]));
    kept = g + 1;
  }
  return joinGeometries([...parts, sliceGeometries(polygons, kept, count)]);
}

/** The geometries `from .. to`. */
function sliceGeometries(polygons: MultiPolygons, from: number, to: number): MultiPolygons {
  const cut = (starts: Int32Array, first: number, last: number) =>
    starts.slice(first, last + 1).map((start) => start - starts[first]);
  const { xy, ringStart, polygonStart, geometryStart } = polygons;
  const [p, q] = [geometryStart[from], geometryStart[to]];
  const [r, s] = [polygonStart[p], polygonStart[q]];
  return {
    xy: xy.subarray(2 * ringStart[r], 2 * ringStart[s]),
    ringStart: cut(ringStart, r, s),
    polygonStart: cut(polygonStart, p, q),
    geometryStart: cut(geometryStart, from, to),
  };
}

function joinGeometries(parts: readonly MultiPolygons[]): MultiPolygons {
  const xy = new Float64Array(parts.reduce((n, part) => n + part.xy.length, 0));
  let at = 0;
  for (const part of parts) {
    xy.set(part.xy, at);
    at += part.xy.length;
  }
  const join = (name: "ringStart" | "polygonStart" | "geometryStart") => {
    const starts = new Int32Array(parts.reduce((n, part) => n + part[name].length - 1, 1));
    let end = 0, next = 1;
    for (const part of parts) {
      for (let i = 1; i < part[name].length; i++) starts[next++] = end + part[name][i];
      end = starts[next - 1];
    }
    return starts;
  };
  return {
    xy,
    ringStart: join("ringStart"),
    polygonStart: join("polygonStart"),
    geometryStart: join("geometryStart"),
  };
}
