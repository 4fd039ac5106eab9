import { assertEquals, assertThrows } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { requireRows, requireSquareRows, sparseFault, type SparseMatrix } from "@/core/sparse.ts";

const valid: SparseMatrix = {
  format: "csr",
  shape: [2, 3],
  data: Int32Array.of(1, 2, 3),
  indices: Int32Array.of(0, 2, 1),
  indptr: Int32Array.of(0, 2, 3),
};

Deno.test("sparseFault() finds nothing wrong with a valid matrix, by rows or columns", () => {
  assertEquals(sparseFault(valid), undefined);
  assertEquals(sparseFault({ ...valid, format: "csc", shape: [3, 2] }), undefined);
  assertEquals(sparseFault({ ...valid, indptr: BigInt64Array.of(0n, 2n, 3n) }), undefined);
});

for (
  const [change, fault] of [
    [{ indptr: Int32Array.of(0, 3) }, "indptr of length 2 for 2 rows"],
    [{ indptr: Int32Array.of(1, 2, 3) }, "indptr that starts at 1"],
    [{ indptr: Int32Array.of(0, 3, 2) }, "indptr that falls from 3 to 2"],
    [{ indptr: Int32Array.of(0, 2, 2) }, "indptr that ends at 2 for 3 values"],
    [{ indices: Int32Array.of(0, 2) }, "2 indices for 3 values"],
    [{ indices: Int32Array.of(0, -1, 1) }, "index -1 on an axis of 3"],
  ] as const
) {
  Deno.test(`sparseFault() says: ${fault}`, () =>
    assertEquals(sparseFault({ ...valid, ...change }), fault));
}

Deno.test("requireRows() takes a valid matrix by rows, and says what is wrong with others", () => {
  requireRows("Cannot count", valid);
  const refused = (matrix: SparseMatrix) =>
    assertThrows(() => requireRows("Cannot count", matrix), SthelarError).message;
  const expected = "expected a matrix by rows (csr)";
  assertEquals(
    refused({ ...valid, format: "csc", shape: [3, 2] }),
    `Cannot count: found a matrix by columns, ${expected}`,
  );
  assertEquals(
    refused({ ...valid, indices: Int32Array.of(0, 3, 1) }),
    `Cannot count: found index 3 on an axis of 3, ${expected}`,
  );
});

Deno.test("requireSquareRows() refuses what requireRows() refuses, and more rows than columns", () => {
  const square = { ...valid, shape: [2, 2] as const, indices: Int32Array.of(0, 1, 1) };
  requireSquareRows("Cannot walk", square);
  const refused = (matrix: SparseMatrix) =>
    assertThrows(() => requireSquareRows("Cannot walk", matrix), SthelarError).message;
  assertEquals(refused(valid), "Cannot walk: found a matrix of 2 x 3, expected a square matrix");
  assertEquals(
    refused({ ...square, format: "csc" }),
    "Cannot walk: found a matrix by columns, expected a matrix by rows (csr)",
  );
});
