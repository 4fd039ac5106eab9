import type { Random } from "@/core/random.ts";
import type { Counts } from "./dense_counts.ts";

/** What is mapped to what. */
export interface MappingProblem {
  /** Counts of the reference, `(n_cells, n_genes)`; of clusters: their sums. */
  readonly cells: Counts;
  /** Counts of nuclei, `(n_nuclei, n_genes)`, the same genes. */
  readonly nuclei: Counts;
  /** Type of each row of `cells`, from 0 on. */
  readonly types: Int32Array;
  /** How many types there are. */
  readonly typeCount: number;
  /** Share of each nucleus in the map, sums to 1; without it the density is free. */
  readonly density?: ArrayLike<number>;
  /** Share of each row of `cells`, sums to 1 (`d_source`); equal unless told. */
  readonly sourceDensity?: ArrayLike<number>;
  /** The map before it is learned, `(n_cells, n_nuclei)`, or a source of normal numbers for it. */
  readonly start: Float32Array | Random;
}
