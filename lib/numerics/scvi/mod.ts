export { type CountSource, sparseCounts } from "./count_source.ts";
export type { ScviHistory, ScviLosses } from "./scvi_history.ts";
export { type LatentOptions, scviLatent } from "./scvi_latent.ts";
export { scviMetadata, type ScviModel, scviModelOf } from "./scvi_model.ts";
export { SCVI_DEFAULTS, type ScviSettings } from "./scvi_settings.ts";
export { type ScviOptions, type ScviSamples, trainScvi } from "./train_scvi.ts";
