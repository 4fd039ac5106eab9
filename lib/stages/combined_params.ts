import { numberListParam, numberParam, optionalNumberParam } from "@/core/params.ts";

/** Parameters of stage 2-10; where a published slide was combined otherwise and it is known, it is so here. */
export const combinedParams = {
  minTranscripts: numberParam(10, "Cells with no more than these are left out", {
    min: 0,
    integer: true,
    unit: "transcripts",
  }),
  components: numberParam(50, "Principal components of nuclei, of cytoplasm, and of both", {
    min: 2,
    integer: true,
  }),
  nucleusComponents: optionalNumberParam(
    "Components of nuclei that are kept; those above the scree unless told",
    { min: 1, integer: true },
  ),
  cytoplasmComponents: optionalNumberParam(
    "Components of cytoplasm that are kept; those above the scree unless told",
    { min: 1, integer: true },
  ),
  principalComponents: optionalNumberParam(
    "Combined components that neighbours are found by; all unless told",
    { min: 1, integer: true },
  ),
  neighbours: numberParam(10, "Neighbours of each cell, itself among them", {
    min: 2,
    integer: true,
  }),
  resolutions: numberListParam([0.4, 0.6], "Resolutions of Leiden, a clustering each", {
    min: 0.001,
    max: 100,
  }),
  resolution: optionalNumberParam(
    "Resolution of the clustering that is labelled where nobody has decided; that nearest to 0.6 unless told",
    { min: 0.001, max: 100 },
  ),
  minDist: numberParam(0.5, "How close points of the UMAP may lie", { min: 0, max: 10 }),
  flagAbove: numberParam(
    40,
    "Clusters are flagged with more cells whose nucleus is known and of another category",
    { min: 0, max: 100, unit: "%" },
  ),
};
