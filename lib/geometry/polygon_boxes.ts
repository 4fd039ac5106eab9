import { SthelarError } from "@/core/errors.ts";
import type { MultiPolygons } from "@/core/polygons.ts";
import { boundsOf } from "./ring.ts";

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
