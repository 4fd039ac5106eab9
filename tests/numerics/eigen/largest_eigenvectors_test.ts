import { assert, assertEquals } from "@std/assert";
import { Random } from "@/core/random.ts";
import { largestEigenvectors, leadingEigenvectors } from "@/numerics/eigen/mod.ts";

const SIZE = 400;

/** Neighbours on a path, added up: the constant vector has the largest eigenvalue, 4. */
function addNeighbours(vector: Float64Array, into: Float64Array): void {
  for (let i = 0; i < SIZE; i++) {
    const left = vector[Math.max(0, i - 1)], right = vector[Math.min(SIZE - 1, i + 1)];
    into[i] = 2 * vector[i] + left + right;
  }
}

Deno.test("largestEigenvectors() finds what leadingEigenvectors() finds beside the known one", async () => {
  const known = new Float64Array(SIZE).fill(1 / Math.sqrt(SIZE));
  const restarted = largestEigenvectors(addNeighbours, {
    wanted: 2,
    known,
    random: new Random(1),
    isConverged: (_, residual) => residual < 1e-9,
    mostProducts: 20_000,
  });
  const times = (vector: Float64Array) => {
    const product = new Float64Array(SIZE);
    addNeighbours(vector, product);
    return product;
  };
  const { vectors } = await leadingEigenvectors({ size: SIZE, times }, 3, {
    random: new Random(1),
  });
  assertEquals(restarted.length, 2);
  restarted.forEach((vector, k) => {
    const along = vector.reduce((sum, value, i) => sum + value * vectors[k + 1][i], 0);
    assert(Math.abs(Math.abs(along) - 1) < 1e-8);
  });
});
