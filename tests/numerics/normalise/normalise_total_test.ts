import { assert, assertEquals, assertThrows } from "@std/assert";
import { isSthelarError } from "@/core/errors.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import { log1p, normaliseTotal, rowTotals } from "@/numerics/normalise/mod.ts";
import goldens from "../../fixtures/pca/goldens.json" with { type: "json" };

type Golden = typeof goldens[number];

function countsOf({ shape, data, indices, indptr }: Golden): SparseMatrix {
  return {
    format: "csr",
    shape: [shape[0], shape[1]],
    data: Float32Array.from(data),
    indices: Int32Array.from(indices),
    indptr: Int32Array.from(indptr),
  };
}

/** Largest difference in units of float32's last place. */
function largestUlps(a: Float32Array, b: readonly number[]): number {
  const bits = (values: Float32Array) => new Int32Array(values.buffer);
  const [own, theirs] = [bits(a.slice()), bits(Float32Array.from(b))];
  return own.reduce((most, value, i) => Math.max(most, Math.abs(value - theirs[i])), 0);
}

function assertRefused(work: () => unknown, found: string): void {
  const error = assertThrows(work);
  assert(isSthelarError(error, "InvalidArgument") && error.message.includes(found), String(error));
}

const COUNTS: SparseMatrix = {
  format: "csr",
  shape: [3, 3],
  data: Uint16Array.of(2, 6, 5),
  indices: Int32Array.of(0, 2, 1),
  indptr: Int32Array.of(0, 2, 2, 3),
};

for (const golden of goldens) {
  Deno.test(`normaliseTotal() and log1p() give scanpy's values: ${golden.name}`, () => {
    const normalised = normaliseTotal(countsOf(golden));
    assert(largestUlps(normalised.data, golden.normalised) <= 1);
    const logNorm = log1p({ ...normalised, data: Float32Array.from(golden.normalised) });
    assert(largestUlps(logNorm.data, golden.logNorm) <= 1);
  });
}

Deno.test("normaliseTotal() gives rows the target sum, and keeps empty rows empty", () => {
  const normalised = normaliseTotal(COUNTS, 40);
  assertEquals(normalised.data, Float32Array.of(10, 30, 40));
  assertEquals(rowTotals(normalised), Float64Array.of(40, 0, 40));
  assertEquals(normalised.indptr, COUNTS.indptr);
  assertEquals(COUNTS.data, Uint16Array.of(2, 6, 5));
});

Deno.test("normaliseTotal() keeps zeros that are stored in a row without counts", () => {
  const zeros = { ...COUNTS, data: new Int32Array(3) };
  assertEquals(normaliseTotal(zeros).data, new Float32Array(3));
});

Deno.test("normaliseTotal() reads 64-bit counts and places", () => {
  const wide = {
    ...COUNTS,
    data: BigInt64Array.of(2n, 6n, 5n),
    indices: BigInt64Array.of(0n, 2n, 1n),
    indptr: BigInt64Array.of(0n, 2n, 2n, 3n),
  };
  assertEquals(normaliseTotal(wide, 40).data, Float32Array.of(10, 30, 40));
});

Deno.test("normaliseTotal() refuses what cannot be a count", () => {
  for (const bad of [-1, NaN, Infinity]) {
    const matrix = { ...COUNTS, data: Float32Array.of(2, bad, 5) };
    assertRefused(() => normaliseTotal(matrix), `${bad} in row 0, column 2`);
  }
});

Deno.test("rowTotals() refuses columns and faulty rows", () => {
  assertRefused(() => rowTotals({ ...COUNTS, format: "csc" }), "a matrix by columns");
  assertRefused(() => rowTotals({ ...COUNTS, indptr: Int32Array.of(0, 2, 1, 3) }), "falls from 2");
});

Deno.test("log1p() is exact for small, large and repeated values", () => {
  const values = Float32Array.of(1e-30, 0, 0.25, 4, 0.25, 16.25, 1e30, -0.5, 1e-7);
  const matrix: SparseMatrix = {
    format: "csr",
    shape: [1, 9],
    data: values,
    indices: Int32Array.from(values.keys()),
    indptr: Int32Array.of(0, 9),
  };
  assertEquals(log1p(matrix).data, values.map(Math.log1p));
  assertRefused(() => log1p({ ...matrix, data: values.map((x) => x - 2) }), "-2");
  assertRefused(() => log1p({ ...matrix, data: values.fill(NaN) }), "NaN");
});
