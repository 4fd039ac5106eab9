import { choiceParam, numberListParam, numberParam, type Param } from "@/core/params.ts";
import { scviParams } from "@/stages/scvi_params.ts";

/** The published count of slides in which a gene may sum to zero: fewer than 10 of 27. */
const PUBLISHED_ZERO_SHARE = 10 / 27;

/** Tissues that the published model leaves out: their cells are hardly like those of others. */
const PUBLISHED_WITHOUT = "brain,bone,bone_marrow";

const tissuesParam: Param<string> = {
  default: PUBLISHED_WITHOUT,
  doc: "Tissues that are left out",
  allowed: "tissues with commas between, or none",
  parse(given) {
    if (typeof given !== "string") return null;
    const tissues = given.split(",").map((tissue) => tissue.trim());
    return tissues.every((tissue) => /^[A-Za-z0-9_-]+$/.test(tissue)) ? tissues.join(",") : null;
  },
};

const { minTranscripts, hidden, latent, dropout, epochs, batchSize, learningRate } = scviParams;
const { weightDecay, trainShare, klWarmupEpochs, plateauPatience, plateauFactor } = scviParams;
const { stopPatience, stopMinDelta } = scviParams;

/** Parameters of the model of all slides; those of training are the stage's (2-06). */
export const allSlidesParams = {
  scvi: choiceParam(["on", "off"], "Whether the model is trained: it takes long"),
  without: tissuesParam,
  zeroShare: numberParam(
    PUBLISHED_ZERO_SHARE,
    "Genes that sum to zero in this share of the slides, or more, are dropped (10 of 27 published)",
    { min: 0.001, max: 1 },
  ),
  ...{ minTranscripts, hidden, latent, dropout, epochs, batchSize, learningRate, weightDecay },
  ...{ trainShare, klWarmupEpochs, plateauPatience, plateauFactor, stopPatience, stopMinDelta },
  neighbours: numberParam(10, "Neighbours of each cell in the latent space, itself among them", {
    min: 2,
    integer: true,
  }),
  minDist: numberParam(0.5, "How close points of the UMAP may lie", { min: 0, max: 3 }),
  resolutions: numberListParam([0.4, 0.6], "Resolutions of Leiden in the latent space", {
    min: 0.001,
    max: 100,
  }),
};

/** The tissues that are left out. */
export function leftOut(without: string): ReadonlySet<string> {
  return new Set(without === "none" ? [] : without.split(","));
}
