import { assert, assertEquals, assertThrows } from "@std/assert";
import { isSthelarError } from "@/core/errors.ts";
import { sparseFault, type SparseMatrix } from "@/core/sparse.ts";
import { takeRows } from "@/numerics/normalise/mod.ts";

const MATRIX: SparseMatrix = {
  format: "csr",
  shape: [4, 3],
  data: Int32Array.of(1, 2, 3, 4),
  indices: Int32Array.of(0, 2, 1, 2),
  indptr: Int32Array.of(0, 2, 2, 3, 4),
};

Deno.test("takeRows() takes rows in any order, twice and empty ones too", () => {
  const taken = takeRows(MATRIX, [3, 1, 0, 3]);
  assertEquals(sparseFault(taken), undefined);
  assertEquals(taken.shape, [4, 3]);
  assertEquals(taken.data, Int32Array.of(4, 1, 2, 4));
  assertEquals(taken.indices, Int32Array.of(2, 0, 2, 2));
  assertEquals(taken.indptr, Int32Array.of(0, 1, 1, 3, 4));
  assertEquals(takeRows(MATRIX, []).shape, [0, 3]);
});

Deno.test("takeRows() keeps the types of values and places", () => {
  const wide = {
    ...MATRIX,
    data: BigUint64Array.of(1n, 2n, 3n, 4n),
    indices: BigInt64Array.of(0n, 2n, 1n, 2n),
    indptr: BigInt64Array.of(0n, 2n, 2n, 3n, 4n),
  };
  const taken = takeRows(wide, Int32Array.of(2));
  assertEquals(taken.data, BigUint64Array.of(3n));
  assertEquals(taken.indices, BigInt64Array.of(1n));
});

Deno.test("takeRows() refuses rows that are not there, and columns", () => {
  for (const row of [-1, 4, 0.5, NaN]) {
    const error = assertThrows(() => takeRows(MATRIX, [row]));
    assert(isSthelarError(error, "InvalidArgument") && error.message.includes(`row ${row}`));
  }
  assertThrows(() => takeRows({ ...MATRIX, format: "csc" }, [0]));
});
