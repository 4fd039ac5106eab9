import { SthelarError } from "@/core/errors.ts";
import { defineStage } from "@/core/stage.ts";
import { patchesInput, type PatchSet, type PatchSetDescription } from "@/formats/patches/mod.ts";
import { predictionsOutput } from "@/formats/predictions/mod.ts";
import { reportOutput, shapesOutput } from "@/formats/spatialdata/stage_elements.ts";
import { patchGrid } from "@/geometry/mod.ts";
import { SlideMasks } from "@/vision/registration/mod.ts";
import { alignmentPatches } from "./alignment_patches.ts";
import { AlignmentSums } from "./alignment_sums.ts";
import { cellIdsInput, nucleusIdsInput } from "./cell_name_inputs.ts";
import { cellsOfPixels } from "./cells_of_pixels.ts";
import { choosePredictor } from "./choose_predictor.ts";
import { PARITY_TISSUE, patchTissue } from "./patch_tissue.ts";
import { predictAndAlignParams } from "./predict_and_align_params.ts";
import { alignmentSummary, type PredictAndAlignReport } from "./predict_and_align_report.ts";
import { predictBlocks } from "./predict_blocks.ts";
import { predictedInstances } from "./predicted_instances.ts";
import { predictionsFileInput } from "./predictions_file_input.ts";
import { tellAlignment } from "./tell_alignment.ts";

export type { PredictAndAlignReport } from "./predict_and_align_report.ts";

const outputs = {
  predictions: predictionsOutput("xenium"),
  patches: shapesOutput("he_patches"),
  report: reportOutput<PredictAndAlignReport>("predict_and_align"),
};

/**
 * 3-3: nuclei that are seen on the H&E, how well they agree with those of the Xenium run, and how far
 * the H&E lies from the run. Original: CellViT on the patches, and `_3-3_add_align.py`.
 */
export const predictAndAlign = defineStage({
  id: "3-03",
  name: "predict_and_align",
  version: 1,
  doc: "Nuclei predicted on the H&E, and how well they agree with those of the Xenium run.",
  inputs: {
    set: { ...patchesInput("xenium"), doc: "set of patches: it needs an H&E image (--he)" },
    nucleusIds: nucleusIdsInput,
    cellIds: cellIdsInput,
    file: predictionsFileInput,
  },
  outputs,
  params: predictAndAlignParams,
  budget: ({ cells, morphologyPixels }) => ({
    memoryBytes: 900e6 + 300 * cells,
    seconds: 3 + morphologyPixels / 1e6,
  }),
  async run({ set, nucleusIds, cellIds, file }, params, ctx) {
    const description = requireDescription(set, ctx.slide.id);
    const chosen = choosePredictor(params, description, file, ctx);
    const { source, magnification } = chosen;
    const predicted = await predictBlocks(set, description, chosen, params, ctx);
    const { classes } = predicted;
    const { width, height } = description.image;
    const { patchWidth, overlap, umPerPixel, cellNumbers } = description;
    const alignment = new AlignmentSums({
      slide: ctx.slide.id,
      tissue: params.parity ? PARITY_TISSUE : patchTissue(ctx.slide.id),
      patchIds: set.patchIds,
      classes,
    });
    const masks = new SlideMasks({ width, height, umPerPixel });
    const writer = await ctx.out.predictions.create({
      ...{ format: 1, slide: ctx.slide.id, source, classes: classes ?? null },
      ...{ magnification, patchWidth },
    });
    const grid = patchGrid(width, height, { patchWidth, overlap });
    const sums = { alignment, masks };
    await writer.writeInstances(predictedInstances(predicted.blocks, grid, sums));
    const pixels = alignment.classPixels();
    const named = pixels && classes && await cellsOfPixels(pixels, classes, {
      ...{ cellNumbers, nucleusIds },
      tableIds: await cellIds?.(),
    });
    await writer.writeMetrics({
      alignment: alignment.table,
      ...alignment.results(params.parity),
      ...named === undefined ? {} : { nucleusClasses: named.nucleusClasses },
    });
    const { evaluated } = alignment;
    const report: PredictAndAlignReport = {
      source: {
        name: source,
        ...chosen.file === undefined ? {} : { file: chosen.file },
        ...{ classes: classes ?? null, magnification },
      },
      patches: {
        evaluated,
        withoutPrediction: set.count - evaluated,
        foreign: predicted.foreign(),
      },
      ...alignmentSummary(alignment.table),
      registration: evaluated === 0 ? null : registrationOf(masks, params.maxShiftUm),
      withoutRow: named?.withoutRow ?? [],
    };
    tellAlignment(report, ctx);
    const patches = alignmentPatches(description, alignment.table, params.parity);
    return { report, patches };
  },
});

function registrationOf(masks: SlideMasks, maxShiftUm: number) {
  return { ...masks.register(maxShiftUm), maxShiftUm, umPerPx: masks.umPerPx };
}

function requireDescription(set: PatchSet, slide: string): PatchSetDescription {
  const { description, folder } = set;
  if (description?.slide === slide) return description;
  throw new SthelarError("IdMismatch", {
    action: `Cannot compare the patches "${folder}" with predictions`,
    found: description === undefined ? "no patches.json" : `patches of "${description.slide}"`,
    expected: `those of "${slide}"`,
    path: folder,
  });
}
