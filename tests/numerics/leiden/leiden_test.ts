import { isSthelarError } from "@/core/errors.ts";
import { Random } from "@/core/random.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import { leiden, type LeidenGraph, leidenGraph, modularity } from "@/numerics/leiden/mod.ts";
import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import goldens from "../../fixtures/leiden/goldens.json" with { type: "json" };
import { clique, directedGraph, symmetricGraph } from "./small_graphs.ts";

const golden: SparseMatrix = {
  format: "csr",
  shape: [goldens.rows, goldens.rows],
  data: Float32Array.from(goldens.data),
  indices: Int32Array.from(goldens.indices),
  indptr: Int32Array.from(goldens.indptr),
};

const cluster = (graph: LeidenGraph, resolution: number, seed = 0) =>
  leiden(graph, { resolution, random: new Random(seed) });

/** Agreement of two clusterings, 1 for the same. */
function adjustedRand(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const pairs = (counts: Iterable<number>) =>
    [...counts].reduce((sum, count) => sum + count * (count - 1) / 2, 0);
  const tally = (keys: readonly number[]) => {
    const counts = new Map<number, number>();
    for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
    return counts.values();
  };
  const [left, right] = [Array.from(a), Array.from(b)];
  const both = pairs(tally(left.map((value, i) => value * 1e6 + right[i])));
  const [first, second] = [pairs(tally(left)), pairs(tally(right))];
  const expected = first * second / pairs([left.length]);
  return (both - expected) / ((first + second) / 2 - expected);
}

for (const { flavor, resolution, clusters, modularity: theirs } of goldens.clusterings) {
  Deno.test(`leiden() finds the clusters of scanpy with ${flavor} at ${resolution}`, async () => {
    const graph = leidenGraph(golden);
    const ours = await cluster(graph, resolution);
    assert(adjustedRand(ours, clusters) >= 0.99);
    assertAlmostEquals(modularity(graph, ours, resolution), theirs, 1e-3);
    assertAlmostEquals(modularity(graph, Int32Array.from(clusters), resolution), theirs, 1e-6);
  });
}

Deno.test("leiden() gives the same clusters for the same seed, side by side too", async () => {
  const graph = leidenGraph(golden);
  const [a, b, c] = await Promise.all([3, 3, 3].map((seed) => cluster(graph, 4, seed)));
  assertEquals(a, b);
  assertEquals(a, c);
});

Deno.test("leiden() doesn't change with the order of a row's neighbours", async () => {
  const reversed = { ...golden, data: golden.data.slice(), indices: golden.indices.slice() };
  for (let row = 0; row < goldens.rows; row++) {
    const [from, to] = [goldens.indptr[row], goldens.indptr[row + 1]];
    reversed.data.subarray(from, to).reverse();
    reversed.indices.subarray(from, to).reverse();
  }
  assertEquals(await cluster(leidenGraph(reversed), 1), await cluster(leidenGraph(golden), 1));
});

Deno.test("leiden() numbers clusters by size, then by their first member", async () => {
  const edges = [...clique([0, 7]), ...clique([1, 2, 3]), ...clique([4, 5, 6])];
  const clusters = await cluster(leidenGraph(symmetricGraph(8, edges)), 0.5);
  assertEquals([...clusters], [2, 0, 0, 0, 1, 1, 1, 2]);
});

Deno.test("leiden() keeps components apart, and rows without edges alone", async () => {
  const clusters = await cluster(leidenGraph(symmetricGraph(7, clique([1, 2, 4]))), 1);
  assertEquals([...clusters], [1, 0, 0, 2, 0, 3, 4]);
});

Deno.test("leiden() joins what is connected at resolution 0", async () => {
  const edges = [...clique([0, 1, 2]), ...clique([3, 4, 5]), [2, 3, 0.01] as const];
  assertEquals(
    [...await cluster(leidenGraph(symmetricGraph(6, edges)), 0)],
    [0, 0, 0, 0, 0, 0],
  );
});

Deno.test("leiden() takes graphs of no row, of one row and without edges", async () => {
  for (const rows of [0, 1, 3]) {
    const clusters = await cluster(leidenGraph(symmetricGraph(rows, [])), 1);
    assertEquals([...clusters], [0, 1, 2].slice(0, rows));
  }
});

Deno.test("leiden() reports its iterations, and leaves the graph as it was", async () => {
  const graph = leidenGraph(golden);
  const before = structuredClone([graph.weights, graph.neighbours, graph.strengths]);
  const seen: string[] = [];
  const progress = {
    update: (done: number, total: number, unit: string) => seen.push(`${done} of ${total} ${unit}`),
  };
  await leiden(graph, { resolution: 1, iterations: 3, random: new Random(1), progress });
  assertEquals(seen.at(-1), "3 of 3 iterations");
  assertEquals([graph.weights, graph.neighbours, graph.strengths], before);
});

Deno.test("leiden() stops at the signal", async () => {
  const graph = leidenGraph(golden);
  const controller = new AbortController();
  const run = leiden(graph, {
    resolution: 1,
    iterations: 100_000,
    random: new Random(1),
    signal: controller.signal,
  });
  setTimeout(() => controller.abort(), 50);
  const error = await assertRejects(() => run);
  assert(isSthelarError(error, "Aborted"));
  const again = leiden(graph, {
    resolution: 1,
    random: new Random(1),
    signal: controller.signal,
  });
  assert(isSthelarError(await assertRejects(() => again), "Aborted"));
});

Deno.test("leiden() refuses a resolution below 0 and a run of no iteration", async () => {
  const graph = leidenGraph(golden);
  for (
    const options of [{ resolution: -1 }, { resolution: NaN }, { resolution: 1, iterations: 0 }]
  ) {
    const error = await assertRejects(() => leiden(graph, { ...options, random: new Random(1) }));
    assert(isSthelarError(error, "InvalidArgument"));
  }
});

Deno.test("leidenGraph() leaves out the diagonal and zeros", () => {
  const graph = leidenGraph(
    directedGraph(3, [[0, 0, 5], [0, 1, 2], [1, 0, 2], [1, 2, 0], [2, 1, 0]]),
  );
  assertEquals([...graph.neighbours], [1, 0]);
  assertEquals([...graph.strengths], [2, 2, 0]);
  assertEquals(graph.totalStrength, 4);
});

Deno.test("leidenGraph() refuses weights that are no symmetric graph's", () => {
  const refused: readonly (readonly [SparseMatrix, string])[] = [
    [directedGraph(3, [[0, 1, 1]]), "in one direction only"],
    [directedGraph(3, [[0, 1, 1], [1, 2, 1]]), "in one direction only"],
    [directedGraph(3, [[0, 1, 1], [1, 2, 1], [2, 0, 1]]), "in one direction only"],
    [directedGraph(2, [[0, 1, 1], [1, 0, 1.01]]), "symmetric weights"],
    [directedGraph(2, [[0, 1, NaN], [1, 0, NaN]]), "weight NaN in row 0"],
    [symmetricGraph(2, [[0, 1, Infinity]]), "weight Infinity"],
    [symmetricGraph(2, [[0, 1, -1]]), "weight -1"],
    [symmetricGraph(2, [[0, 1, 1], [0, 1, 2]]), "two weights between rows 0 and 1"],
    [{ ...symmetricGraph(2, []), shape: [2, 3] }, "a matrix of 2 x 3"],
    [{ ...symmetricGraph(2, []), format: "csc" }, "a matrix by columns"],
    [{ ...symmetricGraph(2, [[0, 1, 1]]), indices: Int32Array.of(1, 2) }, "index 2"],
  ];
  for (const [matrix, words] of refused) {
    const error = assertThrows(() => leidenGraph(matrix)) as Error;
    assert(isSthelarError(error, "InvalidArgument"));
    assert(error.message.includes(words), error.message);
  }
});
