import { assert, assertEquals, assertRejects } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { Random } from "@/core/random.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import { log1p, normaliseTotal, takeRows } from "@/numerics/normalise/mod.ts";
import { geneBlocks } from "@/numerics/rank_genes/gene_blocks.ts";
import { type RankedGroup, rankGenes } from "@/numerics/rank_genes/mod.ts";
import { addRankSums, emptySums } from "@/numerics/rank_genes/rank_sums.ts";
import { syntheticCounts } from "../../bench/shared/synthetic_counts.ts";
import goldens from "../../fixtures/rank_genes/goldens.json" with { type: "json" };

type Golden = typeof goldens[number];
type Expected = Golden["expected"][number];

function matrixOf({ shape, dtype, data, indices, indptr }: Golden): SparseMatrix {
  return {
    format: "csr",
    shape: [shape[0], shape[1]],
    data: dtype === "float32" ? Float32Array.from(data) : Float64Array.from(data),
    indices: Int32Array.from(indices),
    indptr: Int32Array.from(indptr),
  };
}

function assertClose(found: number, expected: number, tolerance: number, what: string): void {
  const difference = Math.abs(found - expected);
  assert(
    difference <= tolerance * Math.max(1e-300, Math.abs(expected)),
    `${what}: ${found}, not ${expected}`,
  );
}

const COLUMNS = [
  ["scores", 1e-6], // scanpy keeps float32
  ["log2FoldChanges", 1e-6],
  ["pValues", 1e-11],
  ["adjustedPValues", 1e-11],
  ["shares", 1e-15],
  ["sharesOthers", 1e-15],
] as const;

function assertEqualToScanpy(found: RankedGroup, expected: Expected): void {
  for (const [name, tolerance] of COLUMNS) {
    found.genes.forEach((gene, rank) => {
      const what = `${name} of gene ${gene} in group ${found.group}`;
      const error = name === "scores" && Math.abs(expected.scores[gene]) < 1e-6 ? 1 : tolerance;
      assertClose(found[name][rank], expected[name][gene], error, what);
    });
  }
  const scoresInOrder = expected.order.map((gene) => expected.scores[gene]);
  found.genes.forEach((gene, rank) =>
    assertClose(expected.scores[gene], scoresInOrder[rank], 1e-6, `rank ${rank}`)
  );
}

for (const golden of goldens) {
  for (const tieCorrect of [false, true]) {
    Deno.test(`rankGenes() ranks as scanpy does: ${golden.name}, ${tieCorrect ? "corrected for ties" : "plain"}`, async () => {
      const { groups } = await rankGenes(
        matrixOf(golden),
        Int32Array.from(golden.groups),
        golden.groupCount,
        { tieCorrect },
      );
      const expected = golden.expected.filter((one) => one.tieCorrect === tieCorrect);
      assertEquals(groups.map(({ group }) => group), expected.map(({ group }) => group));
      groups.forEach((group, i) => assertEqualToScanpy(group, expected[i]));
    });
  }
}

const simulated = syntheticCounts({ cells: 900, genes: 70, clusters: 5, seed: 3 });
const logNorm = log1p(normaliseTotal(simulated.counts));
const labels = simulated.labels;

Deno.test("rankGenes() does not depend on the order of rows", async () => {
  const order = new Random("rows").shuffle(Int32Array.from(labels.keys()));
  const one = await rankGenes(logNorm, labels, 5);
  const other = await rankGenes(takeRows(logNorm, order), order.map((row) => labels[row]), 5);
  one.groups.forEach((group, i) => {
    assertEquals(other.groups[i].genes, group.genes);
    assertEquals(other.groups[i].pValues, group.pValues);
    assertEquals(other.groups[i].shares, group.shares);
  });
});

/** The same matrix, each row's values in another order. */
function withShuffledRows(matrix: SparseMatrix): SparseMatrix {
  const random = new Random("places");
  const places: number[] = [];
  for (let row = 0; row < matrix.shape[0]; row++) {
    const [start, end] = [Number(matrix.indptr[row]), Number(matrix.indptr[row + 1])];
    places.push(...random.shuffle(Array.from({ length: end - start }, (_, k) => start + k)));
  }
  return {
    ...matrix,
    data: Float32Array.from(places, (k) => Number(matrix.data[k])),
    indices: Int32Array.from(places, (k) => Number(matrix.indices[k])),
  };
}

Deno.test("rankGenes() takes a row's values in any order", async () => {
  assertEquals(
    await rankGenes(withShuffledRows(logNorm), labels, 5),
    await rankGenes(logNorm, labels, 5),
  );
});

Deno.test("rankGenes() finds the same by digits of float32 as by comparing float64", async () => {
  const data = Float64Array.from(logNorm.data, (value) => value - 1.5);
  const float64 = { ...logNorm, data };
  const float32 = { ...logNorm, data: Float32Array.from(data) };
  const exact = { ...float64, data: Float64Array.from(float32.data) };
  assertEquals(await rankGenes(float32, labels, 5), await rankGenes(exact, labels, 5));
});

Deno.test("rankGenes() takes whole numbers, and 64-bit places", async () => {
  const { counts } = simulated;
  const wide = {
    ...counts,
    data: Int32Array.from(counts.data),
    indices: BigInt64Array.from(counts.indices as Int32Array, BigInt),
    indptr: BigInt64Array.from(counts.indptr as Int32Array, BigInt),
  };
  assertEquals(await rankGenes(wide, labels, 5), await rankGenes(counts, labels, 5));
});

Deno.test("rankGenes() takes stored zeros as zeros", async () => {
  const dense = {
    format: "csr" as const,
    shape: logNorm.shape,
    data: new Float32Array(900 * 70).fill(-0),
    indices: Int32Array.from({ length: 900 * 70 }, (_, k) => k % 70),
    indptr: Int32Array.from({ length: 901 }, (_, row) => row * 70),
  };
  for (let row = 0; row < 900; row++) {
    for (let k = Number(logNorm.indptr[row]); k < logNorm.indptr[row + 1]; k++) {
      dense.data[row * 70 + Number(logNorm.indices[k])] = logNorm.data[k];
    }
  }
  assertEquals(await rankGenes(dense, labels, 5), await rankGenes(logNorm, labels, 5));
});

const inOrders = [["in order", logNorm], ["in any order", withShuffledRows(logNorm)]] as const;
for (const [order, matrix] of inOrders) {
  Deno.test(`geneBlocks() gives the same sums in blocks of any size, places ${order}`, () => {
    const sizes = new Float64Array(5);
    for (const label of labels) sizes[label]++;
    const sumsBy = (blockValues: number) => {
      const sums = emptySums(70, 5);
      const blocks = [...geneBlocks(matrix, labels, blockValues)];
      for (const block of blocks) Array.from(addRankSums(sums, block, sizes));
      return { sums, count: blocks.length };
    };
    const whole = sumsBy(1e9);
    assertEquals(whole.count, 1);
    assertEquals(sumsBy(1).count, 70);
    for (const blockValues of [1, 500, 3000]) assertEquals(sumsBy(blockValues).sums, whole.sums);
  });
}

Deno.test("rankGenes() skips and lists groups of no row and of one", async () => {
  const groups = labels.slice();
  groups[4] = 6;
  const { groups: ranked, skipped } = await rankGenes(logNorm, groups, 8);
  assertEquals(ranked.map(({ group }) => group), [0, 1, 2, 3, 4]);
  assertEquals(skipped, [{ group: 5, rows: 0 }, { group: 6, rows: 1 }, { group: 7, rows: 0 }]);
});

Deno.test("rankGenes() orders genes of equal scores by falling column", async () => {
  const empty = {
    format: "csr" as const,
    shape: [6, 4] as const,
    data: Float32Array.of(1, 1),
    indices: Int32Array.of(2, 2),
    indptr: Int32Array.of(0, 1, 2, 2, 2, 2, 2),
  };
  const { groups: [first] } = await rankGenes(empty, Int32Array.of(0, 0, 0, 1, 1, 1), 2);
  assertEquals([...first.genes], [2, 3, 1, 0]);
  assertEquals([...first.pValues.slice(1)], [1, 1, 1]);
});

Deno.test("rankGenes() of equal values everywhere finds nothing, corrected for ties", async () => {
  const data = new Float32Array(6).fill(2);
  const indices = new Int32Array(6);
  const indptr = Int32Array.of(0, 1, 2, 3, 4, 5, 6);
  const equal = { format: "csr" as const, shape: [6, 1] as const, data, indices, indptr };
  const groups = Int32Array.of(0, 0, 0, 1, 1, 1);
  const { groups: [first] } = await rankGenes(equal, groups, 2, { tieCorrect: true });
  assertEquals([first.scores[0], first.pValues[0], first.log2FoldChanges[0]], [0, 1, 0]);
});

Deno.test("rankGenes() of a matrix without genes gives groups without genes", async () => {
  const none = {
    format: "csr" as const,
    shape: [4, 0] as const,
    data: new Float32Array(),
    indices: new Int32Array(),
    indptr: new Int32Array(5),
  };
  const { groups } = await rankGenes(none, Int32Array.of(0, 0, 1, 1), 2);
  assertEquals(groups.map(({ genes }) => genes.length), [0, 0]);
});

Deno.test("rankGenes() reports genes, up to all of them", async () => {
  const seen: number[] = [];
  await rankGenes(logNorm, labels, 5, {
    progress: { update: (done, total) => seen.push(done / total) },
  });
  assertEquals(seen.at(-1), 1);
});

function withValue(value: number): SparseMatrix {
  const data = Float32Array.from(logNorm.data as Float32Array);
  data[10] = value;
  return { ...logNorm, data };
}

function withTwice(matrix: SparseMatrix): SparseMatrix {
  const indices = Int32Array.from(matrix.indices as Int32Array);
  indices[1] = indices[0];
  return { ...matrix, indices };
}

const withSingleton = labels.map((label, row) => row === 0 ? 5 : label);

const REFUSED: readonly (readonly [
  what: string,
  run: () => Promise<unknown>,
  words: string,
])[] = [
  ["NaN", () => rankGenes(withValue(NaN), labels, 5), "found NaN in row"],
  ["infinity", () => rankGenes(withValue(Infinity), labels, 5), "found Infinity in row"],
  [
    "groups of other rows",
    () => rankGenes(logNorm, labels.slice(1), 5),
    "found groups of 899 rows, expected 900",
  ],
  ["a group beyond the last", () => rankGenes(logNorm, labels, 4), "found group 4 of row"],
  [
    "a group below -1",
    () => rankGenes(logNorm, labels.map(() => -2), 4),
    "found group -2 of row 0",
  ],
  [
    "one group",
    () => rankGenes(logNorm, new Int32Array(900), 5),
    "found all rows in one group, expected rows in two groups",
  ],
  [
    "no group",
    () => rankGenes(logNorm, new Int32Array(900).fill(-1), 5),
    "found no row with a group",
  ],
  [
    "no rows",
    () =>
      rankGenes(
        { ...logNorm, shape: [0, 70], indptr: Int32Array.of(0), ...empty() },
        new Int32Array(),
        2,
      ),
    "found no row with a group",
  ],
  [
    "a matrix by columns",
    () => rankGenes({ ...logNorm, format: "csc" }, labels, 5),
    "found a matrix by columns",
  ],
  [
    "a damaged matrix",
    () => rankGenes({ ...logNorm, data: new Float32Array(3) }, labels, 5),
    "indices for 3 values",
  ],
  [
    "two values of a gene in a row",
    () => rankGenes(withTwice(logNorm), labels, 5),
    "found two values in row 0",
  ],
  [
    "a group of one row, if asked to",
    () => rankGenes(logNorm, withSingleton, 6, { singletons: "refuse" }),
    "found one row in group 5",
  ],
];

function empty() {
  return { data: new Float32Array(), indices: new Int32Array() };
}

for (const [what, run, words] of REFUSED) {
  Deno.test(`rankGenes() refuses ${what}, in words`, async () => {
    const error = await assertRejects(run, SthelarError);
    assertEquals(error.tag, "InvalidArgument");
    assert(error.message.includes(words), error.message);
  });
}

Deno.test("rankGenes() stops when it is told to", async () => {
  const before = await assertRejects(
    () => rankGenes(logNorm, labels, 5, { signal: AbortSignal.abort() }),
    SthelarError,
  );
  const controller = new AbortController();
  let last = 0;
  const during = await assertRejects(() => {
    const update = (done: number) => {
      last = done;
      controller.abort();
      const until = performance.now() + 10;
      while (performance.now() < until);
    };
    return rankGenes(logNorm, labels, 5, { signal: controller.signal, progress: { update } });
  }, SthelarError);
  assert(last < 70);
  assertEquals([before.tag, during.tag], ["Aborted", "Aborted"]);
});
