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
export {
  type CombinedDecisions,
  type DraftCluster,
  draftCombinedDecisions,
  formatCombinedDecisions,
  parseCombinedDecisions,
} from "./combined_decisions.ts";
export {
  type CombinedEvidence,
  combinedEvidence,
  type CombinedFlag,
  type CombinedLabels,
  type LabelShare,
} from "./combined_evidence.ts";
export { combinedOverrides, proposeOverrides } from "./combined_overrides.ts";
export { draftDecisions, type DraftSource } from "./draft_decisions.ts";
export { type DecisionEdits, editDecisions } from "./edit_decisions.ts";
export {
  categoryOfCombination,
  type CombinationCategory,
  type Combinations,
  combinationsOf,
  type CountedCombination,
  type FinalLabels,
  finalLabels,
  type LabelColumns,
  type LabelCombination,
  type LabelledUnit,
  LESS10,
  NOT_CLUSTERED,
} from "./final_labels.ts";
export {
  categoryAgreement,
  type KnownCategories,
  type LabelAgreement,
  labelAgreement,
} from "./label_agreement.ts";
export type { MarkerScore } from "./marker_scores.ts";
export { type DecisionsProposal, proposeByOverlap } from "./propose_decisions.ts";
export { finalLabelOf, LABEL1, labelOfType, tissueOf, type TypeLabel } from "./reference_types.ts";
