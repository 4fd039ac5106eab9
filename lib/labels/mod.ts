/**
 * What nuclei and cells are called: labels of reference types, marker genes, what speaks for a cluster
 * being one kind of cells, labels by rule, and what a person decided.
 * @module
 */
export {
  type AppliedDecisions,
  applyDecisions,
  neededSubclusters,
  type RefinedCluster,
} from "./apply_decisions.ts";
export { type AutomaticLabel, automaticLabels, type LabelCase } from "./automatic_labels.ts";
export { automaticResolution } from "./automatic_resolution.ts";
export {
  type ClusterDecisions,
  type ClusterLabels,
  formatClusterDecisions,
  parseClusterDecisions,
  type TableDecisions,
} from "./cluster_decisions.ts";
export {
  type ClusterEvidence,
  clusterEvidence,
  type EvidenceSources,
  type TangramShare,
} from "./cluster_evidence.ts";
export { clusteringStamp } from "./cluster_members.ts";
export {
  type Clustering,
  type ClusterStatistics,
  clusterStatistics,
} from "./cluster_statistics.ts";
export { draftDecisions, type DraftSource } from "./draft_decisions.ts";
export { type DecisionEdits, editDecisions } from "./edit_decisions.ts";
export { type KnownCategories, type LabelAgreement, labelAgreement } from "./label_agreement.ts";
export type { MarkerScore } from "./marker_scores.ts";
export { type DecisionsProposal, proposeByOverlap } from "./propose_decisions.ts";
export { finalLabelOf, LABEL1, labelOfType, tissueOf, type TypeLabel } from "./reference_types.ts";
