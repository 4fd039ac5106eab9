/**
 * Tangram: cells of a single-cell reference mapped to nuclei of a slide.
 * @module
 */
export { type ClusterCounts, clusterCounts } from "./cluster_counts.ts";
export { type Counts } from "./dense_counts.ts";
export { type HardLabels, hardLabels } from "./hard_labels.ts";
export { mapCells, type Mapping, type MappingOptions } from "./map_cells.ts";
export type { MappingProblem } from "./mapping_problem.ts";
export { estimateTangram, type TangramCost } from "./plan_slices.ts";
export type { Plateau } from "./plateau_watch.ts";
export type { TermWeights } from "./tangram_models.ts";
