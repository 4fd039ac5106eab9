import { type RasterSize, requirePixels } from "./raster_size.ts";
import { type Connectivity, Runs } from "./runs.ts";

/**
 * Numbers the connected components of a mask 1, 2, … in the order of their first pixels, as
 * `scipy.ndimage.label` does.
 *
 * @param mask Not 0 inside, (height, width).
 * @param into Gets the labels, 0 outside.
 * @returns How many components there are.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { labelComponents } from "@/vision/raster/mod.ts";
 *
 * const labels = new Int32Array(6);
 * assertEquals(labelComponents(Uint8Array.of(1, 0, 1, 0, 1, 1), { width: 3, height: 2 }, labels), 2);
 * assertEquals([...labels], [1, 0, 2, 0, 2, 2]);
 * ```
 */
export function labelComponents(
  mask: Uint8Array,
  size: RasterSize,
  into: Int32Array,
  connectivity: Connectivity = 4,
): number {
  requirePixels("Cannot label components", size, mask, into);
  const runs = Runs.inside(mask, size);
  const count = runs.join(connectivity);
  runs.paint(into);
  return count;
}
