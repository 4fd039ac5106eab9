import { assert, assertEquals, assertRejects } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { Random } from "@/core/random.ts";
import { mapCells, type MappingOptions, type MappingProblem } from "@/numerics/tangram/mod.ts";
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

Deno.test("mapCells() gives the same bits on any number of threads", async () => {
  const random = new Random("threads");
  const counts = (rows: number) => ({
    data: Float32Array.from({ length: rows * 90 }, () => random.integer(4)),
    shape: [rows, 90],
  });
  const [cells, nuclei] = [counts(300), counts(500)];
  const [one, two] = await Promise.all([1, 2].map((threads) =>
    mapCells({
      ...{ cells, nuclei, typeCount: 3, start: new Random(1) },
      types: Int32Array.from({ length: 300 }, (_, cell) => cell % 3),
      density: new Float64Array(500).fill(1 / 500),
    }, { epochs: 20, threads })
  ));
  assertEquals(one.scores, two.scores);
  assertEquals([one.geneScore, one.kl], [two.geneScore, two.kl]);
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
  const data = Float32Array.from(goldens.cases[0].S);
  data[5] = 1e30;
  const cells = { data, shape: problem.cells.shape } as MappingProblem["cells"];
  const names = { gene: (gene: number) => `GENE${gene}`, nucleus: String };
  await assertRejects(
    () => mapCells({ ...problem, cells }, { ...OPTIONS, names }),
    SthelarError,
    'Stopped Tangram in epoch 1: found values that are not finite in 1 of 16 genes ("GENE5")',
  );
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

Deno.test("mapCells() is stopped by a signal", async () => {
  const signal = AbortSignal.timeout(50);
  await assertRejects(
    () => mapCells(problemOf(goldens.cases[0]), { epochs: 1e6, signal }),
    SthelarError,
    "Stopped",
  );
});
