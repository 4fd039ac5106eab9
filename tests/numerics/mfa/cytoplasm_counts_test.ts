import { assertEquals, assertThrows } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { Random } from "@/core/random.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import { cytoplasmCounts } from "@/numerics/mfa/mod.ts";

/** A matrix of the values that are not zero; the places of a row in the order of `columns`. */
function sparse(rows: readonly (readonly number[])[], columns?: readonly number[]): SparseMatrix {
  const order = columns ?? rows[0].map((_, column) => column);
  const places = rows.map((row) => order.filter((column) => row[column] !== 0));
  const indptr = [0];
  for (const each of places) indptr.push(indptr.at(-1)! + each.length);
  return {
    format: "csr",
    shape: [rows.length, rows[0].length],
    data: Int32Array.from(places.flatMap((each, row) => each.map((column) => rows[row][column]))),
    indices: Int32Array.from(places.flat()),
    indptr: Int32Array.from(indptr),
  };
}

function dense({ data, indices, indptr, shape: [rows, genes] }: SparseMatrix): number[][] {
  return Array.from({ length: rows }, (_, row) => {
    const line = new Array<number>(genes).fill(0);
    for (let k = Number(indptr[row]); k < Number(indptr[row + 1]); k++) {
      line[Number(indices[k])] += Number(data[k]);
    }
    return line;
  });
}

function randomCounts(random: Random, rows: number, genes: number): number[][] {
  return Array.from(
    { length: rows },
    () => Array.from({ length: genes }, () => Math.max(0, random.integer(7) - 2)),
  );
}

Deno.test("cytoplasmCounts() is the dense difference cut at 0, and counts what it cut", () => {
  const random = new Random("cytoplasm");
  const [cells, nuclei] = [randomCounts(random, 40, 12), randomCounts(random, 40, 12)];
  const backwards = Array.from({ length: 12 }, (_, k) => 11 - k);
  const { counts, clipped } = cytoplasmCounts(sparse(cells, backwards), sparse(nuclei));
  const difference = cells.map((row, i) => row.map((count, k) => count - nuclei[i][k]));
  assertEquals(dense(counts), difference.map((row) => row.map((value) => Math.max(0, value))));
  const negative = difference.flat().filter((value) => value < 0);
  assertEquals(clipped, {
    transcripts: -negative.reduce((sum, value) => sum + value, 0),
    values: negative.length,
    rows: difference.filter((row) => row.some((value) => value < 0)).length,
  });
  assertEquals(counts.data.every((value) => value > 0), true);
});

Deno.test("cytoplasmCounts() leaves rows without cytoplasm, and cells without nucleus, as they are", () => {
  const { counts, clipped } = cytoplasmCounts(
    sparse([[2, 0, 1], [0, 0, 0], [3, 1, 0]]),
    sparse([[2, 0, 1], [0, 1, 0], [0, 0, 0]]),
  );
  assertEquals([...counts.indptr], [0, 0, 0, 2]);
  assertEquals(dense(counts)[2], [3, 1, 0]);
  assertEquals(clipped, { transcripts: 1, values: 1, rows: 1 });
});

Deno.test("cytoplasmCounts() takes 64-bit counts, as other tools write them", () => {
  const cells = { ...sparse([[3, 1]]), data: BigInt64Array.of(3n, 1n) };
  assertEquals(dense(cytoplasmCounts(cells, sparse([[1, 0]])).counts), [[2, 1]]);
});

Deno.test("cytoplasmCounts() adds up a gene that a row names twice", () => {
  const twice = { ...sparse([[1, 1]]), indices: Int32Array.of(1, 1) };
  assertEquals(dense(cytoplasmCounts(twice, sparse([[0, 1]])).counts), [[0, 1]]);
});

Deno.test("cytoplasmCounts() refuses other shapes and values that are no counts", () => {
  const cells = sparse([[1, 2]]);
  assertThrows(() => cytoplasmCounts(cells, sparse([[1, 2, 3]])), SthelarError, "1 x 3");
  assertThrows(() => cytoplasmCounts(cells, sparse([[1, -2]])), SthelarError, "-2 in row 0");
  const nan = { ...cells, data: Float32Array.of(1, NaN) };
  assertThrows(() => cytoplasmCounts(nan, cells), SthelarError, "NaN in row 0, column 1");
  const columns = { ...cells, format: "csc" as const };
  assertThrows(() => cytoplasmCounts(columns, cells), SthelarError, "by columns");
});
