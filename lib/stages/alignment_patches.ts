import { SthelarError } from "@/core/errors.ts";
import { hePatches, type PatchMetrics, type PatchSetDescription } from "@/formats/patches/mod.ts";
import type { AlignmentTable } from "@/formats/predictions/mod.ts";
import type { ShapesSpec } from "@/formats/spatialdata/mod.ts";
import { patchGrid } from "@/geometry/mod.ts";

/** What the published element has where there is no value. */
const PUBLISHED_MISSING = -1;

/**
 * The element `he_patches`: every patch of the grid, with Dice, Jaccard and bPQ where they have a value.
 *
 * @param parity Whether values that are missing are -1, as published.
 */
export function alignmentPatches(
  { image: { width, height }, patchWidth, overlap, toGlobal }: PatchSetDescription,
  table: AlignmentTable,
  parity: boolean,
): ShapesSpec {
  const grid = patchGrid(width, height, { patchWidth, overlap });
  const column = (scores: Float64Array) => {
    const values = new Float64Array(grid.count).fill(parity ? PUBLISHED_MISSING : NaN);
    const missing = new Uint8Array(grid.count).fill(1);
    scores.forEach((score, i) => {
      if (Number.isNaN(score)) return;
      values[table.patchIds[i]] = score;
      missing[table.patchIds[i]] = 0;
    });
    return parity ? { values } : { values, missing };
  };
  const last = table.patchIds.at(-1) ?? -1;
  if (last >= grid.count) {
    throw new SthelarError("CorruptData", {
      action: 'Cannot write "he_patches"',
      found: `patch ${last}`,
      expected: `one of the ${grid.count} patches of ${width} x ${height} px`,
    });
  }
  const metrics: PatchMetrics = {
    Dice: column(table.dice),
    Jaccard: column(table.jaccard),
    bPQ: column(table.bpq),
  };
  const { columns, count } = grid;
  return hePatches({ patchWidth, step: patchWidth - overlap, columns, count }, toGlobal, metrics);
}
