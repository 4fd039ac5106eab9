import type { Categorical } from "@/core/categorical.ts";

/**
 * The table of cells, in the order of the file, which is that of the count matrix.
 *
 * | column | analysis |
 * |---|---|
 * | `genomic_control_counts` | 3.0 on |
 * | `unassigned_codeword_counts`, `deprecated_codeword_counts` | late 1.x on |
 * | `nucleus_count` | 2.0 on |
 * | `segmentation_method` | 2.0 with the kit, 3.0 on |
 */
export interface XeniumCells {
  /** One id a cell, distinct. */
  readonly cellIds: readonly string[];
  /** X of the centroids in µm. */
  readonly xUm: Float64Array;
  /** Y of the centroids in µm. */
  readonly yUm: Float64Array;
  /** Each column `*_counts` of the file, in order; none if there is only `cells.zarr.zip`. */
  readonly counts: ReadonlyMap<string, Int32Array>;
  /** Area in µm², NaN where the file has none. */
  readonly cellAreaUm2: Float64Array;
  /** Area of the nuclei in µm², NaN for a cell without nucleus. */
  readonly nucleusAreaUm2: Float64Array;
  /** Nuclei of each cell, if the version counts them. */
  readonly nucleusCount: Int32Array | undefined;
  /** How each cell was segmented, if the version says so. */
  readonly segmentationMethod: Categorical | undefined;
}
