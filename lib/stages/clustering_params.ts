import { numberListParam, numberParam } from "@/core/params.ts";

/**
 * Parameters of the stages that cluster, 2-03a and 2-05a. The defaults are those of most published
 * slides; where a slide of the catalogue was clustered otherwise, it is so here.
 */
export const clusteringParams = {
  minTranscripts: numberParam(10, "Nuclei or cells with no more than these are left out", {
    min: 0,
    integer: true,
    unit: "transcripts",
  }),
  components: numberParam(50, "Principal components that are computed", { min: 2, integer: true }),
  principalComponents: numberParam(16, "Principal components that neighbours are found by", {
    min: 1,
    integer: true,
  }),
  neighbours: numberParam(10, "Neighbours of each row, itself among them", {
    min: 2,
    integer: true,
  }),
  resolutions: numberListParam([0.2, 0.4, 0.6], "Resolutions of Leiden, a clustering each", {
    min: 0.001,
    max: 100,
  }),
  minDist: numberParam(0.5, "How close points of the UMAP may lie", { min: 0, max: 10 }),
};
