import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { blockPca, type ScoreBlock } from "@/numerics/mfa/mod.ts";
import goldens from "../../fixtures/mfa/goldens.json" with { type: "json" };

type Golden = typeof goldens[number];

function blocksOf({ cells, blocks }: Golden): ScoreBlock[] {
  return blocks.map(({ width, scores }) => ({
    scores: { data: Float32Array.from(scores), shape: [cells, width] },
    components: width,
  }));
}

/** Largest difference, as a share of the largest value. */
function difference(a: ArrayLike<number>, b: readonly number[]): number {
  assertEquals(a.length, b.length);
  const most = Math.max(...b.map(Math.abs));
  return Math.max(...b.map((value, i) => Math.abs(value - a[i]))) / most;
}

function block(rows: readonly (readonly number[])[], components = rows[0].length): ScoreBlock {
  const data = Float32Array.from(rows.flat());
  return { scores: { data, shape: [rows.length, rows[0].length] }, components };
}

for (const golden of goldens) {
  Deno.test(`blockPca() finds the variances that prince finds: ${golden.name}`, () => {
    const { variance, weights } = blockPca(blocksOf(golden));
    golden.eigenvalues.forEach((value, i) => {
      assert(Math.abs(variance[i] / value - 1) < 1e-6, `${i}: ${variance[i]}, not ${value}`);
    });
    weights.forEach((weight, i) => assertAlmostEquals(weight ** -2 / golden.largest[i], 1, 1e-9));
  });

  Deno.test(`blockPca() is scanpy's second PCA, signs included: ${golden.name}`, () => {
    const { variance, varianceRatio, scores, loadings } = blockPca(blocksOf(golden));
    assert(difference(variance, golden.scanpy.variance) < 1e-5);
    assert(difference(varianceRatio, golden.scanpy.varianceRatio) < 1e-5);
    assert(difference(scores.data, golden.scanpy.scores) < 1e-5);
    assert(difference(loadings.data, golden.scanpy.loadings) < 1e-5);
  });
}

Deno.test("blockPca() gives every block a largest variance of 1", () => {
  const { columns: { data, shape: [rows, width] } } = blockPca(blocksOf(goldens[0]));
  for (const first of [0, goldens[0].blocks[0].width]) {
    const values = Array.from({ length: rows }, (_, row) => data[row * width + first]);
    const mean = values.reduce((sum, value) => sum + value, 0) / rows;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (rows - 1);
    assertAlmostEquals(variance, 1, 1e-5);
  }
});

Deno.test("blockPca() takes the first components of a block, as many as it is told", () => {
  const golden = goldens[0];
  const few = blocksOf(golden).map((each) => ({ ...each, components: 3 }));
  const cut = blocksOf(golden).map(({ scores: { data, shape: [rows, width] } }) => ({
    scores: {
      data: data.filter((_, k) => k % width < 3),
      shape: [rows, 3],
    },
    components: 3,
  }));
  assertEquals(blockPca(few), blockPca(cut));
  assertEquals(blockPca(few).scores.shape, [golden.cells, 5]);
  assertEquals(blockPca(few, { components: 2 }).scores.shape, [golden.cells, 2]);
});

Deno.test("blockPca() does not depend on the order of the cells", () => {
  const blocks = blocksOf(goldens[0]);
  const reversed = blocks.map(({ scores: { data, shape }, components }) => ({
    scores: {
      data: data.map((_, k) =>
        data[(shape[0] - 1 - Math.floor(k / shape[1])) * shape[1] + k % shape[1]]
      ),
      shape,
    },
    components,
  }));
  const [one, other] = [blockPca(blocks), blockPca(reversed)];
  assert(difference(other.variance, [...one.variance]) < 1e-12);
});

Deno.test("blockPca() finds fewer components than cells", () => {
  const random = [[1, 2, 0], [0, 1, 5], [4, 4, 1]];
  assertEquals(blockPca([block(random), block(random)]).variance.length, 2);
});

const refused: readonly (readonly [string, readonly ScoreBlock[], string])[] = [
  ["no block", [], "no block"],
  ["blocks of different cells", [block([[1], [2]]), block([[1], [2], [3]])], "3 cells"],
  ["more components than there are", [block([[1], [2]], 2)], "2 of 1 components"],
  ["a block without variance", [block([[1], [2]]), block([[1], [1]])], "block 1 without variance"],
  ["values that are no numbers", [block([[1], [NaN]]), block([[1], [2]])], "no numbers in block 0"],
  ["a single cell", [block([[1, 2]])], "of 1 cells"],
];
for (const [what, blocks, found] of refused) {
  Deno.test(`blockPca() refuses ${what}`, () => {
    assertThrows(() => blockPca(blocks), SthelarError, found);
  });
}
