import { DIRECTIONS, type Outlines } from "./cell_shapes.ts";
import type { RingStyle } from "./presets.ts";
import { PIXEL_UM } from "./slide_plan.ts";

/** Of 20 imported rings one is a line and one a triangle. */
const IMPORT_CYCLE = 20, LINE = 7, TRIANGLE = 13;

/**
 * The ring of an outline in µm, `x0, y0, x1, y1, …`, closed: counter-clockwise on screen, vertices
 * on the pixel lattice.
 *
 * @param style 13: every second direction; 25: all, without repeated vertices; `imported`: as many
 *   as another program left, for some too few.
 */
export function closedRing(outlines: Outlines, p: number, style: RingStyle): number[] {
  const ring: number[] = [];
  for (const k of directionsOf(p, style)) {
    const v = p * DIRECTIONS + k;
    const x = outlines.vertexX[v] * PIXEL_UM, y = outlines.vertexY[v] * PIXEL_UM;
    const isRepeated = ring.length > 0 && ring[ring.length - 2] === x &&
      ring[ring.length - 1] === y;
    if (style === 13 || !isRepeated) ring.push(x, y);
  }
  if (style !== 13 && ring[0] === ring[ring.length - 2] && ring[1] === ring[ring.length - 1]) {
    ring.length -= 2;
  }
  ring.push(ring[0], ring[1]);
  return ring;
}

/** The directions whose vertices a ring keeps, the last first. */
function directionsOf(p: number, style: RingStyle): number[] {
  if (style === "imported") {
    const size = importedVertices(p);
    return Array.from({ length: size }, (_, j) => Math.floor((size - 1 - j) * DIRECTIONS / size));
  }
  const step = style === 13 ? 2 : 1;
  return Array.from({ length: DIRECTIONS / step }, (_, j) => DIRECTIONS - step * (j + 1));
}

/** Distinct vertices of an imported ring: 2 to 24. */
function importedVertices(p: number): number {
  const turn = p % IMPORT_CYCLE;
  if (turn === LINE) return 2;
  return turn === TRIANGLE ? 3 : 4 + (p * 5) % (DIRECTIONS - 3);
}
