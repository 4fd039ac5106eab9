import type { PatchInstances } from "@/formats/predictions/mod.ts";
import { patchBox, type PatchGrid } from "@/geometry/mod.ts";
import type { PredictedBlock } from "@/vision/predict/mod.ts";
import type { SlideMasks } from "@/vision/registration/mod.ts";
import type { AlignmentSums } from "./alignment_sums.ts";

/** What predictions are added to on their way to the file. */
export interface PredictionSums {
  readonly alignment: AlignmentSums;
  /** Nuclei of the whole slide, for the registration. */
  readonly masks: SlideMasks;
}

/** The predicted maps, patch by patch; each block is added to the sums when it comes by. */
export async function* predictedInstances(
  blocks: AsyncIterable<PredictedBlock>,
  grid: PatchGrid,
  { alignment, masks }: PredictionSums,
): AsyncGenerator<PatchInstances> {
  for await (const block of blocks) {
    alignment.add(block);
    for (const [i, patch] of block.patches.entries()) {
      const instances = block.instances(i);
      if (instances === undefined) continue;
      const [x0, y0] = patchBox(grid, patch);
      masks.add(x0, y0, grid.patchWidth, block.truth(i), instances);
      yield { patch, instances };
    }
  }
}
