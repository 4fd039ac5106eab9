import type { Categorical } from "@/core/categorical.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import type { Clustering } from "@/labels/mod.ts";
import { takeRows } from "@/numerics/normalise/mod.ts";
import type { ClusteredTable } from "./clustering_input.ts";
import { rowsWhere } from "./rows_where.ts";

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
      rows = rowsWhere(codes.length, (row) => codes[row] >= 0);
    }
    clusterings.push({
      key: name,
      codes: rows.map((row) => codes[row]),
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
  const places = new Int32Array(indices.length);
  for (let edge = 0; edge < places.length; edge++) places[edge] = placeOf[Number(indices[edge])];
  return {
    ...graph,
    shape: [rows.length, rows.length],
    indices: places,
  };
}

/** A column of the rows that were clustered, as one of all rows: the others are missing. */
export function spreadColumn(column: Categorical, rows: Int32Array, total: number): Categorical {
  const codes = new Int32Array(total).fill(-1);
  rows.forEach((row, place) => codes[row] = column.codes[place]);
  return { ...column, codes };
}
