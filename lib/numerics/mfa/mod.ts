/**
 * Two measurements of the same cells in one space, after multiple factor analysis.
 * @module
 */
export { type BlockPca, blockPca, type BlockPcaOptions, type ScoreBlock } from "./block_pca.ts";
export { type Cytoplasm, cytoplasmCounts } from "./cytoplasm_counts.ts";
export { kneeOf } from "./knee_of.ts";
