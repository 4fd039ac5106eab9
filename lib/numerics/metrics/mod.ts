export { adjustedRandIndex } from "./adjusted_rand_index.ts";
export {
  accuracy,
  balancedAccuracy,
  type ClassScores,
  classScores,
  type Confusion,
  confusion,
} from "./confusion.ts";
export { type Label, type Labels } from "./labels.ts";
export { normalisedMutualInformation } from "./normalised_mutual_information.ts";
export { type Silhouette, silhouette, type SilhouetteOptions } from "./silhouette.ts";
export { trustworthiness, type TrustworthinessOptions } from "./trustworthiness.ts";
