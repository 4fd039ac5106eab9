import { assertEquals } from "@std/assert";
import { sparseFault, type SparseMatrix } from "@/core/sparse.ts";

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
