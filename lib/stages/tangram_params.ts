import {
  booleanParam,
  choiceParam,
  numberParam,
  optionalNumberParam,
  optionalTextParam,
} from "@/core/params.ts";
import { PLATEAU_WINDOW } from "./map_bags.ts";

/** Parameters of stage 2-02; the defaults are the original's. */
export const tangramParams = {
  labelKey: optionalTextParam(
    "Column of the reference that holds the types; found by its name unless told",
  ),
  matrix: optionalTextParam(
    "Matrix of the reference that holds counts; found by its values unless told",
  ),
  anyValues: booleanParam(
    false,
    "Take values that are no counts, as the original does without looking",
  ),
  referenceCells: numberParam(10_000, "Cells of the reference that are mapped at most", {
    min: 1,
    integer: true,
    unit: "cells",
  }),
  sampling: choiceParam(
    ["uniform", "stratified"],
    "How they are chosen: uniform as the original, where rare types may vanish, or by type",
  ),
  bagSize: numberParam(10_000, "Nuclei that are mapped together at most", {
    min: 1,
    integer: true,
    unit: "nuclei",
  }),
  mode: choiceParam(["cells", "clusters"], "Map single cells, or the sum of each type"),
  epochs: numberParam(1000, "Steps of Adam a bag", { min: 1, integer: true, unit: "epochs" }),
  learningRate: numberParam(0.1, "Adam's step", { min: 1e-6, max: 10 }),
  plateau: optionalNumberParam(
    `Stop a bag once ${PLATEAU_WINDOW} epochs lower the loss by less than this share of its fall`,
    { min: 0, max: 1 },
  ),
  blockRows: optionalNumberParam(
    "Rows of the map that are computed at a time; by size unless told",
    {
      min: 1,
      integer: true,
      unit: "cells",
    },
  ),
  provider: choiceParam(
    ["cpu", "cuda", "webgpu", "tensorrt", "coreml", "dml"],
    "What computes, where onnxruntime has it",
  ),
};
