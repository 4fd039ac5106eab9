import type { CountTally } from "./count_tally.ts";
import { methodShare, SEGMENTATION_METHODS, segmentationMethods } from "./segmentation_methods.ts";
import { PIXEL_UM, type SlidePlan } from "./slide_plan.ts";
import type { CellSizes } from "./write_cell_tables.ts";

/** Sums that the manifest and the metrics tell. */
export interface BundleSummary {
  readonly tally: CountTally;
  readonly sizes: CellSizes;
  /** Genes of good quality, cell by cell. */
  readonly transcriptCounts: Int32Array;
  /** Stored values of the count matrix. */
  readonly matrixEntries: number;
}

/** Area of the region, µm². */
export function regionAreaUm2({ width, height }: SlidePlan): number {
  return width * height * PIXEL_UM * PIXEL_UM;
}

/** Sum of areas; cells without one count nothing. */
export function sumOfAreas(values: Float64Array): number {
  return values.reduce((all, value) => Number.isNaN(value) ? all : all + value, 0);
}

/** The value in the middle, the mean of two for an even number of them. */
export function median(values: Int32Array): number {
  const sorted = values.slice().sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Share of cells by the way they were segmented, as the manifest and the metrics name them. */
export function segmentationShares(plan: SlidePlan, { sizes }: BundleSummary) {
  const methods = segmentationMethods(plan, sizes.nucleusCount);
  const { boundary, interior, expansion, imported } = SEGMENTATION_METHODS;
  const share = (name: string) => methodShare(methods, name);
  return {
    segmented_cell_stain_frac: share(boundary) + share(interior),
    segmented_cell_boundary_frac: share(boundary),
    segmented_cell_interior_frac: share(interior),
    segmented_cell_nuc_expansion_frac: share(expansion),
    imported_cell_frac: share(imported),
  };
}
