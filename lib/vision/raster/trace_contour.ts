import type { RasterSize } from "./raster_size.ts";
import type { Runs } from "./runs.ts";

/** Steps to the neighbours: right, right up, up, … anticlockwise on the screen. */
const STEP_X = [1, 1, 0, -1, -1, -1, 0, 1];
const STEP_Y = [0, -1, -1, -1, 0, 1, 1, 1];

/**
 * Traces the outer border of a region, with the points alone where it turns: the first contour of
 * `cv2.findContours(region, RETR_TREE, CHAIN_APPROX_SIMPLE)` (Suzuki and Abe 1985). It begins at the
 * region's first pixel by rows.
 *
 * @param labels (height, width).
 * @param start Index of the first pixel by rows of the region, or of one of its parts that do not touch.
 * @returns `x0, y0, x1, y1, …` in px of the map.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { traceContour } from "@/vision/raster/mod.ts";
 *
 * const square = Int32Array.of(0, 0, 0, 0, 0, 7, 7, 7, 0, 7, 7, 7);
 * assertEquals([...traceContour(square, { width: 4, height: 3 }, 5)], [1, 1, 1, 2, 3, 2, 3, 1]);
 * ```
 */
export function traceContour(
  labels: Int32Array,
  { width, height }: RasterSize,
  start: number,
): Int32Array<ArrayBuffer> {
  const label = labels[start];
  const isInside = (x: number, y: number) =>
    x >= 0 && x < width && y >= 0 && y < height && labels[y * width + x] === label;
  const x0 = start % width, y0 = (start - x0) / width;
  let direction = firstNeighbour(isInside, x0, y0);
  if (direction === undefined) return Int32Array.of(x0, y0);
  const lastX = x0 + STEP_X[direction], lastY = y0 + STEP_Y[direction];
  const contour: number[] = [];
  let previous = (direction + 4) % 8;
  for (let x = x0, y = y0;;) {
    do direction = (direction + 1) % 8; while (
      !isInside(x + STEP_X[direction], y + STEP_Y[direction])
    );
    if (direction !== previous) contour.push(x, y);
    previous = direction;
    const nextX = x + STEP_X[direction], nextY = y + STEP_Y[direction];
    if (nextX === x0 && nextY === y0 && x === lastX && y === lastY) break;
    [x, y] = [nextX, nextY];
    direction = (direction + 4) % 8;
  }
  return Int32Array.from(contour);
}

/** Clockwise from the left; the pixels to the left and above are outside. */
function firstNeighbour(
  isInside: (x: number, y: number) => boolean,
  x: number,
  y: number,
): number | undefined {
  for (let k = 3; k > -4; k--) {
    const direction = (k + 8) % 8;
    if (isInside(x + STEP_X[direction], y + STEP_Y[direction])) return direction;
  }
  return undefined;
}

/**
 * Where the contour of each region begins: the first pixel by rows of that of its parts (pixels that
 * share an edge or a corner) which begins last, since OpenCV lists contours from the bottom.
 *
 * @param runs Of the labels; they are joined.
 * @param labels 0 outside, (height, width).
 * @param maxLabel The largest label.
 * @returns Index of a pixel a label, -1 where the label does not occur.
 */
export function contourStarts(runs: Runs, labels: Int32Array, maxLabel: number): Int32Array {
  const starts = new Int32Array(maxLabel + 1).fill(-1);
  runs.join(8, labels);
  for (let run = 0, parts = 0; run < runs.count; run++) {
    if (runs.part[run] <= parts) continue;
    parts = runs.part[run];
    starts[labels[runs.first[run]]] = runs.first[run];
  }
  return starts;
}
