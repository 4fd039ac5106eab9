import { type Counts, countsShape, eachCount } from "./dense_counts.ts";
import type { DenseArray } from "@/core/arrays.ts";

/** Cells of a reference, summed up by type. */
export interface ClusterCounts {
  /** Sums of the cells' counts, `(n_present_types, n_genes)`. */
  readonly counts: DenseArray<Float64Array>;
  /** Type of each row: those that have cells. */
  readonly types: Int32Array;
  /** Share of the cells that each row sums up. */
  readonly density: Float64Array;
}

/**
 * Sums counts by type, as Tangram's mode `clusters` does (with `scale`, its default).
 *
 * @param counts `(n_cells, n_genes)`.
 * @param types Type of each cell, from 0 on.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { clusterCounts } from "@/numerics/tangram/mod.ts";
 *
 * const cells = { data: Float32Array.of(1, 0, 2, 3, 4, 0), shape: [3, 2] };
 * const { counts, types, density } = clusterCounts(cells, Int32Array.of(2, 0, 2), 3);
 * assertEquals([...counts.data], [2, 3, 5, 0]);
 * assertEquals([[...types], [...density]], [[0, 2], [1 / 3, 2 / 3]]);
 * ```
 */
export function clusterCounts(counts: Counts, types: Int32Array, typeCount: number): ClusterCounts {
  const [cells, genes] = countsShape(counts);
  const sizes = new Float64Array(typeCount);
  for (const type of types) sizes[type]++;
  const rowOf = new Int32Array(typeCount).fill(-1);
  const present: number[] = [];
  sizes.forEach((size, type) => {
    if (size > 0) rowOf[type] = present.push(type) - 1;
  });
  const data = new Float64Array(present.length * genes);
  eachCount(counts, (cell, gene, value) => data[rowOf[types[cell]] * genes + gene] += value);
  return {
    counts: { data, shape: [present.length, genes] },
    types: Int32Array.from(present),
    density: Float64Array.from(present, (type) => sizes[type] / cells),
  };
}
