import type { Tasks } from "@/numerics/workers/mod.ts";
import type { MaskShapes } from "./mask_shapes.ts";
import type { PatchCandidates, PatchGrid } from "./patch_grid.ts";
import type { PatchMaskOptions } from "./patch_mask_options.ts";
import { type PatchMask, PatchMaskDrawer } from "./patch_masks.ts";

/** What a worker draws from. */
export interface MaskSource {
  readonly shapes: MaskShapes;
  readonly grid: PatchGrid;
  readonly candidates: PatchCandidates;
  readonly options: PatchMaskOptions;
}

/** What workers are asked. */
export interface MaskInputs {
  readonly start: MaskSource;
  readonly draw: Int32Array;
}

/** What they answer. */
export interface MaskAnswers {
  readonly start: undefined;
  readonly draw: readonly PatchMask[];
}

let drawer: PatchMaskDrawer | undefined;

export const MASK_TASKS: Tasks<MaskInputs, MaskAnswers> = {
  start({ shapes, grid, candidates, options }) {
    drawer = new PatchMaskDrawer(shapes, grid, candidates, options);
    return undefined;
  },
  draw(patches) {
    if (drawer === undefined) throw new Error("asked to draw before it was told what");
    return Array.from(patches, (patch) => lastingMask(drawer as PatchMaskDrawer, patch));
  },
};

/** A mask with arrays of its own. */
function lastingMask(from: PatchMaskDrawer, patch: number): PatchMask {
  const mask = withoutUnkept(from.draw(patch));
  return {
    ...mask,
    instances: mask.instances.slice(),
    nucleusIds: mask.nucleusIds.slice(),
    cellIds: mask.cellIds.slice(),
  };
}

/** The mask, without pixels if the patch is not kept. */
export function withoutUnkept(mask: PatchMask): PatchMask {
  if (mask.verdict === "kept") return mask;
  const none = new Int32Array();
  return { ...mask, instances: none, nucleusIds: none, cellIds: none };
}
