import { largestLabel, type RasterSize, requirePixels } from "@/vision/raster/mod.ts";

/** The classes of PanNuke, in the order of their numbers. */
export const BASELINE_CLASSES = [
  "Background",
  "Neoplastic",
  "Inflammatory",
  "Connective",
  "Dead",
  "Epithelial",
] as const;

const [NEOPLASTIC, INFLAMMATORY, CONNECTIVE, DEAD, EPITHELIAL] = [1, 2, 3, 4, 5];
/** Longer than wide by this: fibroblasts and vessels. */
const SPINDLE = 2.2;
/** µm²: lymphocytes are smaller, nuclei of tumours larger. */
const LYMPHOCYTE_AREA_UM2 = 30;
const TUMOUR_AREA_UM2 = 65;
const SHRUNKEN_AREA_UM2 = 14;
/** Stain relative to the slide's threshold: condensed chromatin. */
const PYKNOTIC_STAIN = 3;

/**
 * Gives nuclei a class of PanNuke by size, shape and stain. A **heuristic**, so that steps that need six
 * classes run on a machine without weights: small and very dark is dead, spindle-shaped connective, small
 * and round inflammatory, large neoplastic, the rest epithelial. It has not been compared with a
 * pathologist's labels; name it `baseline` wherever it is shown.
 *
 * @param labels Instance map, 0 outside, (height, width).
 * @param stain Haematoxylin, (height, width).
 * @param threshold Of the slide.
 * @param umPerPx Of the image.
 * @returns Class of each pixel, (height, width).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { BASELINE_CLASSES, baselineTypes } from "@/vision/baseline/mod.ts";
 *
 * const labels = new Int32Array(40 * 10).map((_, p) => p % 40 > 0 && p % 40 < 39 ? 1 : 0);
 * const types = baselineTypes(labels, { width: 40, height: 10 }, new Float64Array(400), 0.2, 0.5);
 * assertEquals([types[0], BASELINE_CLASSES[types[1]]], [0, "Connective"]);
 * ```
 */
export function baselineTypes(
  labels: Int32Array,
  size: RasterSize,
  stain: Float64Array,
  threshold: number,
  umPerPx: number,
): Uint8Array<ArrayBuffer> {
  requirePixels("Cannot give nuclei a class", size, labels, stain);
  const count = largestLabel(labels);
  const sums = Array.from({ length: 7 }, () => new Float64Array(count + 1));
  const [area, x, y, xx, yy, xy, dark] = sums;
  for (let row = 0, p = 0; row < size.height; row++) {
    for (let column = 0; column < size.width; column++, p++) {
      const label = labels[p];
      if (label === 0) continue;
      area[label]++;
      x[label] += column;
      y[label] += row;
      xx[label] += column * column;
      yy[label] += row * row;
      xy[label] += column * row;
      dark[label] += stain[p];
    }
  }
  const typeOf = new Uint8Array(count + 1);
  for (let label = 1; label <= count; label++) {
    const n = area[label];
    if (n === 0) continue;
    const mean = [x[label] / n, y[label] / n];
    typeOf[label] = typeOfNucleus(
      n * umPerPx ** 2,
      elongation(
        xx[label] / n - mean[0] ** 2,
        yy[label] / n - mean[1] ** 2,
        xy[label] / n - mean[0] * mean[1],
      ),
      dark[label] / n / threshold,
    );
  }
  const types = new Uint8Array(labels.length);
  for (let p = 0; p < labels.length; p++) types[p] = typeOf[labels[p]];
  return types;
}

function typeOfNucleus(areaUm2: number, elongated: number, stain: number): number {
  if (areaUm2 < SHRUNKEN_AREA_UM2 && stain > PYKNOTIC_STAIN) return DEAD;
  if (elongated > SPINDLE) return CONNECTIVE;
  if (areaUm2 < LYMPHOCYTE_AREA_UM2) return INFLAMMATORY;
  return areaUm2 > TUMOUR_AREA_UM2 ? NEOPLASTIC : EPITHELIAL;
}

/** Length over width of the ellipse with these second moments; a pixel has a twelfth of its own. */
function elongation(xx: number, yy: number, xy: number): number {
  const [a, b] = [xx + 1 / 12, yy + 1 / 12];
  const spread = Math.hypot((a - b) / 2, xy);
  return Math.sqrt(((a + b) / 2 + spread) / Math.max(1e-9, (a + b) / 2 - spread));
}
