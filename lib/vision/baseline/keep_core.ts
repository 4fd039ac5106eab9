import { measureRegions, type RasterSize } from "@/vision/raster/mod.ts";

/** The part of a tile that is its own, px of the tile; what surrounds it is halo. */
export interface TileCore {
  readonly x0: number;
  readonly y0: number;
  readonly x1: number;
  readonly y1: number;
}

/**
 * Keeps the nuclei whose centroid is in a tile's core, so that of overlapping tiles each nucleus comes from
 * one. With a halo of 20 µm or more on all sides, a nucleus does not depend on where tiles end, as long as
 * the clump that it touches is within the halo.
 *
 * @param labels Instance map of the tile, halo included; changed in place.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { keepCore } from "@/vision/baseline/mod.ts";
 *
 * const labels = Int32Array.of(1, 1, 0, 2, 2, 2);
 * keepCore(labels, { width: 6, height: 1 }, { x0: 0, y0: 0, x1: 3, y1: 1 });
 * assertEquals([...labels], [1, 1, 0, 0, 0, 0]);
 * ```
 */
export function keepCore(labels: Int32Array, size: RasterSize, core: TileCore): void {
  const { area, box, firstMoments } = measureRegions(labels, size);
  const isKept = Array.from(area, (pixels, label) => {
    const x = box[4 * label + 1] + firstMoments[2 * label] / pixels + 0.5;
    const y = box[4 * label] + firstMoments[2 * label + 1] / pixels + 0.5;
    return x >= core.x0 && x < core.x1 && y >= core.y0 && y < core.y1;
  });
  for (let p = 0; p < labels.length; p++) {
    if (labels[p] !== 0 && !isKept[labels[p]]) labels[p] = 0;
  }
}
