import { type RasterSize, requirePixels } from "./raster_size.ts";
import { Runs } from "./runs.ts";

/**
 * Fills the holes of a mask in place: background that no path of pixels that share edges joins with
 * the border, as `scipy.ndimage.binary_fill_holes` does.
 *
 * @param mask 0 or 1, (height, width).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { fillHoles } from "@/vision/raster/mod.ts";
 *
 * const ring = Uint8Array.of(1, 1, 1, 1, 0, 1, 1, 1, 1);
 * fillHoles(ring, { width: 3, height: 3 });
 * assertEquals(ring[4], 1);
 * ```
 */
export function fillHoles(mask: Uint8Array, size: RasterSize): void {
  requirePixels("Cannot fill holes", size, mask);
  const { width, height } = size;
  const runs = Runs.inside(mask, size).outside();
  const { first, end, part } = runs;
  const isOpen = new Uint8Array(runs.join(4) + 1);
  for (let run = 0; run < runs.count; run++) {
    const isAtBorder = first[run] % width === 0 || end[run] % width === 0 ||
      first[run] < width || end[run] > width * (height - 1);
    if (isAtBorder) isOpen[part[run]] = 1;
  }
  for (let run = 0; run < runs.count; run++) {
    if (isOpen[part[run]] === 0) mask.fill(1, first[run], end[run]);
  }
}
