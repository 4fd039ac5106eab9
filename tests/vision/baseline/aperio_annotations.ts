import { type MultiPolygons, packPolygons } from "@/core/polygons.ts";
import { addGeometry, Rasteriser } from "@/geometry/rasterise.ts";
import type { RasterSize } from "@/vision/raster/mod.ts";

/** Reads the regions of an annotation file of Aperio ImageScope, as closed rings in px of the image. */
export function parseAperioRegions(xml: string): MultiPolygons {
  const rings: number[][][][] = [];
  for (const [, region] of xml.matchAll(/<Region [^>]*>(.*?)<\/Region>/gs)) {
    const ring = [...region.matchAll(/<Vertex X="([-\d.]+)" Y="([-\d.]+)"/g)]
      .flatMap(([, x, y]) => [Number(x), Number(y)]);
    if (ring.length >= 6) rings.push([[[...ring, ring[0], ring[1]]]]);
  }
  return packPolygons(rings);
}

/** Draws regions as labels 1, 2, …; later ones over earlier ones. */
export function drawRegions(regions: MultiPolygons, size: RasterSize): Int32Array<ArrayBuffer> {
  const labels = new Int32Array(size.width * size.height);
  const raster = new Rasteriser(size.width, size.height);
  for (let g = 0; g + 1 < regions.geometryStart.length; g++) {
    raster.begin(0, 0);
    addGeometry(raster, regions, g, "centre");
    raster.draw("centre");
    for (let i = 0; i < 3 * raster.spanCount; i += 3) {
      const [row, first, end] = raster.spans.subarray(i, i + 3);
      labels.fill(g + 1, row * size.width + first, row * size.width + end);
    }
  }
  return labels;
}
