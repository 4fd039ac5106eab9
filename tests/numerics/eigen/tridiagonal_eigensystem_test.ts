import { assert, assertEquals } from "@std/assert";
import { tridiagonalEigensystem } from "@/numerics/eigen/tridiagonal_eigensystem.ts";

Deno.test("tridiagonalEigensystem() knows the eigenvalues of the second difference", async () => {
  const n = 60;
  const { values, vectors } = await tridiagonalEigensystem(
    Array(n).fill(2),
    Array(n - 1).fill(-1),
    "all",
  );
  values.forEach((value, k) => {
    assert(Math.abs(value - 2 - 2 * Math.cos((k + 1) * Math.PI / (n + 1))) < 1e-13);
  });
  const { vectors: ends } = await tridiagonalEigensystem(
    Array(n).fill(2),
    Array(n - 1).fill(-1),
    "last",
  );
  ends.forEach(([last], k) => assert(Math.abs(last - vectors[k][n - 1]) < 1e-12));
});

Deno.test("tridiagonalEigensystem() takes one row, and rows that do not hang together", async () => {
  assertEquals((await tridiagonalEigensystem([7], [], "all")).values, Float64Array.of(7));
  const apart = await tridiagonalEigensystem([1, 3, 2], [0, 0], "all");
  assertEquals(apart.values, Float64Array.of(3, 2, 1));
  assertEquals(apart.vectors[0], Float64Array.of(0, 1, 0));
});
