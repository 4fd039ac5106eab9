import { optionalNumberParam } from "@/core/params.ts";

/** Parameters of the stages that label clusters, 2-03b and 2-05b. */
export const labellingParams = {
  resolution: optionalNumberParam(
    "Resolution of the clustering that the rule labels where nobody has decided; that nearest to 0.4 unless told",
    { min: 0.001, max: 100 },
  ),
};
