import { SthelarError } from "@/core/errors.ts";
import { defineStage } from "@/core/stage.ts";
import { patchesOutput } from "@/formats/patches/mod.ts";
import { imageInput, reportOutput, shapesInput } from "@/formats/spatialdata/stage_elements.ts";
import {
  type MaskShapes,
  type PatchGrid,
  patchGrid,
  patchMasks,
  prepareMaskShapes,
} from "@/geometry/mod.ts";
import { PatchCrops } from "@/vision/patch_crops.ts";
import { buildPatchesParams, maskOptions } from "./build_patches_params.ts";
import type { BuildPatchesReport } from "./build_patches_report.ts";
import {
  extentOf,
  levelToGlobal,
  patchShapes,
  shareOnImage,
  umPerPixelOf,
} from "./patch_shapes.ts";
import { PARITY_TISSUE, patchTissue } from "./patch_tissue.ts";
import { faultsOf, tellFaults } from "./patch_faults.ts";
import { writePatches } from "./write_patches.ts";

export type { BuildPatchesReport } from "./build_patches_report.ts";

/** Least share of the nuclei that must lie on the H&E. */
const MIN_ON_IMAGE = 0.1;
const USUAL_ON_IMAGE = 0.8;

const outputs = {
  patches: patchesOutput("xenium"),
  report: reportOutput<BuildPatchesReport>("build_patches"),
};

/**
 * 3-1: the H&E in overlapping squares, with masks of the nuclei and cells of the Xenium segmentation.
 * Original: `_3-1_build_patches_check_align.py`.
 *
 * The element `he_patches` is written by 3-03, its last column being that stage's: the grid is kept here
 * with what became of each patch.
 */
export const buildPatches = defineStage({
  id: "3-01",
  name: "build_patches",
  version: 1,
  doc: "Patches of the H&E with the masks of their nuclei and cells.",
  inputs: {
    he: { ...imageInput("he"), doc: "H&E image (--he)" },
    nuclei: shapesInput("nucleus_boundaries"),
    cells: shapesInput("cell_boundaries"),
  },
  outputs,
  params: buildPatchesParams,
  budget: ({ cells, morphologyPixels }) => ({
    memoryBytes: 900e6 + 3000 * cells,
    seconds: 3 + cells / 5000 + morphologyPixels / 8e6,
  }),
  async run({ he, nuclei, cells }, params, ctx) {
    const level = requireLevel(he.levels.length, params.level, he.name);
    const [, height, width] = he.levels[level].shape;
    const { patchWidth, overlap } = params;
    requireRoom(width, height, patchWidth, level);
    const grid = patchGrid(width, height, { patchWidth, overlap });
    const pxToGlobal = levelToGlobal(he, level);
    const joined = patchShapes(nuclei, cells, pxToGlobal);
    const onImage = requireOnImage(joined.shapes, grid, ctx.warn);
    const { shapes, repaired, invalid } = await prepareMaskShapes(joined.shapes);
    const umPerPixel = umPerPixelOf(nuclei, pxToGlobal);
    const rules = maskOptions(params);
    const { threads } = ctx.limits;
    const writer = await ctx.out.patches.create({
      description: {
        ...{ format: 1, slide: ctx.slide.id, image: { level, width, height } },
        ...{ patchWidth, overlap, umPerPixel, toGlobal: pxToGlobal.coefficients },
        ...{ sampling: rules.sampling, cellNumbers: joined.cellNumbers },
      },
      grid,
      tissue: params.parity ? PARITY_TISSUE : patchTissue(ctx.slide.id),
      images: params.images,
      threads,
      controls: { count: params.controls, random: ctx.random },
      scratch: ctx.scratch,
    });
    const { progress, signal } = ctx;
    const masks = patchMasks(shapes, grid, { ...rules, workers: threads, progress, signal });
    const found = await writePatches(masks, grid, {
      ...{ writer, shapes },
      crops: new PatchCrops(he, level, patchWidth),
    });
    const faults = { repaired: faultsOf(repaired, joined), invalid: faultsOf(invalid, joined) };
    tellFaults(joined, faults, writer.kept, ctx.warn);
    return {
      report: {
        image: { level, width, height, umPerPixel },
        grid: { patchWidth, overlap, columns: grid.columns, rows: grid.rows, count: grid.count },
        patches: writer.outcomes,
        sampling: rules.sampling,
        nuclei: { total: joined.ids.length, ...found.nuclei, onImage },
        leftOut: found.leftOut,
        cellNumbers: joined.cellNumbers,
        withoutCell: joined.withoutCell,
        cellsWithoutNucleus: joined.cellsWithoutNucleus,
        ...faults,
      },
    };
  },
});

type Warn = (message: string) => void;

function requireLevel(levels: number, level: number, name: string): number {
  if (level < levels) return level;
  throw new SthelarError("InvalidArgument", {
    action: `Cannot cut level ${level} of "${name}" into patches`,
    found: `${levels} level${levels === 1 ? "" : "s"}`,
    remedy: "cut level 0: --param 3-01.level=0",
  });
}

function requireRoom(width: number, height: number, patchWidth: number, level: number): void {
  if (width >= patchWidth && height >= patchWidth) return;
  throw new SthelarError("InvalidArgument", {
    action: "Cannot cut the H&E into patches",
    found: `${width} x ${height} px at level ${level}`,
    expected: `at least ${patchWidth} x ${patchWidth} px`,
    remedy: "set smaller patches: --param 3-01.patchWidth=PX",
  });
}

function requireOnImage({ nuclei }: MaskShapes, grid: PatchGrid, warn: Warn): number {
  const { imageWidth, imageHeight } = grid;
  const share = shareOnImage(nuclei, imageWidth, imageHeight);
  const percent = `${(share * 100).toFixed(share < MIN_ON_IMAGE ? 1 : 0)} % of the nuclei`;
  if (share < MIN_ON_IMAGE) {
    const [x0, y0, x1, y1] = extentOf(nuclei).map((px) => Math.round(px));
    throw new SthelarError("CorruptData", {
      action: "Cannot draw nuclei on the H&E",
      found: `${percent} on it: they lie at x ${x0} to ${x1} and y ${y0} to ${y1} px`,
      expected: `at least ${MIN_ON_IMAGE * 100} % within ${imageWidth} x ${imageHeight} px`,
      remedy: "check that the alignment was made for this H&E in its full resolution",
    });
  }
  if (share < USUAL_ON_IMAGE) warn(`only ${percent} lie on the H&E`);
  return share;
}
