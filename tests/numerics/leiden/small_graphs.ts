import type { SparseMatrix } from "@/core/sparse.ts";

/** An undirected edge and its weight. */
export type Edge = readonly [number, number, number];

/** The symmetric matrix of some edges. */
export function symmetricGraph(rows: number, edges: readonly Edge[]): SparseMatrix {
  return directedGraph(rows, edges.flatMap(([a, b, w]) => [[a, b, w], [b, a, w]] as const));
}

/** The matrix of edges in one direction. */
export function directedGraph(rows: number, edges: readonly Edge[]): SparseMatrix {
  const sorted = edges.toSorted(([a, b], [c, d]) => a - c || b - d);
  const indptr = new Int32Array(rows + 1);
  for (const [row] of sorted) indptr[row + 1]++;
  for (let row = 0; row < rows; row++) indptr[row + 1] += indptr[row];
  return {
    format: "csr",
    shape: [rows, rows],
    data: Float32Array.from(sorted, ([, , weight]) => weight),
    indices: Int32Array.from(sorted, ([, column]) => column),
    indptr,
  };
}

/** Every pair of some rows. */
export function clique(members: readonly number[], weight = 1): Edge[] {
  return members.flatMap((a, i) => members.slice(i + 1).map((b): Edge => [a, b, weight]));
}
