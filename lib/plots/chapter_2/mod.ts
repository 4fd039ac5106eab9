/**
 * The figures of chapter 2: the single-cell reference, labels of nuclei by Tangram.
 * @module
 */
export { geneOverlap, type GeneOverlapOptions } from "./gene_overlap.ts";
export {
  labelComposition,
  type LabelCompositionOptions,
  type TypeCount,
} from "./label_composition.ts";
export { labelMap, type LabelMapOptions } from "./label_map.ts";
export { refCellTypes, type RefCellTypesOptions, type ReferenceTypeBar } from "./ref_cell_types.ts";
export { type BagCurve, tangramLoss, type TangramLossOptions } from "./tangram_loss.ts";
export { truthConfusion, type TruthConfusionOptions } from "./truth_confusion.ts";
export {
  type NucleusPlaces,
  scoreMap,
  type ScoreMapOptions,
  type TypeScores,
  typeScores,
  type TypeScoresOptions,
} from "./type_scores.ts";
