/**
 * Cuts a convex ring to a rectangle (Sutherland and Hodgman 1974).
 *
 * @param ring `[x, y]` of each corner, in order, not closed.
 * @param rectangle Lower and upper limit of x, then of y.
 * @returns The corners of what is left; empty if nothing is.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { clipToRectangle, cornersArea } from "@/geometry/mod.ts";
 *
 * const diamond = [[0, -1], [1, 0], [0, 1], [-1, 0]] as const;
 * assertEquals(cornersArea(clipToRectangle(diamond, [0, 5, -5, 5])), 1);
 * ```
 */
export function clipToRectangle(
  ring: readonly (readonly [number, number])[],
  [xMin, xMax, yMin, yMax]: readonly [number, number, number, number],
): (readonly [number, number])[] {
  const edges: readonly [axis: 0 | 1, limit: number, sign: 1 | -1][] = [
    [0, xMin, 1],
    [0, xMax, -1],
    [1, yMin, 1],
    [1, yMax, -1],
  ];
  return edges.reduce<(readonly [number, number])[]>((corners, [axis, limit, sign]) => {
    const depth = (corner: readonly [number, number]) => sign * (corner[axis] - limit);
    return corners.flatMap((corner, i) => {
      const next = corners[(i + 1) % corners.length];
      const [here, there] = [depth(corner), depth(next)];
      const kept = here >= 0 ? [corner] : [];
      if (here >= 0 === there >= 0) return kept;
      const t = here / (here - there);
      return [...kept, [
        corner[0] + t * (next[0] - corner[0]),
        corner[1] + t * (next[1] - corner[1]),
      ]];
    });
  }, [...ring]);
}

/** Area of a ring of corners, not closed, without sign. */
export function cornersArea(corners: readonly (readonly [number, number])[]): number {
  let twice = 0;
  corners.forEach(([x, y], i) => {
    const [nextX, nextY] = corners[(i + 1) % corners.length];
    twice += x * nextY - nextX * y;
  });
  return Math.abs(twice) / 2;
}
