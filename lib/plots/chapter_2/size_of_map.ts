/** How a map of nuclei is drawn. */
export interface SizeOfMap {
  /** Its width, px: less than wanted where a tall slide would become too high. */
  readonly width: number;
  /** Radius of a nucleus, px: nuclei touch where there are many, and are seen where there are few. */
  readonly radius: number;
}

const MAX_HEIGHT_PX = 640;
/** Of the distance between nuclei that are spread evenly. */
const RADIUS_SHARE = 0.42;
const MIN_RADIUS_PX = 0.5;
const MAX_RADIUS_PX = 3.5;

/**
 * Width of a map and radius of its points.
 *
 * @param x Places of nuclei, µm.
 * @param y Places of nuclei, µm.
 * @param most Width of a map that is not too high, px.
 * @param leastRadius Radius where there are very many, px.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { sizeOfMap } from "@/plots/chapter_2/size_of_map.ts";
 *
 * assertEquals(sizeOfMap([0, 100], [0, 50], 600), { width: 600, radius: 3.5 });
 * assertEquals(sizeOfMap([0, 100], [0, 200], 600).width, 320);
 * ```
 */
export function sizeOfMap(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  most: number,
  leastRadius = MIN_RADIUS_PX,
): SizeOfMap {
  const aspect = extent(y) / extent(x);
  const width = Math.round(Math.max(most / 2, Math.min(most, MAX_HEIGHT_PX / aspect)));
  const spacing = width * Math.sqrt(aspect / Math.max(1, x.length));
  const radius = Math.min(MAX_RADIUS_PX, Math.max(leastRadius, RADIUS_SHARE * spacing));
  return { width, radius };
}

function extent(values: ArrayLike<number>): number {
  let low = Infinity, high = -Infinity;
  for (let i = 0; i < values.length; i++) {
    if (values[i] < low) low = values[i];
    if (values[i] > high) high = values[i];
  }
  return high > low ? high - low : 1;
}
