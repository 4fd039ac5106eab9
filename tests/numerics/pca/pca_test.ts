import { assert, assertEquals, assertRejects } from "@std/assert";
import { isSthelarError, type SthelarError } from "@/core/errors.ts";
import { Random } from "@/core/random.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import { log1p, normaliseTotal, takeRows } from "@/numerics/normalise/mod.ts";
import { type Pca, pca, type PcaOptions } from "@/numerics/pca/mod.ts";
import { syntheticCounts } from "../../bench/shared/synthetic_counts.ts";
import goldens from "../../fixtures/pca/goldens.json" with { type: "json" };

type Golden = typeof goldens[number];

function logNormOf({ shape, logNorm, indices, indptr }: Golden): SparseMatrix {
  return {
    format: "csr",
    shape: [shape[0], shape[1]],
    data: Float32Array.from(logNorm),
    indices: Int32Array.from(indices),
    indptr: Int32Array.from(indptr),
  };
}

function simulated(cells: number, genes: number, seed = 1): SparseMatrix {
  return log1p(normaliseTotal(syntheticCounts({ cells, genes, seed }).counts));
}

/** Components, from the same start unless told. */
function run(matrix: SparseMatrix, options: Partial<PcaOptions> = {}): Promise<Pca> {
  return pca(matrix, { random: new Random("start"), ...options });
}

/** A matrix of the values that are not zero. */
function sparse(rows: readonly (readonly number[])[]): SparseMatrix {
  const places = rows.map((row) => row.flatMap((value, column) => value === 0 ? [] : [column]));
  const indptr = new Int32Array(rows.length + 1);
  places.forEach((row, i) => indptr[i + 1] = indptr[i] + row.length);
  return {
    format: "csr",
    shape: [rows.length, rows[0].length],
    data: Float32Array.from(rows.flat().filter((value) => value !== 0)),
    indices: Int32Array.from(places.flat()),
    indptr,
  };
}

/** Largest difference, as a share of the largest value. */
function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  assertEquals(a.length, b.length);
  const sizes = Array.from(b, Math.abs);
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]))) / Math.max(...sizes);
}

function column(data: Float32Array, columns: number, j: number): Float64Array {
  return Float64Array.from({ length: data.length / columns }, (_, i) => data[i * columns + j]);
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * b[i], 0);
}

for (const golden of goldens) {
  for (const covariance of ["made", "applied"] as const) {
    // Seen: scores 3e-7, loadings 4e-7, variances 5e-8.
    Deno.test(`pca() gives scanpy's components and signs: ${golden.name}, covariance ${covariance}`, async () => {
      const { components, clip } = golden;
      const result = await run(logNormOf(golden), { components, clip, covariance });
      assertEquals(result.scores.shape, [golden.shape[0], components]);
      assertEquals(result.loadings.shape, [golden.shape[1], components]);
      assert(difference(result.scores.data, golden.scores) < 1e-5);
      assert(difference(result.loadings.data, golden.loadings) < 1e-5);
      assert(difference(result.variance, golden.variance) < 1e-6);
      assert(difference(result.varianceRatio, golden.varianceRatio) < 1e-6);
      assert(difference(result.mean, golden.mean) < 1e-6);
      assert(difference(result.std, golden.std) < 1e-6);
    });
  }
}

Deno.test("pca() gives orthonormal loadings, and scores of falling variance", async () => {
  const matrix = simulated(1500, 200);
  const { scores, loadings, variance, varianceRatio } = await run(matrix);
  for (let i = 0; i < 50; i++) {
    for (let j = 0; j <= i; j++) {
      const product = dot(column(loadings.data, 50, i), column(loadings.data, 50, j));
      assert(Math.abs(product - (i === j ? 1 : 0)) < 1e-6, `${i} ${j}: ${product}`);
    }
    const values = column(scores.data, 50, i);
    assert(Math.abs(values.reduce((sum, value) => sum + value, 0)) < 1e-2);
    assert(Math.abs(dot(values, values) / 1499 / variance[i] - 1) < 1e-5);
    assert(i === 0 || variance[i] <= variance[i - 1]);
    const largest = column(loadings.data, 50, i).reduce((a, b) =>
      Math.abs(b) > Math.abs(a) ? b : a
    );
    assert(largest > 0);
  }
  assert(varianceRatio.reduce((sum, share) => sum + share, 0) < 1);
});

Deno.test("pca() finds the same components whether the covariance is made or applied", async () => {
  const matrix = simulated(1200, 300);
  const made = await run(matrix, { covariance: "made" });
  const applied = await run(matrix, { covariance: "applied", random: new Random("another") });
  assert(difference(applied.variance, made.variance) < 1e-10);
  assert(difference(applied.scores.data, made.scores.data) < 1e-5);
});

Deno.test("pca() gives a cell the same scores wherever its row is", async () => {
  const matrix = simulated(700, 120);
  const order = new Random(3).shuffle(Int32Array.from({ length: 700 }, (_, i) => i));
  const straight = await run(matrix, { components: 20 });
  const shuffled = await run(takeRows(matrix, order), { components: 20 });
  assert(difference(shuffled.variance, straight.variance) < 1e-10);
  const moved = Float32Array.from(
    shuffled.scores.data,
    (_, k) => straight.scores.data[order[Math.floor(k / 20)] * 20 + k % 20],
  );
  assert(difference(shuffled.scores.data, moved) < 1e-5);
});

for (const [covariance, genes] of [["made", 500], ["applied", 500]] as const) {
  Deno.test(`pca() gives the same bits on any number of threads, covariance ${covariance}`, async () => {
    const matrix = simulated(6000, genes);
    const options = { components: 10, covariance };
    const [one, two, three] = [
      await run(matrix, { ...options, threads: 1 }),
      await run(matrix, { ...options, threads: 2 }),
      await run(matrix, { ...options, threads: 3 }),
    ];
    for (const other of [two, three]) {
      assertEquals(other.scores.data, one.scores.data);
      assertEquals(other.loadings.data, one.loadings.data);
      assertEquals(other.variance, one.variance);
    }
  });
}

Deno.test("pca() gives at most one component less than there are cells and genes", async () => {
  assertEquals((await run(simulated(30, 200))).scores.shape, [30, 29]);
  assertEquals((await run(simulated(200, 30))).loadings.shape, [30, 29]);
  assertEquals((await run(simulated(51, 50))).scores.shape, [51, 49]);
});

Deno.test("pca() finds components of equal variance", async () => {
  const kinds = [0, 1, 2, 3].map((kind) => [0, 1, 2, 3].map((gene) => gene === kind ? 2 : 0));
  const { variance, loadings } = await run(sparse([...kinds, ...kinds, ...kinds]));
  assertEquals(variance.length, 3);
  for (const value of variance) assert(Math.abs(value / variance[0] - 1) < 1e-12);
  for (let j = 0; j < 3; j++) {
    const axis = column(loadings.data, 3, j);
    assert(Math.abs(dot(axis, axis) - 1) < 1e-6);
    assert(Math.abs(axis.reduce((sum, value) => sum + value, 0)) < 1e-6);
  }
});

Deno.test("pca() gives variance 0 to components beyond the rank", async () => {
  const rows = Array.from({ length: 12 }, (_, i) => [i, 2 * i, 1, 0, i % 3, 5 - i % 3]);
  const { variance, std, scores } = await run(sparse(rows));
  assertEquals(std[2], 1);
  assertEquals(std[3], 1);
  assert(variance[0] > 1 && variance[1] > 1);
  for (const value of variance.subarray(2)) assert(value >= 0 && value < 1e-12);
  assert(scores.data.every(Number.isFinite));
});

Deno.test("pca() takes constants for constants, however large", async () => {
  const rows = Array.from({ length: 1001 }, (_, i) => [0.1, 1e6 / 3, i % 2, i % 7]);
  const { std } = await run(sparse(rows));
  assertEquals([...std.subarray(0, 2)], [1, 1]);
});

Deno.test("pca() reads rows in any order of columns, and any type of number", async () => {
  const { counts } = syntheticCounts({ cells: 100, genes: 40 });
  const expected = await run(counts);
  const [data, indices] = [
    Float32Array.from(counts.data),
    Int32Array.from(counts.indices as Int32Array),
  ];
  for (let row = 0; row < 100; row++) {
    const [start, end] = [Number(counts.indptr[row]), Number(counts.indptr[row + 1])];
    data.subarray(start, end).reverse();
    indices.subarray(start, end).reverse();
  }
  const turned = await run({ ...counts, data, indices });
  assertEquals(turned.scores.data, expected.scores.data);
  const wide = await run({
    ...counts,
    data: BigInt64Array.from(counts.data, (count) => BigInt(count)),
    indices: BigInt64Array.from(counts.indices as Int32Array, BigInt),
    indptr: BigInt64Array.from(counts.indptr as Int32Array, BigInt),
  });
  assertEquals(wide.scores.data, expected.scores.data);
});

Deno.test("pca() leaves its input as it is", async () => {
  const matrix = simulated(6000, 500);
  const before = matrix.data.slice();
  await run(matrix, { components: 2 });
  assertEquals(matrix.data, before);
});

const FAULTY: Record<string, readonly [Partial<SparseMatrix>, string]> = {
  "a value that is no number": [{ data: Float32Array.of(1, NaN, 3) }, "NaN in row 1, gene 1"],
  "an infinite value": [{ data: Float32Array.of(1, 2, -Infinity) }, "-Infinity in row 2, gene 0"],
  "a matrix by columns": [{ format: "csc" }, "a matrix by columns"],
  "a gene that is not there": [{ indices: Int32Array.of(0, 1, 2) }, "index 2 on an axis of 2"],
  "a row that does not end": [{ indptr: Int32Array.of(0, 1, 2, 4) }, "ends at 4 for 3 values"],
  "two values for one gene": [
    { indptr: Int32Array.of(0, 1, 3, 3), indices: Int32Array.of(0, 1, 1) },
    "two values for the same gene in row 1",
  ],
  "genes that do not vary": [{ data: new Float32Array(3) }, "no gene varies"],
};
const SOUND: SparseMatrix = {
  format: "csr",
  shape: [3, 2],
  data: Float32Array.of(1, 2, 3),
  indices: Int32Array.of(0, 1, 0),
  indptr: Int32Array.of(0, 1, 2, 3),
};

async function refusal(work: Promise<unknown>): Promise<SthelarError> {
  const error = await assertRejects(() => work);
  assert(isSthelarError(error), String(error));
  return error;
}

for (const [what, [change, found]] of Object.entries(FAULTY)) {
  Deno.test(`pca() refuses ${what}`, async () => {
    const error = await refusal(run({ ...SOUND, ...change }));
    assertEquals(error.tag, "InvalidArgument");
    assert(error.message.includes(found), error.message);
  });
}

Deno.test("pca() refuses no cells, one gene, no components and a cut of 0", async () => {
  const empty = { ...SOUND, shape: [0, 2] as const, indptr: Int32Array.of(0) };
  const none = { data: new Float32Array(0), indices: new Int32Array(0) };
  assertEquals((await refusal(run({ ...empty, ...none }))).tag, "InvalidArgument");
  assertEquals((await refusal(run(sparse([[1], [2], [3]])))).tag, "InvalidArgument");
  for (const options of [{ components: 0 }, { components: 1.5 }, { clip: 0 }, { clip: NaN }]) {
    assertEquals((await refusal(run(SOUND, options))).tag, "InvalidArgument");
  }
});

for (const [size, cells] of [["small", 200], ["large", 6000]] as const) {
  Deno.test(`pca() of a ${size} matrix stops at its signal, before and while it runs`, async () => {
    const matrix = simulated(cells, 500);
    assertEquals((await refusal(run(matrix, { signal: AbortSignal.abort() }))).tag, "Aborted");
    const controller = new AbortController();
    const progress = { update: () => controller.abort("enough") };
    const error = await refusal(run(matrix, { progress, signal: controller.signal, threads: 2 }));
    assertEquals(error.tag, "Aborted");
    assertEquals(error.cause, "enough");
  });
}
