import { assert, assertEquals, assertRejects } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { Random } from "@/core/random.ts";
import { mapCells, type MappingOptions, type MappingProblem } from "@/numerics/tangram/mod.ts";
import { planSlices } from "@/numerics/tangram/plan_slices.ts";
import goldens from "../../fixtures/tangram/goldens.json" with { type: "json" };

type Golden = typeof goldens.cases[number];

/** Each cell a type of its own: the scores are the map. */
function problemOf(golden: Golden): MappingProblem {
  const { cells, nuclei, genes, S, G, d, dSource, start } = golden;
  return {
    cells: { data: Int32Array.from(S), shape: [cells, genes] },
    nuclei: { data: Int32Array.from(G), shape: [nuclei, genes] },
    types: Int32Array.from({ length: cells }, (_, cell) => cell),
    typeCount: cells,
    ...(d === null ? {} : { density: d }),
    ...(dSource === null ? {} : { sourceDensity: dSource }),
    start: Float32Array.from(start),
  };
}

const OPTIONS: MappingOptions = { epochs: goldens.epochs, learningRate: goldens.learningRate };

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i])));
}

function largestRelative(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Math.max(...Array.from(a, (value, i) => Math.abs(value - b[i]) / Math.abs(b[i])));
}

for (const golden of goldens.cases) {
  // Seen: scores 3e-7, divergence 7e-5 (rounding in tangram-sc's own), probabilities 9e-7.
  Deno.test(`mapCells() learns what tangram-sc learns: ${golden.name}`, async () => {
    const { geneScore, kl, scores } = await mapCells(problemOf(golden), OPTIONS);
    assertEquals(geneScore.length, goldens.epochs);
    assert(largestRelative(geneScore, golden.geneScore) < 1e-5);
    assertEquals(kl === undefined, golden.kl === null);
    if (kl !== undefined) assert(largestRelative(kl, golden.kl!) < 1e-3);
    const { cells, nuclei, probabilities } = golden;
    const byCell = probabilities.map((_, i) =>
      scores[(i % nuclei) * cells + Math.floor(i / nuclei)]
    );
    assert(largestDifference(byCell, probabilities) < 1e-5);
  });
}

Deno.test("mapCells() gives the same whatever the blocks", async () => {
  const problem = problemOf(goldens.cases[0]);
  const whole = await mapCells(problem, { ...OPTIONS, blockRows: 1000 });
  assertEquals(whole.blockRows, 24);
  for (const blockRows of [1, 7, 12]) {
    const blocks = await mapCells(problem, { ...OPTIONS, blockRows });
    assert(largestRelative(blocks.geneScore, whole.geneScore) < 1e-6);
    assert(largestDifference(blocks.scores, whole.scores) < 1e-5);
  }
});

Deno.test("mapCells() gives the same in one slice and in two", async () => {
  for (const golden of goldens.cases) {
    const [one, two] = await Promise.all(
      ([1, 2] as const).map((slices) =>
        mapCells(problemOf(golden), { ...OPTIONS, slices, blockRows: 5, threads: 2 })
      ),
    );
    assert(largestRelative(two.geneScore, one.geneScore) < 1e-6, golden.name);
    assertEquals(two.kl === undefined, one.kl === undefined);
    if (one.kl !== undefined) assert(largestRelative(two.kl!, one.kl) < 1e-3, golden.name);
    assert(largestDifference(two.scores, one.scores) < 1e-5, golden.name);
  }
});

Deno.test("mapCells() gives the same bits on any number of threads", async () => {
  const random = new Random("threads");
  const counts = (rows: number) => ({
    data: Float32Array.from({ length: rows * 90 }, () => random.integer(4)),
    shape: [rows, 90],
  });
  const [cells, nuclei] = [counts(301), counts(500)];
  for (const slices of [1, 2] as const) {
    const [one, ...more] = await Promise.all([1, 2, 4].map((threads) =>
      mapCells({
        ...{ cells, nuclei, typeCount: 3, start: new Random(1) },
        types: Int32Array.from({ length: 301 }, (_, cell) => cell % 3),
        density: new Float64Array(500).fill(1 / 500),
      }, { epochs: 10, threads, slices })
    ));
    for (const other of more) {
      assertEquals(other.scores, one.scores);
      assertEquals([other.geneScore, other.kl], [one.geneScore, one.kl]);
    }
  }
});

Deno.test("mapCells() cuts large problems into slices that meet, whatever the threads", () => {
  const sizes = { cells: 1001, nuclei: 1000, genes: 77, types: 3 };
  const slices = planSlices(sizes);
  assertEquals(slices.map(({ firstCell, cells }) => [firstCell, cells]), [[0, 501], [501, 500]]);
  assertEquals(slices.map(({ compared }) => [compared.first, compared.end]), [[0, 38], [38, 77]]);
  assertEquals(planSlices({ ...sizes, cells: 100 }).length, 1);
  assertEquals(planSlices({ ...sizes, genes: 1 }, { slices: 2 }).length, 1);
});

Deno.test("mapCells() takes sparse counts as it takes dense ones", async () => {
  const golden = goldens.cases[1];
  const { genes, S } = golden;
  const problem = problemOf(golden);
  const stored = S.flatMap((value, k) => value > 0 ? [k] : []);
  const sparse = {
    format: "csr" as const,
    shape: [golden.cells, genes] as const,
    data: Int32Array.from(stored, (k) => S[k]),
    indices: Int32Array.from(stored, (k) => k % genes),
    indptr: Int32Array.from(
      { length: golden.cells + 1 },
      (_, row) => stored.filter((k) => k < row * genes).length,
    ),
  };
  const options = { epochs: 3 };
  const dense = await mapCells(problem, options);
  assertEquals((await mapCells({ ...problem, cells: sparse }, options)).scores, dense.scores);
});

Deno.test("mapCells() leaves nuclei without density out of the divergence", async () => {
  const golden = goldens.cases[0];
  const density = golden.d!.map((share, nucleus) => nucleus === 3 ? 0 : share);
  const { kl, scores } = await mapCells({ ...problemOf(golden), density }, OPTIONS);
  assert(kl!.every(Number.isFinite));
  assert(scores.every(Number.isFinite));
});

Deno.test("mapCells() stops on a plateau, where an unbroken run has come to", async () => {
  const problem = problemOf(goldens.cases[0]);
  const plateau = { window: 20, tolerance: 0.05 };
  const done: number[] = [];
  const stopped = await mapCells(problem, {
    ...{ epochs: 1000, plateau },
    onEpoch: (epochs) => done.push(epochs),
  });
  const { length } = stopped.geneScore;
  assert(stopped.stoppedEarly && length < 1000 && length % 20 === 0, String(length));
  assertEquals(done.at(-1), length);
  const whole = await mapCells(problem, { epochs: length });
  assertEquals(whole.stoppedEarly, false);
  assertEquals(stopped.geneScore, whole.geneScore);
  assertEquals(stopped.scores, whole.scores);
});

Deno.test("mapCells() stops at the first value that is not finite, and names its gene (Tangram #55)", async () => {
  const problem = problemOf(goldens.cases[0]);
  const names = { gene: (gene: number) => `GENE${gene}`, nucleus: String };
  for (const [gene, slices] of [[5, 1], [5, 2], [12, 2]] as const) {
    const data = Float32Array.from(goldens.cases[0].S);
    data[gene] = 1e30;
    const cells = { data, shape: problem.cells.shape } as MappingProblem["cells"];
    await assertRejects(
      () => mapCells({ ...problem, cells }, { ...OPTIONS, names, slices }),
      SthelarError,
      `in epoch 1: found values that are not finite in 1 of 16 genes ("GENE${gene}")`,
    );
  }
});

Deno.test("mapCells() stops when a map grows beyond all bounds", async () => {
  const error = await assertRejects(
    () => mapCells(problemOf(goldens.cases[0]), { ...OPTIONS, learningRate: 1e39 }),
    SthelarError,
    "not finite",
  );
  assert(/epoch [12]:/.test(error.message), error.message);
});

for (
  const [what, value] of [["negative", -2], ["not a number", NaN], ["infinite", Infinity]] as const
) {
  Deno.test(`mapCells() refuses counts that are ${what}`, async () => {
    const problem = problemOf(goldens.cases[0]);
    const data = Float32Array.from(goldens.cases[0].G);
    data[33] = value;
    await assertRejects(
      () => mapCells({ ...problem, nuclei: { data, shape: problem.nuclei.shape } as never }),
      SthelarError,
      `found ${value} in nucleus 2, gene 1`,
    );
  });
}

Deno.test("mapCells() refuses sides that do not fit", async () => {
  const problem = problemOf(goldens.cases[0]);
  const cells = { data: new Float32Array(24 * 15), shape: [24, 15] };
  await assertRejects(() => mapCells({ ...problem, cells }), SthelarError, "the same genes");
  await assertRejects(() => mapCells(problem, { blockRows: 0 }), SthelarError, "0 rows");
});

for (const slices of [1, 2] as const) {
  Deno.test(`mapCells() is stopped by a signal, with slices: ${slices}`, async () => {
    const signal = AbortSignal.timeout(50);
    const options = { epochs: 1e6, signal, slices, threads: 2 };
    await assertRejects(
      () => mapCells(problemOf(goldens.cases[0]), options),
      SthelarError,
      "Stopped",
    );
  });
}

Deno.test("mapCells() reports each epoch of two slices once, in order", async () => {
  const done: number[] = [];
  const options = {
    epochs: 400,
    slices: 2,
    onEpoch: (epochs: number) => done.push(epochs),
  } as const;
  await mapCells(problemOf(goldens.cases[0]), options);
  assertEquals(done.at(-1), 400);
  assertEquals(done, [...new Set(done)].sort((a, b) => a - b));
});
