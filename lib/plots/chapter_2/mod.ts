/**
 * The figures of chapter 2: the single-cell reference, labels of nuclei by Tangram, clusters and
 * their markers, labels of nuclei and cells.
 * @module
 */
export {
  clusterCompositionFigure,
  type ClusterCompositionOptions,
  clusterSizesFigure,
  type ClusterSizesOptions,
} from "./cluster_composition_figure.ts";
export {
  clusterEvidenceFigure,
  type ClusterEvidenceOptions,
  type ClusterMarker,
  type RowPlaces,
} from "./cluster_evidence_figure.ts";
export {
  type CombinedClusterRow,
  combinedClustersFigure,
  type CombinedClustersOptions,
} from "./combined_clusters_figure.ts";
export { depthFigure, type DepthFigureOptions } from "./depth_figure.ts";
export {
  type ClusterExpression,
  dotPlotFigure,
  type DotPlotFigureOptions,
} from "./dot_plot_figure.ts";
export {
  type CategoryCounts,
  finalLabelShares,
  type FinalLabelSharesOptions,
} from "./final_label_shares.ts";
export { geneOverlap, type GeneOverlapOptions } from "./gene_overlap.ts";
export {
  labelComposition,
  type LabelCompositionOptions,
  type TypeCount,
} from "./label_composition.ts";
export { labelMap, type LabelMapOptions } from "./label_map.ts";
export { markerScoreFigure, type MarkerScoreOptions } from "./marker_score_figure.ts";
export { refCellTypes, type RefCellTypesOptions, type ReferenceTypeBar } from "./ref_cell_types.ts";
export { type ScreeBlock, screeFigure, type ScreeOptions } from "./scree_figure.ts";
export {
  type AgreementRow,
  scviAgreementFigure,
  type ScviAgreementOptions,
  type TruthRow,
} from "./scvi_agreement_figure.ts";
export { scviComposition, type ScviCompositionOptions } from "./scvi_composition.ts";
export {
  type LossCurves,
  scviLearningRate,
  type ScviLearningRateOptions,
  scviLosses,
  type ScviLossOptions,
} from "./scvi_losses.ts";
export { type BagCurve, tangramLoss, type TangramLossOptions } from "./tangram_loss.ts";
export {
  type LabelsAgainstTruth,
  threeLabelsFigure,
  type ThreeLabelsOptions,
} from "./three_labels_figure.ts";
export { truthConfusion, type TruthConfusionOptions } from "./truth_confusion.ts";
export {
  type NucleusPlaces,
  scoreMap,
  type ScoreMapOptions,
  type TypeScores,
  typeScores,
  type TypeScoresOptions,
} from "./type_scores.ts";
export {
  type CategoricalPanel,
  type ContinuousPanel,
  umapFigure,
  type UmapFigureOptions,
  type UmapPanel,
} from "./umap_figure.ts";
