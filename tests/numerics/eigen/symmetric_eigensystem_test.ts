import { assertAlmostEquals, assertEquals } from "@std/assert";
import { symmetricEigensystem } from "@/numerics/eigen/symmetric_eigensystem.ts";

Deno.test("symmetricEigensystem() takes a matrix apart", () => {
  const matrix = [[4, 1, 0], [1, 3, 1], [0, 1, 2]].map((row) => Float64Array.from(row));
  const { values, vectors } = symmetricEigensystem(matrix);
  values.forEach((value, k) => {
    assertEquals(values.toSorted().toReversed()[k], value);
    matrix.forEach((row, i) => {
      const product = row.reduce((sum, entry, j) => sum + entry * vectors[k][j], 0);
      assertAlmostEquals(product, value * vectors[k][i], 1e-12);
    });
  });
});
