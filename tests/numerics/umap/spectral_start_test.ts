import { Random } from "@/core/random.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import { spectralStart } from "@/numerics/umap/spectral_start.ts";
import { prunedGraph } from "@/numerics/umap/weighted_graph.ts";
import { assertEquals } from "@std/assert";
import goldens from "../../fixtures/umap/goldens.json" with { type: "json" };
import { symmetricGraph } from "../leiden/small_graphs.ts";
import { assertAbove } from "./layout_quality.ts";

const start = (matrix: SparseMatrix) =>
  spectralStart(prunedGraph(matrix, 1e9), new Random(1), () => {});

function correlation(a: ArrayLike<number>, b: ArrayLike<number>, axis: number): number {
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = axis; i < a.length; i += 2) {
    ab += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  return ab / Math.sqrt(aa * bb);
}

Deno.test("spectralStart() finds the eigenvectors that umap-learn finds", () => {
  const layout = start({
    format: "csr",
    shape: [goldens.rows, goldens.rows],
    data: Float32Array.from(goldens.data),
    indices: Int32Array.from(goldens.indices),
    indptr: Int32Array.from(goldens.indptr),
  });
  for (const axis of [0, 1]) {
    assertAbove(Math.abs(correlation(layout, goldens.spectral, axis)), 0.999);
  }
});

Deno.test("spectralStart() lays a path out in its order", () => {
  const edges = Array.from({ length: 199 }, (_, row) => [row, row + 1, 1] as const);
  const layout = start(symmetricGraph(200, edges));
  // The ends have half the degree of the others, and the square root of it is in the eigenvector.
  const steps = Array.from({ length: 197 }, (_, i) => layout[2 * i + 4] - layout[2 * i + 2]);
  assertEquals(Math.abs(steps.reduce((sum, step) => sum + Math.sign(step), 0)), 197);
});
