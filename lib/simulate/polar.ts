import { DIRECTIONS } from "./cell_shapes.ts";

const PER_RADIAN = DIRECTIONS / (2 * Math.PI);

/** The inverse squares of an outline's radii, for {@link outwardness}. */
export function inverseSquares(radius: Float32Array): Float32Array {
  return radius.map((r) => 1 / (r * r));
}

/**
 * How far out a point lies in a star-shaped outline: 0 at the centre, 1 on the edge. Between two
 * directions 1 / r^2 is interpolated, which is exact for a circle and near for an ellipse.
 *
 * @param inverse Inverse squares of the radii in µm, `DIRECTIONS` from position `at` on.
 * @param dx From the centre, µm.
 * @param dy From the centre, µm.
 */
export function outwardness(inverse: Float32Array, at: number, dx: number, dy: number): number {
  const ax = dx < 0 ? -dx : dx, ay = dy < 0 ? -dy : dy;
  const larger = ax > ay ? ax : ay;
  if (larger === 0) return 0;
  // Abramowitz-Stegun arc tangent, off by 0.0005 at most: ten times as fast as Math.atan2.
  const a = (ax > ay ? ay : ax) / larger, s = a * a;
  let turn = ((-0.0464964749 * s + 0.15931422) * s - 0.327622764) * s * a + a;
  if (ay > ax) turn = Math.PI / 2 - turn;
  if (dx < 0) turn = Math.PI - turn;
  if (dy < 0) turn = 2 * Math.PI - turn;
  const position = turn * PER_RADIAN;
  const floor = position | 0, part = position - floor;
  const k = floor >= DIRECTIONS ? 0 : floor;
  const first = inverse[at + k], second = inverse[at + (k + 1 === DIRECTIONS ? 0 : k + 1)];
  return Math.sqrt((dx * dx + dy * dy) * (first + (second - first) * part));
}
