import { booleanParam, choiceParam, numberParam, type ParamValues } from "@/core/params.ts";

/** What can be set of predictions and their comparison with the masks. */
export const predictAndAlignParams = {
  source: choiceParam(
    ["auto", "baseline", "published"],
    "Who finds nuclei on the H&E: the predictions that are given (--predictions), else the baseline, " +
      "which is no trained network; or one of them",
  ),
  magnification: choiceParam(
    ["auto", "40", "20"],
    "Magnification of the patches, as the level that they were cut from if auto: nuclei are paired " +
      "within 12 px at 40, within 6 px at 20",
  ),
  blockPatches: numberParam(
    32,
    "Patches that are kept together: a run that was interrupted goes on after the last of such blocks",
    { min: 1, max: 4096, integer: true, unit: "patches" },
  ),
  thresholdPatches: numberParam(
    256,
    "Patches, drawn by chance, that the baseline's threshold of the slide is found on",
    { min: 1, integer: true, unit: "patches" },
  ),
  maxShiftUm: numberParam(
    20,
    "Largest shift between H&E and RNA that is looked for, along each axis",
    { min: 1, max: 200, unit: "um" },
  ),
  parity: booleanParam(
    false,
    'As published: -1 in "he_patches" where there is no value, the tissue "Breast", and metrics of types ' +
      "though all nuclei of the masks are of one",
  ),
};

/** Values of the parameters. */
export type PredictAndAlignParams = ParamValues<typeof predictAndAlignParams>;
