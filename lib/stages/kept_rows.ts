import type { Categorical } from "@/core/categorical.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import type { Clustering } from "@/labels/mod.ts";
import { takeRows } from "@/numerics/normalise/mod.ts";
import type { ClusteredTable } from "./clustering_input.ts";

/** The rows of a table that were clustered. */
export interface KeptRows {
  /** Which rows, rising. */
  readonly rows: Int32Array;
  /** Their clusterings. */
  readonly clusterings: readonly Clustering[];
}

/** Reads which rows of a table were clustered, and how. */
export async function keptRows(clustered: ClusteredTable): Promise<KeptRows> {
  let rows = new Int32Array(0);
  const clusterings: Clustering[] = [];
  for (const { name } of clustered.report.clusterings) {
    const { codes, levels } = await clustered.clusters(name);
    if (clusterings.length === 0) {
      rows = Int32Array.from(codes.keys()).filter((row) => codes[row] >= 0);
    }
    clusterings.push({
      key: name,
      codes: Int32Array.from(rows, (row) => codes[row]),
      count: levels.length,
    });
  }
  return { rows, clusterings };
}

/** The graph between rows that were clustered; those that were not have no edges. */
export function keptGraph(connectivities: SparseMatrix, rows: Int32Array): SparseMatrix {
  const placeOf = new Int32Array(connectivities.shape[0]).fill(-1);
  rows.forEach((row, place) => placeOf[row] = place);
  const { indices, ...graph } = takeRows(connectivities, rows);
  return {
    ...graph,
    shape: [rows.length, rows.length],
    indices: Int32Array.from(indices as Int32Array, (row) => placeOf[row]),
  };
}

/** A column of the rows that were clustered, as one of all rows: the others are missing. */
export function spreadColumn(column: Categorical, rows: Int32Array, total: number): Categorical {
  const codes = new Int32Array(total).fill(-1);
  rows.forEach((row, place) => codes[row] = column.codes[place]);
  return { ...column, codes };
}
