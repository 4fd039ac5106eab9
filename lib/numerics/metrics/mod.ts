export { adjustedRandIndex, randIndexOf } from "./adjusted_rand_index.ts";
export {
  accuracy,
  balancedAccuracy,
  type ClassScores,
  classScores,
  cohensKappa,
  type Confusion,
  confusion,
} from "./confusion.ts";
export { type Contingency, contingencyOf } from "./contingency.ts";
export { etaSquared } from "./eta_squared.ts";
export { type Label, type Labels } from "./labels.ts";
export {
  mutualInformationOf,
  normalisedMutualInformation,
} from "./normalised_mutual_information.ts";
export { type Silhouette, silhouette, type SilhouetteOptions } from "./silhouette.ts";
export { trustworthiness, type TrustworthinessOptions } from "./trustworthiness.ts";
