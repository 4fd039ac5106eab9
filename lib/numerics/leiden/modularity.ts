import type { LeidenGraph } from "./leiden_graph.ts";

/**
 * Modularity of a clustering, with Reichardt and Bornholdt's resolution, as igraph's: what `leiden` makes
 * large.
 *
 * @param clusters Cluster of each node.
 * @returns At most 1; 0 for a graph without edges.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { leidenGraph, modularity } from "@/numerics/leiden/mod.ts";
 *
 * const pair = leidenGraph({
 *   format: "csr",
 *   shape: [2, 2],
 *   data: Float32Array.of(1, 1),
 *   indices: Int32Array.of(1, 0),
 *   indptr: Int32Array.of(0, 1, 2),
 * });
 * assertEquals(modularity(pair, Int32Array.of(0, 0)), 0);
 * assertEquals(modularity(pair, Int32Array.of(0, 1)), -0.5);
 * ```
 */
export function modularity(graph: LeidenGraph, clusters: Int32Array, resolution = 1): number {
  const { nodes, starts, neighbours, weights, strengths, totalStrength } = graph;
  if (totalStrength === 0) return 0;
  const count = clusters.reduce((most, cluster) => Math.max(most, cluster + 1), 0);
  const clusterStrengths = new Float64Array(count);
  let inside = 0;
  for (let node = 0; node < nodes; node++) {
    clusterStrengths[clusters[node]] += strengths[node];
    for (let k = starts[node]; k < starts[node + 1]; k++) {
      if (clusters[neighbours[k]] === clusters[node]) inside += weights[k];
    }
  }
  const expected = clusterStrengths.reduce((sum, s) => sum + (s / totalStrength) ** 2, 0);
  return inside / totalStrength - resolution * expected;
}
