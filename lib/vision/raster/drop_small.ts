/**
 * Sets the labels of regions with too few pixels to 0; the others keep theirs.
 *
 * @param labels 0 outside, (height, width); changed in place.
 * @param count The largest label.
 * @param minPixels Regions with fewer pixels go.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dropSmall } from "@/vision/raster/mod.ts";
 *
 * const labels = Int32Array.of(1, 2, 2, 0);
 * dropSmall(labels, 2, 2);
 * assertEquals([...labels], [0, 2, 2, 0]);
 * ```
 */
export function dropSmall(labels: Int32Array, count: number, minPixels: number): void {
  const pixels = new Int32Array(count + 1);
  for (let p = 0; p < labels.length; p++) if (labels[p] !== 0) pixels[labels[p]]++;
  for (let p = 0; p < labels.length; p++) {
    if (labels[p] !== 0 && pixels[labels[p]] < minPixels) labels[p] = 0;
  }
}
