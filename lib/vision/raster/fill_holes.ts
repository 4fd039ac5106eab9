import { labelComponents } from "./label_components.ts";
import type { RasterSize } from "./raster_size.ts";

/**
 * Fills the holes of a mask in place: background that no path of pixels that share edges joins with
 * the border, as `scipy.ndimage.binary_fill_holes` does.
 *
 * @param mask 0 or 1, (height, width).
 * @param scratch As many values, overwritten.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fillHoles } from "@/vision/raster/mod.ts";
 *
 * const ring = Uint8Array.of(1, 1, 1, 1, 0, 1, 1, 1, 1);
 * fillHoles(ring, { width: 3, height: 3 }, new Int32Array(9));
 * assertEquals(ring[4], 1);
 * ```
 */
export function fillHoles(mask: Uint8Array, size: RasterSize, scratch: Int32Array): void {
  const { width, height } = size;
  for (let p = 0; p < mask.length; p++) mask[p] = mask[p] === 0 ? 1 : 0;
  const count = labelComponents(mask, size, scratch);
  const isOpen = new Uint8Array(count + 1);
  const last = width * (height - 1);
  for (let x = 0; x < width; x++) isOpen[scratch[x]] = isOpen[scratch[last + x]] = 1;
  for (let y = 0; y < height; y++) {
    isOpen[scratch[y * width]] = isOpen[scratch[y * width + width - 1]] = 1;
  }
  isOpen[0] = 0;
  for (let p = 0; p < mask.length; p++) mask[p] = 1 - isOpen[scratch[p]];
}
