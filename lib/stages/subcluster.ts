import type { SparseMatrix } from "@/core/sparse.ts";
import type { Clustering } from "@/labels/mod.ts";
import { leiden, leidenGraph, type LeidenOptions } from "@/numerics/leiden/mod.ts";
import { rowsWhere } from "./rows_where.ts";

/**
 * Clusters the rows of one cluster again, by the graph of all: edges to other clusters are cut.
 *
 * @param connectivities Weights of the graph, `(n_rows, n_rows)`, CSR.
 * @param within The clustering that holds the cluster.
 * @param cluster Its number.
 * @param key Name of the result.
 * @returns A clustering of all rows; those of other clusters are in its cluster 0.
 */
export async function subcluster(
  connectivities: SparseMatrix,
  within: Clustering,
  cluster: number,
  key: string,
  options: LeidenOptions,
): Promise<Clustering> {
  const rows = rowsWhere(within.codes.length, (row) => within.codes[row] === cluster);
  const codes = new Int32Array(within.codes.length);
  if (rows.length === 0) return { key, codes, count: 1 };
  const found = await leiden(leidenGraph(induced(connectivities, rows)), options);
  rows.forEach((row, i) => codes[row] = found[i]);
  return { key, codes, count: found.reduce((most, code) => Math.max(most, code), 0) + 1 };
}

/** The graph between these rows, in their order. */
function induced({ data, indices, indptr }: SparseMatrix, rows: Int32Array): SparseMatrix {
  const placeOf = new Int32Array(indptr.length - 1).fill(-1);
  rows.forEach((row, place) => placeOf[row] = place);
  const starts = new Int32Array(rows.length + 1);
  rows.forEach((row, place) => {
    starts[place + 1] = starts[place];
    for (let k = Number(indptr[row]); k < Number(indptr[row + 1]); k++) {
      if (placeOf[Number(indices[k])] >= 0) starts[place + 1]++;
    }
  });
  const columns = new Int32Array(starts[rows.length]), values = new Float32Array(columns.length);
  let edge = 0;
  for (const row of rows) {
    for (let k = Number(indptr[row]); k < Number(indptr[row + 1]); k++) {
      const column = placeOf[Number(indices[k])];
      if (column < 0) continue;
      columns[edge] = column;
      values[edge++] = Number(data[k]);
    }
  }
  const shape = [rows.length, rows.length] as const;
  return { format: "csr", shape, data: values, indices: columns, indptr: starts };
}
