import { type MultiPolygons, packPolygons } from "@/core/polygons.ts";
import type { Draw } from "./draw.ts";

/** A closed star-shaped ring: corners around a centre, on a lattice where `step` is above 0. */
export function drawRing(
  draw: Draw,
  centre: readonly [number, number],
  radius: number,
  step = 0,
): number[] {
  const snap = (value: number) => step > 0 ? Math.round(value / step) * step : value;
  const corners = draw.integer(3, 3 + draw.size);
  const ring = draw.list(corners, (i) => {
    const angle = 2 * Math.PI * (i + draw.between(0, 0.8)) / corners;
    const r = radius * draw.between(0.4, 1);
    return [snap(centre[0] + r * Math.cos(angle)), snap(centre[1] + r * Math.sin(angle))];
  }).flat();
  return [...ring, ring[0], ring[1]];
}

/** Geometries of one or more polygons, some with a hole; they may overlap. */
export function drawPolygons(draw: Draw, count: number, step = 0): MultiPolygons {
  return packPolygons(draw.list(count, () =>
    draw.list(draw.pick([1, 1, 1, 2]), () => {
      const centre = [draw.between(0, 20), draw.between(0, 20)] as const;
      const radius = draw.between(1, 5);
      const shell = drawRing(draw, centre, radius, step);
      return draw.chance(0.3) ? [shell, drawRing(draw, centre, radius * 0.3, step)] : [shell];
    })));
}

/** The rings of one geometry. */
export function ringsOf(polygons: MultiPolygons, geometry: number): number[][][] {
  const { xy, ringStart, polygonStart, geometryStart } = polygons;
  const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);
  return range(geometryStart[geometry], geometryStart[geometry + 1]).map((p) =>
    range(polygonStart[p], polygonStart[p + 1])
      .map((r) => [...xy.subarray(2 * ringStart[r], 2 * ringStart[r + 1])])
  );
}
