import { isSthelarError } from "@/core/errors.ts";
import { Random } from "@/core/random.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import { umap, type UmapOptions } from "@/numerics/umap/mod.ts";
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import goldens from "../../fixtures/umap/goldens.json" with { type: "json" };
import { clique, directedGraph, symmetricGraph } from "../leiden/small_graphs.ts";
import { assertAbove, silhouette, trustworthiness } from "./layout_quality.ts";

const { rows, columns } = goldens;
const points = { data: goldens.points, columns };
const golden: SparseMatrix = {
  format: "csr",
  shape: [rows, rows],
  data: Float32Array.from(goldens.data),
  indices: Int32Array.from(goldens.indices),
  indptr: Int32Array.from(goldens.indptr),
};

const layOut = (graph: SparseMatrix, seed = 0, options: Partial<UmapOptions> = {}) =>
  umap(graph, { start: "spectral", random: new Random(seed), ...options });

/** The worst that umap-learn did with five seeds. */
const worst = (key: "trustworthiness" | "silhouette") =>
  Math.min(...goldens.layouts.map((quality) => quality[key]));

const starts: readonly (readonly [string, UmapOptions["start"]])[] = [
  ["a spectral start", "spectral"],
  ["given points", { data: Float32Array.from(goldens.points), shape: [rows, columns] }],
];
for (const [name, start] of starts) {
  Deno.test(`umap() from ${name} is as trustworthy as umap-learn, with clusters as apart`, async () => {
    const { data, shape } = await layOut(golden, 0, { start });
    assertEquals(shape, [rows, 2]);
    const layout = { data, columns: 2 };
    assertAbove(trustworthiness(points, layout, 15), worst("trustworthiness") - 0.01);
    assertAbove(silhouette(layout, goldens.blobs), worst("silhouette") - 0.05);
  });
}

Deno.test("umap() gives the same layout for the same seed, another for another", async () => {
  const epochs = 20;
  const [a, b, c] = await Promise.all([7, 7, 8].map((seed) => layOut(golden, seed, { epochs })));
  assertEquals(a, b);
  assertNotEquals(a, c);
});

Deno.test("umap() puts points closer together for a smaller minDist", async () => {
  const epochs = 100;
  const meanEdge = async (minDist: number) => {
    const { data } = await layOut(golden, 0, { minDist, epochs });
    let sum = 0;
    for (let row = 0; row < rows; row++) {
      for (let k = goldens.indptr[row]; k < goldens.indptr[row + 1]; k++) {
        const other = goldens.indices[k];
        sum += Math.hypot(
          data[2 * row] - data[2 * other],
          data[2 * row + 1] - data[2 * other + 1],
        );
      }
    }
    return sum / goldens.indices.length;
  };
  assertAbove(await meanEdge(0.9), 1.2 * await meanEdge(0.05));
});

Deno.test("umap() lays out 0 to 15 rows: rings, pairs, a star, no edges", async () => {
  for (const count of [0, 1, 2, 3, 4, 5, 8, 15]) {
    const all = Array.from({ length: count }, (_, row) => row);
    const ring = count > 2 ? all.map((row) => [row, (row + 1) % count, 1] as const) : [];
    const star = all.slice(1).map((row) => [0, row, 0.5] as const);
    for (const edges of [ring, star, clique(all), []]) {
      const { data, shape } = await layOut(symmetricGraph(count, edges), 1, { epochs: 30 });
      assertEquals(shape, [count, 2]);
      assert(data.every(Number.isFinite), `${count} rows, ${edges.length} edges: ${data}`);
    }
  }
});

for (const parts of [2, 3, 7]) {
  Deno.test(`umap() keeps ${parts} components apart, and a row without edges finite`, async () => {
    const size = 12;
    const labels = Array.from({ length: parts * size }, (_, row) => row % parts);
    const edges = Array.from(
      { length: parts },
      (_, part) => clique([...labels.keys()].filter((row) => labels[row] === part)),
    ).flat();
    const { data } = await layOut(symmetricGraph(labels.length + 1, edges), 2);
    assert(data.every(Number.isFinite));
    const layout = { data: data.subarray(0, 2 * labels.length), columns: 2 };
    assertAbove(silhouette(layout, labels), 0.5);
  });
}

Deno.test("umap() takes a start whose points are in one place", async () => {
  const start = { data: new Float32Array(3 * rows).fill(2), shape: [rows, 3] };
  const { data } = await layOut(golden, 0, { start, epochs: 50 });
  assert(data.every(Number.isFinite));
  assertAbove(trustworthiness(points, { data, columns: 2 }, 15), 0.75);
});

Deno.test("umap() reports its epochs and leaves its input as it was", async () => {
  const before = structuredClone(golden);
  const seen: string[] = [];
  const progress = {
    update: (done: number, total: number, unit: string) => seen.push(`${done} of ${total} ${unit}`),
  };
  await layOut(golden, 0, { epochs: 12, progress });
  assertEquals(seen.at(-1), "12 of 12 epochs");
  assertEquals(golden, before);
});

Deno.test("umap() stops at the signal", async () => {
  const controller = new AbortController();
  const run = layOut(golden, 0, { epochs: 1_000_000, signal: controller.signal });
  setTimeout(() => controller.abort(), 50);
  assert(isSthelarError(await assertRejects(() => run), "Aborted"));
});

Deno.test("umap() refuses graphs, starts and options that cannot be right", async () => {
  const pair = symmetricGraph(2, [[0, 1, 1]]);
  const flat = (shape: number[], value = 0) => ({
    data: new Float32Array(shape[0] * shape[1]).fill(value),
    shape,
  });
  const refused: readonly (readonly [SparseMatrix, Partial<UmapOptions>, string])[] = [
    [directedGraph(3, [[0, 1, 1], [1, 2, 1], [2, 0, 1]]), {}, "symmetric weights"],
    [directedGraph(2, [[0, 1, 1], [1, 0, 0.9]]), {}, "symmetric weights"],
    [symmetricGraph(2, [[0, 1, NaN]]), {}, "weight NaN in row 0"],
    [symmetricGraph(2, [[0, 1, -1]]), {}, "weight -1"],
    [{ ...pair, shape: [2, 3] }, {}, "2 x 3"],
    [{ ...pair, indptr: Int32Array.of(0, 1, 3) }, {}, "indptr that ends at 3"],
    [pair, { start: flat([3, 2]) }, "a start of shape [3,2]"],
    [pair, { start: flat([2, 1]) }, "a start of shape [2,1]"],
    [pair, { start: flat([2, 2], NaN) }, "NaN in row 0"],
    [pair, { minDist: -1 }, "minDist -1"],
    [pair, { minDist: 4 }, "minDist 4"],
    [pair, { spread: 0 }, "spread 0"],
    [pair, { epochs: 0 }, "0 epochs"],
  ];
  for (const [graph, options, words] of refused) {
    const error = await assertRejects(() => layOut(graph, 0, options)) as Error;
    assert(isSthelarError(error, "InvalidArgument"));
    assert(error.message.includes(words), error.message);
  }
});
