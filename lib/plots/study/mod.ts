/**
 * Figures over several slides.
 * @module
 */
export {
  agreementBySlide,
  type AgreementBySlideOptions,
  type SlideAgreement,
} from "./agreement_by_slide.ts";
export {
  type AlignedSlide,
  alignmentBySlide,
  type AlignmentBySlideOptions,
  type ScoreQuantiles,
} from "./alignment_by_slide.ts";
export { confusionHeatMap, type ConfusionHeatMapOptions } from "./confusion_heat_map.ts";
export {
  keptByThreshold,
  type KeptByThresholdOptions,
  type KeptCurve,
  type KeptShare,
} from "./kept_by_threshold.ts";
export { type FlowLink, labelFlow, type LabelFlowOptions } from "./label_flow.ts";
export { type LogBarsOptions, logStackedBars } from "./log_stacked_bars.ts";
export { pairedColours, sampledColours } from "./sampled_colours.ts";
export { predictedBy } from "./predicted_by.ts";
export { type ScorePair, scorePairs, type ScorePairsOptions } from "./score_pairs.ts";
export { type PieOptions, tissuePies } from "./tissue_pies.ts";
export { type StackedCount, type TwinBarsOptions, twinStackedBars } from "./twin_stacked_bars.ts";
