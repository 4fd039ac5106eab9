import { patchControl, patchCoverage, type PatchPicture } from "@/plots/chapter_3/mod.ts";
import type { Figure } from "@/plots/mod.ts";
import type { PatchData } from "./open_patches.ts";
import { slideThumbnail } from "./slide_thumbnail.ts";

export { hasPatches, openPatches, type PatchData } from "./open_patches.ts";

/** Patches of the control figure. */
const CONTROL_ROWS = 4;

/** Which patches are kept, over the H&E. */
export async function coverageOfPatches(
  { report, outcomes, he, notes }: PatchData,
): Promise<Figure> {
  const { image, grid } = report;
  return patchCoverage({
    ...{ imageWidth: image.width, imageHeight: image.height, umPerPixel: image.umPerPixel },
    ...{ patchWidth: grid.patchWidth, step: grid.patchWidth - grid.overlap },
    ...{ columns: grid.columns, outcomes, notes },
    thumbnail: await slideThumbnail(he, image),
  });
}

/**
 * Patches with their masks over the H&E; `undefined` if there are none.
 *
 * @param count How many, spread over those that were put aside.
 */
export function controlOfPatches(data: PatchData, count = CONTROL_ROWS): Figure | undefined {
  const { controls } = data;
  const shown = controls.filter((_, i) =>
    Math.floor(i * count / controls.length) !== Math.floor((i - 1) * count / controls.length)
  );
  return shown.length === 0 ? undefined : figureOf(data, shown);
}

/**
 * One kept patch, whichever, with its masks over the H&E: far on in a large slide this takes a while.
 *
 * @param patch Number in the grid.
 * @returns `undefined` for a patch that is not kept.
 */
export async function controlOfPatch(data: PatchData, patch: number): Promise<Figure | undefined> {
  const { set } = data;
  const index = set.patchIds.indexOf(patch);
  if (index < 0) return undefined;
  const { nucleusIds } = await set.nuclei(index);
  const [rgb, cellIds] = [await set.image(index), await set.cells(index)];
  return figureOf(data, [{ patch, width: set.patchWidth, rgb, nucleusIds, cellIds }]);
}

function figureOf(
  { report: { image, sampling }, notes }: PatchData,
  patches: readonly PatchPicture[],
): Figure {
  return patchControl({
    ...{ patches, umPerPixel: image.umPerPixel, notes },
    ...(sampling === "parity" ? { subtitle: "as published: edges belong to shapes" } : {}),
  });
}
