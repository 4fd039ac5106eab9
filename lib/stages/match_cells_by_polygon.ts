import { geometryCount, type MultiPolygons } from "@/core/polygons.ts";

/** Which geometry of another list each geometry equals. */
export interface PolygonMatches {
  /** Row of the equal geometry, -1 for none. */
  readonly rowOf: Int32Array;
  /** Rows whose geometry is there several times in either list. */
  readonly ambiguous: Int32Array;
}

/**
 * Finds equal geometries: the same vertices in the same order, exactly. The vertex that closes the last
 * ring does not count, so that several rings equal the same vertices drawn as one, as the published
 * stores have them for cells with several nuclei. Of several equal ones the first goes with the first,
 * the second with the second, and each is used once.
 *
 * @param geometries For which an equal is sought.
 * @param others Where it is sought.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { packPolygons } from "@/core/polygons.ts";
 * import { matchCellsByPolygon } from "@/stages/match_cells_by_polygon.ts";
 *
 * const triangle = (x: number) => [[[x, 0, x + 1, 0, x, 1, x, 0]]];
 * const found = matchCellsByPolygon(
 *   packPolygons([triangle(0), triangle(5), triangle(9)]),
 *   packPolygons([triangle(5), triangle(0)]),
 * );
 * assertEquals([...found.rowOf], [1, 0, -1]);
 * assertEquals(found.ambiguous.length, 0);
 * ```
 */
export function matchCellsByPolygon(
  geometries: MultiPolygons,
  others: MultiPolygons,
): PolygonMatches {
  const count = geometryCount(geometries), otherCount = geometryCount(others);
  const { heads, next, mask } = buildChains(others);
  const isUsed = new Uint8Array(otherCount);
  const isAmbiguous = new Uint8Array(count);
  const ownerOf = new Int32Array(otherCount).fill(-1);
  const rowOf = new Int32Array(count).fill(-1);
  for (let g = 0; g < count; g++) {
    let equals = 0, firstEqual = -1;
    for (let o = heads[hashOf(geometries, g) & mask]; o >= 0; o = next[o]) {
      if (!isEqual(geometries, g, others, o)) continue;
      if (equals++ === 0) firstEqual = o;
      if (rowOf[g] >= 0 || isUsed[o] === 1) continue;
      rowOf[g] = o;
      isUsed[o] = 1;
    }
    if (equals === 0) continue;
    const first = ownerOf[firstEqual];
    if (first < 0) ownerOf[firstEqual] = g;
    else isAmbiguous[first] = 1;
    if (equals > 1 || first >= 0) isAmbiguous[g] = 1;
  }
  const rows = Int32Array.from({ length: count }, (_, g) => g);
  return { rowOf, ambiguous: rows.filter((g) => isAmbiguous[g] === 1) };
}

/** Rows by hash, as chains in rising order. */
function buildChains(polygons: MultiPolygons) {
  const count = geometryCount(polygons);
  const size = 1 << (32 - Math.clz32(Math.max(1, 2 * count - 1)));
  const heads = new Int32Array(size).fill(-1);
  const next = new Int32Array(count);
  for (let g = count - 1; g >= 0; g--) {
    const slot = hashOf(polygons, g) & (size - 1);
    next[g] = heads[slot];
    heads[slot] = g;
  }
  return { heads, next, mask: size - 1 };
}

/** Places in `xy` of a geometry's vertices but the last, which repeats another. */
function extentOf(polygons: MultiPolygons, g: number): readonly [start: number, end: number] {
  const { geometryStart, polygonStart, ringStart } = polygons;
  const vertex = (geometry: number) => ringStart[polygonStart[geometryStart[geometry]]];
  const start = vertex(g);
  return [2 * start, Math.max(2 * start, 2 * vertex(g + 1) - 2)];
}

const NUMBER = new Float64Array(1);
const BITS = new Int32Array(NUMBER.buffer);

/** FNV-1a over the numbers' bits; both zeros hash alike, as they are equal. */
function hashOf(polygons: MultiPolygons, g: number): number {
  const [start, end] = extentOf(polygons, g);
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) {
    NUMBER[0] = polygons.xy[i] + 0;
    hash = Math.imul(hash ^ BITS[0], 0x01000193);
    hash = Math.imul(hash ^ BITS[1], 0x01000193);
    hash ^= hash >>> 15;
  }
  return hash;
}

function isEqual(a: MultiPolygons, g: number, b: MultiPolygons, h: number): boolean {
  const [aStart, aEnd] = extentOf(a, g);
  const [bStart, bEnd] = extentOf(b, h);
  if (aEnd - aStart !== bEnd - bStart) return false;
  for (let i = 0; i < aEnd - aStart; i++) {
    if (a.xy[aStart + i] !== b.xy[bStart + i]) return false;
  }
  return true;
}
