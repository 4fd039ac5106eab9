import { assert, assertEquals, assertThrows } from "@std/assert";
import { packPolygons } from "@/core/polygons.ts";
import { Random } from "@/core/random.ts";
import { sparseFault } from "@/core/sparse.ts";
import { CountMatrixBuilder, PointCounter, PolygonIndex } from "@/geometry/mod.ts";

Deno.test("CountMatrixBuilder counts as a map does, over many blocks", () => {
  const random = new Random("pairs");
  const [rows, columns, pairs] = [300, 40, 3_500_000];
  const builder = new CountMatrixBuilder(rows, columns);
  const expected = new Int32Array(rows * columns);
  for (let i = 0; i < pairs; i++) {
    const row = random.integer(rows), column = random.integer(1 + row % columns);
    builder.add(row, column);
    expected[row * columns + column]++;
  }
  const matrix = builder.finish();
  assertEquals(sparseFault(matrix), undefined);
  const dense = new Int32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let k = Number(matrix.indptr[row]); k < Number(matrix.indptr[row + 1]); k++) {
      dense[row * columns + Number(matrix.indices[k])] = Number(matrix.data[k]);
    }
  }
  assertEquals(dense, expected);
  assert(matrix.data.every((count: number | bigint) => count > 0), "a stored zero");
});

Deno.test("CountMatrixBuilder.finish() may be followed by more pairs", () => {
  const builder = new CountMatrixBuilder(2, 2);
  assertEquals(builder.finish().data.length, 0);
  builder.add(1, 1);
  assertEquals([...builder.finish().data], [1]);
  builder.add(1, 1);
  builder.add(0, 0);
  assertEquals([...builder.finish().data], [1, 2]);
});

for (const [row, column] of [[-1, 0], [2, 0], [0, 3], [0, -1], [NaN, 0]]) {
  Deno.test(`CountMatrixBuilder refuses row ${row}, column ${column} of 2 x 3`, () => {
    assertThrows(() => new CountMatrixBuilder(2, 3).add(row, column), RangeError, "2 x 3");
  });
}

const overlapping = packPolygons([
  [[[0, 0, 2, 0, 2, 2, 0, 2, 0, 0]]],
  [[[1, 0, 3, 0, 3, 2, 1, 2, 1, 0]]],
]);

Deno.test("PointCounter conserves points, whatever the batches", () => {
  const random = new Random("points");
  const xs = Float64Array.from({ length: 5000 }, () => Math.round(random.uniform() * 50) / 10 - 1);
  const ys = Float64Array.from({ length: 5000 }, () => Math.round(random.uniform() * 40) / 10 - 1);
  const features = Int32Array.from({ length: 5000 }, () => random.integer(9));
  for (const rule of ["first", "all"] as const) {
    const results = [5000, 617, 1].map((size) => {
      const counter = new PointCounter(new PolygonIndex(overlapping), 9, rule);
      for (let i = 0; i < xs.length; i += size) {
        const part = <A extends Float64Array | Int32Array>(a: A) => a.subarray(i, i + size) as A;
        counter.add(part(xs), part(ys), part(features));
      }
      return counter.finish();
    });
    const [{ matrix, assigned, unassigned, counted }, ...others] = results;
    for (const other of others) assertEquals(other, results[0]);
    assertEquals(assigned + unassigned, 5000);
    assertEquals((matrix.data as Int32Array).reduce((a, b) => a + b, 0), counted);
    if (rule === "first") assertEquals(counted, assigned);
    else assert(counted > assigned);
  }
});

Deno.test("PointCounter refuses columns of different length", () => {
  const counter = new PointCounter(new PolygonIndex(overlapping), 9);
  assertThrows(
    () => counter.add(new Float64Array(2), new Float64Array(2), new Int32Array(3)),
    RangeError,
    "2 x, 2 y and 3 features",
  );
});
