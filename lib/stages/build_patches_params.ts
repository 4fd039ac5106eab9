import { booleanParam, choiceParam, numberParam, type ParamValues } from "@/core/params.ts";
import {
  PARITY_MASKS,
  PATCH_OVERLAP_PX,
  PATCH_WIDTH_PX,
  type PatchMaskOptions,
} from "@/geometry/mod.ts";

/** What can be set of patches. */
export const buildPatchesParams = {
  patchWidth: numberParam(PATCH_WIDTH_PX, "Side of a patch", {
    min: 16,
    max: 4096,
    integer: true,
    unit: "px",
  }),
  overlap: numberParam(PATCH_OVERLAP_PX, "What neighbouring patches share", {
    min: 0,
    max: 4095,
    integer: true,
    unit: "px",
  }),
  level: numberParam(
    0,
    "Level of the H&E that is cut into patches: 0 is taken for 40x, 1 for 20x",
    { min: 0, max: 1, integer: true },
  ),
  images: choiceParam(
    ["png", "npy"],
    "How pictures are kept: a zip of one PNG a patch, or one array for NumPy, about twice as large",
  ),
  sampling: choiceParam(
    ["centre", "parity"],
    "Which pixels a polygon covers: those whose centre lies inside, or as scikit-image draws it",
  ),
  minNuclei: numberParam(1, "Patches with fewer nuclei are not kept", { min: 1, integer: true }),
  keepCovered: booleanParam(true, "Whether a patch is kept whose pixels all belong to cells"),
  cutNuclei: choiceParam(
    ["keep", "drop", "fraction"],
    "Nuclei that the patch's edge cuts: drawn as far as they reach in, left out, or drawn where " +
      "at least minFraction of their area lies inside",
  ),
  minFraction: numberParam(0.5, "Share of a cut nucleus that must lie inside, for fraction", {
    min: 0,
    max: 1,
  }),
  controls: numberParam(12, "Kept patches, drawn by chance, that are put aside to be looked at", {
    min: 0,
    max: 200,
    integer: true,
    unit: "patches",
  }),
  parity: booleanParam(
    false,
    "As published: masks as scikit-image draws them, patches that cells cover are not kept, cut " +
      'nuclei are, and the tissue is "Breast"; sampling, minNuclei, keepCovered and cutNuclei do ' +
      "not count then",
  ),
};

/** Values of the parameters. */
export type BuildPatchesParams = ParamValues<typeof buildPatchesParams>;

/** How masks are drawn. */
export function maskOptions(params: BuildPatchesParams): Required<PatchMaskOptions> {
  if (params.parity) return PARITY_MASKS;
  const { sampling, minNuclei, keepCovered, cutNuclei, minFraction } = params;
  return {
    ...{ sampling, minNuclei, keepCovered },
    cutNuclei: cutNuclei === "fraction" ? { minFraction } : cutNuclei,
  };
}
