import type { InputLocation } from "@/core/stage.ts";
import { openImage, parseTransformations, toMatrix } from "@/formats/spatialdata/mod.ts";
import { openGroup } from "@/formats/zarr/mod.ts";
import type { ResolutionReport } from "./resolution_report.ts";

/** Elements in µm: their way to `global`, pixels of the morphology image, tells a pixel's size. */
const IN_MICRONS = ["shapes/nucleus_boundaries", "points/st", "shapes/cell_boundaries"];
const DIGITS = 10;

/**
 * Tells the sizes of pixels from the transformations of a store that others made; `undefined` if
 * none of its elements is in µm.
 */
export async function recoverResolution(
  { resolve, disk }: InputLocation,
): Promise<ResolutionReport | undefined> {
  for (const node of IN_MICRONS) {
    const path = resolve(node);
    if (path === "") continue;
    const { attributes } = await openGroup(disk, path);
    const toGlobal = parseTransformations(attributes.coordinateTransformations, path).get("global");
    const pixelsPerUm = toGlobal === undefined ? 1 : scaleOf(toMatrix(toGlobal));
    if (pixelsPerUm === 1) continue;
    const umPerPixel = rounded(1 / pixelsPerUm);
    const morphology = { umPerPixel, manifest: null, image: null };
    return { morphology, he: await heResolution({ resolve, disk }, umPerPixel) };
  }
  return undefined;
}

async function heResolution(
  { resolve, disk }: InputLocation,
  umPerMorphologyPixel: number,
): Promise<ResolutionReport["he"]> {
  const path = resolve("images/he");
  const toGlobal = path === ""
    ? undefined
    : (await openImage(disk, path)).transformations.get("global");
  if (toGlobal === undefined) return null;
  const umPerPixel = rounded(scaleOf(toMatrix(toGlobal)) * umPerMorphologyPixel);
  return { umPerPixel, image: null, alignment: "matrix" };
}

/** How much longer lengths become. */
function scaleOf([[a, b], [c, d]]: ReturnType<typeof toMatrix>): number {
  return Math.sqrt(Math.abs(a * d - b * c));
}

/** Without the last digits, which the way through a factor has changed. */
function rounded(value: number): number {
  return Number(value.toPrecision(DIGITS));
}
