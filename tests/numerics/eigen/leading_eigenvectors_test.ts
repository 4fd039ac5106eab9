import { assert, assertEquals } from "@std/assert";
import { Random } from "@/core/random.ts";
import { leadingEigenvectors } from "@/numerics/eigen/mod.ts";

type Vector = Float64Array<ArrayBuffer>;

/** A matrix with these eigenvalues: a diagonal between two reflections. */
function operatorWith(eigenvalues: Vector) {
  const random = new Random("mirror");
  const mirror = eigenvalues.map(() => random.normal());
  const square = mirror.reduce((sum, value) => sum + value * value, 0);
  const reflect = (x: Vector): Vector => {
    const along = 2 * x.reduce((sum, value, i) => sum + value * mirror[i], 0) / square;
    return x.map((value, i) => value - along * mirror[i]);
  };
  return {
    size: eigenvalues.length,
    times: (x: Vector) => reflect(reflect(x).map((value, i) => value * eigenvalues[i])),
  };
}

async function residuals(eigenvalues: Vector, count: number): Promise<number[]> {
  const operator = operatorWith(eigenvalues);
  const { values, vectors } = await leadingEigenvectors(operator, count, { random: new Random(1) });
  assertEquals(vectors.length, count);
  return vectors.map((vector, k) => {
    const product = operator.times(Float64Array.from(vector));
    return Math.hypot(...product.map((value, i) => value - values[k] * vector[i]));
  });
}

Deno.test("leadingEigenvectors() finds eigenvalues that are close together", async () => {
  const eigenvalues = Float64Array.from({ length: 600 }, (_, i) => 9 / (1 + i) + 1e-3 * (600 - i));
  const { values } = await leadingEigenvectors(operatorWith(eigenvalues), 50, {
    random: new Random(1),
  });
  values.forEach((value, k) => assert(Math.abs(value / eigenvalues[k] - 1) < 1e-11));
  for (const residual of await residuals(eigenvalues, 50)) assert(residual < 1e-8);
});

Deno.test("leadingEigenvectors() finds all of equal eigenvalues in a small matrix", async () => {
  const eigenvalues = Float64Array.from({ length: 100 }, (_, i) => i < 5 ? 3 : i < 9 ? 2 : 0);
  const { values } = await leadingEigenvectors(operatorWith(eigenvalues), 12, {
    random: new Random(1),
  });
  values.forEach((value, k) => assert(Math.abs(value - eigenvalues[k]) < 1e-12));
  for (const residual of await residuals(eigenvalues, 12)) assert(residual < 1e-10);
});

Deno.test("leadingEigenvectors() takes a matrix of zeros", async () => {
  const { values, vectors } = await leadingEigenvectors(operatorWith(new Float64Array(5)), 3, {
    random: new Random(1),
  });
  assertEquals([...values].map(Math.abs), [0, 0, 0]);
  for (const vector of vectors) assert(Math.abs(Math.hypot(...vector) - 1) < 1e-12);
});
