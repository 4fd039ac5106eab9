import type { Random } from "@/core/random.ts";
import type { PointRows } from "./point_rows.ts";

/** Points cut into leaves of points that are near each other. */
export interface Leaves {
  /** All points, leaf by leaf. */
  readonly order: Int32Array;
  /** Start of each leaf in `order`, and the end of the last. */
  readonly bounds: Int32Array;
}

/**
 * Cuts points by random hyperplanes, each half way between two of the points (Dasgupta and Freund
 * 2008, as pynndescent's trees), until no leaf has more than `leafSize`.
 *
 * @param order Receives the points, leaf by leaf.
 */
export function cutIntoLeaves(
  points: PointRows,
  leafSize: number,
  random: Random,
  order: Int32Array,
): Leaves {
  for (let i = 0; i < order.length; i++) order[i] = i;
  const bounds = [0];
  const plane = new Float64Array(points.width);
  const open: (readonly [start: number, end: number])[] = [[0, order.length]];
  while (open.length > 0) {
    const [start, end] = open.pop()!;
    if (end - start <= leafSize) {
      bounds.push(end);
      continue;
    }
    const middle = split(points, order, start, end, plane, random);
    open.push([middle, end], [start, middle]);
  }
  return { order, bounds: Int32Array.from(bounds) };
}

/** Moves the points on one side of a plane to the front; halves what no plane can part. */
function split(
  { data, width }: PointRows,
  order: Int32Array,
  start: number,
  end: number,
  plane: Float64Array,
  random: Random,
): number {
  const a = order[start + random.integer(end - start)] * width;
  const b = order[start + random.integer(end - start)] * width;
  let offset = 0;
  for (let k = 0; k < width; k++) {
    plane[k] = data[a + k] - data[b + k];
    offset += plane[k] * (data[a + k] + data[b + k]) / 2;
  }
  let [low, high] = [start, end];
  while (low < high) {
    const row = order[low] * width;
    let side = -offset;
    for (let k = 0; k < width; k += 4) {
      side += plane[k] * data[row + k] + plane[k + 1] * data[row + k + 1] +
        plane[k + 2] * data[row + k + 2] + plane[k + 3] * data[row + k + 3];
    }
    if (side > 0) low++;
    else {
      high--;
      const point = order[low];
      order[low] = order[high];
      order[high] = point;
    }
  }
  return low === start || low === end ? (start + end) >> 1 : low;
}
