import { assert, assertEquals } from "@std/assert";
import { Random } from "@/core/random.ts";
import { sparseFault } from "@/core/sparse.ts";
import { fuzzyGraph, nearestNeighbours } from "@/numerics/neighbours/mod.ts";
import goldens from "../../fixtures/neighbours/goldens.json" with { type: "json" };
import { randomPoints } from "./random_points.ts";

function largestRelative(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.max(
    ...Array.from(a, (value, i) => Math.abs(value - b[i]) / Math.max(Math.abs(b[i]), 1e-30)),
  );
}

for (const golden of goldens.cases) {
  Deno.test(`fuzzyGraph() is what scanpy ${goldens.scanpy} stores: ${golden.name}`, async () => {
    const points = { data: Float32Array.from(golden.points), shape: golden.shape };
    const { neighbours, components } = golden;
    const nearest = await nearestNeighbours(points, {
      ...{ neighbours, components, random: new Random(1) },
    });
    const { connectivities, distances } = fuzzyGraph(nearest);
    assertEquals([...distances.indptr], golden.distances.indptr);
    assertEquals([...distances.indices], golden.distances.indices);
    assert(largestRelative(distances.data, golden.distances.data) < 1e-5);
    assertEquals([...connectivities.indptr], golden.connectivities.indptr);
    assertEquals([...connectivities.indices], golden.connectivities.indices);
    const error = largestRelative(connectivities.data, golden.connectivities.data);
    assert(error < 1e-4, String(error));
  });
}

Deno.test("fuzzyGraph() makes connectivities that are symmetric and in (0, 1]", async () => {
  const points = randomPoints(2000, 6);
  const { connectivities } = fuzzyGraph(
    await nearestNeighbours(points, { neighbours: 12, random: new Random(1) }),
  );
  assertEquals(sparseFault(connectivities), undefined);
  const { data, indices, indptr, shape: [rows] } = connectivities;
  const at = new Map<number, number>();
  for (let row = 0; row < rows; row++) {
    for (let k = indptr[row]; k < indptr[row + 1]; k++) {
      assert(data[k] > 0 && data[k] <= 1);
      assert(k === indptr[row] || indices[k] > indices[k - 1]);
      assert(indices[k] !== row);
      at.set(row * rows + indices[k], data[k]);
    }
  }
  for (const [place, value] of at) {
    assertEquals(at.get(place % rows * rows + Math.floor(place / rows)), value);
  }
});

Deno.test("fuzzyGraph() of points all in one place is full of ones", async () => {
  const points = { data: new Float32Array(40), shape: [20, 2] };
  const { connectivities, distances } = fuzzyGraph(
    await nearestNeighbours(points, { neighbours: 4, random: new Random(1) }),
  );
  assert(connectivities.data.every((value) => value === 1));
  assertEquals(distances.data, new Float32Array(60));
});
