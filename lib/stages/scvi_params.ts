import { numberParam, optionalNumberParam } from "@/core/params.ts";

/** Parameters of stage 2-06; the defaults are the original's, those of scvi-tools 1.2.0. */
export const scviParams = {
  minTranscripts: numberParam(10, "Cells with no more than these are left out", {
    min: 0,
    integer: true,
    unit: "transcripts",
  }),
  hidden: numberParam(128, "Units of the hidden layer of encoder and decoder", {
    min: 1,
    max: 4096,
    integer: true,
    unit: "units",
  }),
  latent: numberParam(10, "Dimensions of the latent space", {
    min: 2,
    max: 512,
    integer: true,
    unit: "dimensions",
  }),
  dropout: numberParam(0.1, "Share of the encoder's units that a step leaves out", {
    min: 0,
    max: 0.95,
  }),
  epochs: numberParam(100, "Passes over the training cells at most", {
    min: 1,
    integer: true,
    unit: "epochs",
  }),
  batchSize: numberParam(128, "Cells of a step", { min: 2, integer: true, unit: "cells" }),
  learningRate: numberParam(1e-4, "AdamW's first step size", { min: 1e-8, max: 1 }),
  weightDecay: numberParam(1e-6, "Share of its weights that AdamW takes off", { min: 0, max: 1 }),
  trainShare: numberParam(0.9, "Share of the cells that are trained on; the rest validates", {
    min: 0.5,
    max: 0.99,
  }),
  klWarmupEpochs: numberParam(400, "Epochs over which the divergence's weight rises to 1", {
    min: 1,
    integer: true,
    unit: "epochs",
  }),
  plateauPatience: numberParam(
    5,
    "Epochs without a lower validation ELBO before the step size falls",
    { min: 0, integer: true, unit: "epochs" },
  ),
  plateauFactor: numberParam(0.6, "What the step size is multiplied by then", {
    min: 0.01,
    max: 0.99,
  }),
  stopPatience: numberParam(
    10,
    "Epochs without a better validation reconstruction before training stops",
    { min: 1, integer: true, unit: "epochs" },
  ),
  stopMinDelta: numberParam(0.1, "By how much it must be better to count", { min: 0 }),
  neighbours: numberParam(15, "Neighbours of each cell in the latent space, itself among them", {
    min: 2,
    integer: true,
  }),
  minDist: numberParam(0.3, "How close points of the UMAP may lie", { min: 0, max: 3 }),
  resolution: optionalNumberParam(
    "Resolution of Leiden in the latent space; that of the cells' labels (2-05b) unless told",
    { min: 0.001, max: 100 },
  ),
};
