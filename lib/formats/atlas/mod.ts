/**
 * Single-cell atlases as references: h5ad of every version, Cell Ranger's HDF5 and MEX, the Curated
 * Cancer Cell Atlas. Opened without reading values; cells and genes are read as they are asked for.
 *
 * | format | told by | matrices | genes | labels |
 * |---|---|---|---|---|
 * | h5ad before 0.7 | `obs` is an array | X, `raw.X` | first field of `var` | records, `uns/x_categories` |
 * | h5ad 0.7 | `obs` is a group of version 0.1.0 | X, `raw/X`, layers | `_index` of `var` | `obs/__categories` |
 * | h5ad 0.8 on | `obs` is a group of version 0.2.0 | as above | as above | groups |
 * | Cell Ranger 2 | `<genome>/gene_names` | one, cells by rows | `genes`, `gene_names` | a csv beside |
 * | Cell Ranger 3 on | `matrix/features` | one, cells by rows | `id`, `name` | a csv beside |
 * | MEX | `matrix.mtx` | one, as text | `features.tsv` or `genes.tsv` | `cells.csv` |
 * | 3CA | `Exp_data_UMIcounts.mtx` | one, as text | `Genes.txt` | `Cells.csv` |
 * @module
 */
export type {
  Atlas,
  AtlasFormat,
  AtlasGenes,
  AtlasMatrix,
  MatrixLayout,
  ReadOptions,
} from "./atlas.ts";
export {
  checkCounts,
  type CountsCheck,
  describeCheck,
  findCounts,
  type FindCountsOptions,
  type FoundCounts,
  inspectValues,
  type ValueKind,
} from "./check_counts.ts";
export { findLabelKey } from "./label_key.ts";
export { matchGenes, type MatchKind, type SharedGenes } from "./match_genes.ts";
export { openAtlas } from "./open_atlas.ts";
export { readProfiles, type TypeProfiles } from "./profiles.ts";
