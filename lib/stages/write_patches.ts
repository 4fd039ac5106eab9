import type { PatchSetWriter } from "@/formats/patches/mod.ts";
import {
  isWholePatch,
  type LeftOut,
  type MaskShapes,
  patchBox,
  type PatchGrid,
  type PatchMask,
} from "@/geometry/mod.ts";
import type { PatchCrops } from "@/vision/patch_crops.ts";

/** What patches are made of, and where they go. */
export interface PatchTarget {
  readonly writer: PatchSetWriter;
  readonly shapes: MaskShapes;
  readonly crops: PatchCrops;
}

/** Writes every patch that is kept, and counts; a failure gives the files up. */
export async function writePatches(
  masks: AsyncIterable<PatchMask>,
  grid: PatchGrid,
  { writer, shapes, crops }: PatchTarget,
) {
  const leftOut = { cut: 0, withoutCell: 0, withoutPixels: 0, hidden: 0, unsupported: 0 };
  const isInPatch = new Uint8Array(shapes.ids.length);
  let instances = 0, cutInstances = 0;
  try {
    for await (const mask of masks) {
      addLeftOut(leftOut, mask.leftOut);
      const { patch, verdict, rows, isCut } = mask;
      if (verdict !== "kept" || !isWholePatch(grid, patch)) {
        writer.leaveOut(patch, verdict === "kept" ? "over the edge" : verdict, mask.nuclei);
        continue;
      }
      const [x, y] = patchBox(grid, patch);
      const rgb = await crops.cut(x, y);
      const cells = rows.map((row) => shapes.ids[row]);
      await writer.append(mask, { cells, isCut }, rgb);
      for (const row of rows) isInPatch[row] = 1;
      instances += rows.length;
      cutInstances += isCut.reduce((sum, cut) => sum + cut, 0);
    }
  } catch (error) {
    await writer.discard();
    throw error;
  }
  const inPatches = isInPatch.reduce((sum, flag) => sum + flag, 0);
  return { nuclei: { inPatches, instances, cutInstances }, leftOut };
}

function addLeftOut(sum: { -readonly [K in keyof LeftOut]: number }, more: LeftOut): void {
  for (const reason of Object.keys(sum) as (keyof LeftOut)[]) sum[reason] += more[reason];
}
