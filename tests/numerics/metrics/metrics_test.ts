import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { Random } from "@/core/random.ts";
import {
  accuracy,
  adjustedRandIndex,
  balancedAccuracy,
  classScores,
  confusion,
  type Labels,
  normalisedMutualInformation,
  silhouette,
  trustworthiness,
} from "@/numerics/metrics/mod.ts";
import goldens from "../../fixtures/metrics/goldens.json" with { type: "json" };

const random = new Random("metrics");

for (const golden of goldens.labels) {
  const [a, b] = [golden.a as Labels, golden.b as Labels];

  Deno.test(`adjustedRandIndex() and normalisedMutualInformation() as scikit-learn: ${golden.name}`, () => {
    assertAlmostEquals(adjustedRandIndex(a, b), golden.adjustedRandIndex, 1e-14);
    assertAlmostEquals(
      normalisedMutualInformation(a, b),
      golden.normalisedMutualInformation,
      1e-14,
    );
  });

  Deno.test(`confusion() and its scores as scikit-learn: ${golden.name}`, () => {
    const found = confusion(a, b);
    assertEquals(found, { labels: golden.labels, counts: golden.confusion });
    assertAlmostEquals(accuracy(found), golden.accuracy, 1e-15);
    assertAlmostEquals(balancedAccuracy(found), golden.balancedAccuracy, 1e-15);
    classScores(found).forEach(({ recall, precision, f1, rows }, i) => {
      assertEquals(recall, golden.recall[i] ?? undefined);
      assertEquals(precision, golden.precision[i] ?? undefined);
      assertAlmostEquals(f1, golden.f1[i]!, 1e-15);
      assertEquals(rows, golden.confusion[i].reduce((sum, count) => sum + count, 0));
    });
  });
}

for (const golden of goldens.points) {
  const { shape, labels, neighbours } = golden;
  const pack = (values: readonly number[], columns: number) => ({
    data: golden.dtype === "float32" ? Float32Array.from(values) : Float64Array.from(values),
    shape: [shape[0], columns],
  });
  const points = pack(golden.points, shape[1]) as Parameters<typeof silhouette>[0];
  const layout = pack(golden.layout, 2) as typeof points;

  Deno.test(`silhouette() as scikit-learn: ${golden.name}`, async () => {
    const found = await silhouette(points, labels, { random });
    assertAlmostEquals(found.score, golden.silhouette, 1e-12);
    assertEquals(found.clusters.map(({ label }) => label), [...new Set(labels)].sort());
    found.clusters.forEach(({ score }, i) =>
      assertAlmostEquals(score, golden.ofClusters[i], 1e-12)
    );
  });

  Deno.test(`trustworthiness() as scikit-learn: ${golden.name}`, async () => {
    const found = await trustworthiness(points, layout, { neighbours, random });
    assertAlmostEquals(found, golden.trustworthiness, 1e-14);
  });
}

/** Two clusters of points, the second twice as large; the layout is the first column, disturbed. */
function cloud(rows: number) {
  const draws = new Random("cloud");
  const labels = Int32Array.from({ length: rows }, (_, row) => row % 3 === 0 ? 0 : 1);
  const data = new Float32Array(rows * 3);
  draws.fillNormal(data);
  labels.forEach((label, row) => data[row * 3] += 3 * label);
  const layout = Float32Array.from(labels, (_, row) => data[row * 3] + 0.3 * draws.normal());
  return {
    labels,
    points: { data, shape: [rows, 3] },
    layout: { data: layout, shape: [rows, 1] },
  };
}

Deno.test("silhouette() of a sample is near that of all rows, and equal for equal seeds", async () => {
  const { points, labels } = cloud(1500);
  const all = await silhouette(points, labels, { random });
  const sampled = () => silhouette(points, labels, { random: new Random(1), sample: 500 });
  const some = await sampled();
  assertEquals([all.rows, some.rows], [1500, 500]);
  assertAlmostEquals(some.score, all.score, 0.03);
  assertEquals(await sampled(), some);
});

Deno.test("silhouette() leaves out clusters that no sampled row is in", async () => {
  const { points } = cloud(300);
  const labels = Array.from({ length: 300 }, (_, row) => row < 3 ? `rare ${row}` : `c${row % 2}`);
  const { clusters } = await silhouette(points, labels, { random: new Random(2), sample: 40 });
  assertEquals(clusters.map(({ label }) => label), ["c0", "c1"]);
});

Deno.test("trustworthiness() of a sample is near that of all rows", async () => {
  const { points, layout } = cloud(1200);
  const all = await trustworthiness(points, layout, { random, sample: 1200 });
  const some = await trustworthiness(points, layout, { random: new Random(1), sample: 400 });
  assert(all > 0.6 && all < 0.95);
  assert(some !== all);
  assertAlmostEquals(some, all, 0.02);
});

Deno.test("adjustedRandIndex() keeps its digits for a million rows", () => {
  const a = Int32Array.from({ length: 1e6 }, (_, row) => row % 12);
  const b = a.map((label, row) => row % 1000 === 0 ? (label + 1) % 12 : label);
  assertEquals(adjustedRandIndex(a, a), 1);
  assertAlmostEquals(adjustedRandIndex(a, b), 0.9978, 1e-4);
});

const two = { data: Float32Array.of(0, 1, 5, 6), shape: [4, 1] };
const withNaN = { data: Float32Array.of(0, NaN, 5, 6), shape: [4, 1] };
const pairs = [0, 0, 1, 1];
const options = { random };

const REFUSED_LABELS: readonly (readonly [string, Labels, Labels, string])[] = [
  ["labels of different lengths", [0, 1], [0], "labels of 2 and of 1 rows"],
  ["no rows", [], [], "found no rows"],
  ["a missing label", [0, -1], [0, 1], "found -1 as label of row 1"],
  ["NaN", [0, 1], [0, NaN], "found NaN as label of row 1"],
  ["a label that is not whole", [0.5, 1], [0, 1], "found 0.5 as label of row 0"],
];

for (const [what, a, b, words] of REFUSED_LABELS) {
  Deno.test(`Scores of labels refuse ${what}, in words`, () => {
    for (const score of [adjustedRandIndex, normalisedMutualInformation, confusion]) {
      const error = assertThrows(() => score(a, b), SthelarError);
      assertEquals(error.tag, "InvalidArgument");
      assert(error.message.includes(words), error.message);
    }
  });
}

const REFUSED_POINTS: readonly (readonly [string, () => Promise<unknown>, string])[] = [
  ["silhouette() refuses one cluster", () => silhouette(two, [1, 1, 1, 1], options), "1 cluster"],
  [
    "silhouette() refuses a cluster for each row",
    () => silhouette(two, [0, 1, 2, 3], options),
    "4 clusters among 4 rows",
  ],
  [
    "silhouette() refuses a sample of one cluster",
    () => silhouette(two, pairs, { random: new Random(1), sample: 1 }),
    "1 cluster among 1 sampled rows",
  ],
  ["silhouette() refuses labels of other rows", () => silhouette(two, [0], options), "1 labels"],
  [
    "silhouette() refuses missing labels",
    () => silhouette(two, [0, 0, 1, -1], options),
    "-1 as label of row 3",
  ],
  ["silhouette() refuses NaN", () => silhouette(withNaN, pairs, options), "NaN in row 1, column 0"],
  [
    "silhouette() refuses no rows",
    () => silhouette({ data: new Float32Array(), shape: [0, 3] }, [], options),
    "found no rows",
  ],
  [
    "silhouette() refuses an empty sample",
    () => silhouette(two, pairs, { random, sample: 0 }),
    "a sample of 0 rows",
  ],
  [
    "trustworthiness() refuses NaN",
    () => trustworthiness(two, withNaN, { random, neighbours: 1 }),
    "NaN in row 1",
  ],
  [
    "trustworthiness() refuses half the rows as neighbours",
    () => trustworthiness(two, two, { random, neighbours: 2 }),
    "2 neighbours of 4 rows",
  ],
  [
    "trustworthiness() refuses a layout of other rows",
    () => trustworthiness(two, { data: new Float32Array(2), shape: [2, 1] }, options),
    "4 rows in a layout of 2",
  ],
  [
    "trustworthiness() refuses a shape of another size",
    () => trustworthiness({ data: two.data, shape: [4, 2] }, two, options),
    "4 values of shape [4,2]",
  ],
];

for (const [what, run, words] of REFUSED_POINTS) {
  Deno.test(`${what}, in words`, async () => {
    const error = await assertRejects(run, SthelarError);
    assertEquals(error.tag, "InvalidArgument");
    assert(error.message.includes(words), error.message);
  });
}

Deno.test("silhouette() and trustworthiness() stop when they are told to", async () => {
  const { points, layout, labels } = cloud(4000);
  const runs = [
    (signal: AbortSignal) => silhouette(points, labels, { random, signal }),
    (signal: AbortSignal) => trustworthiness(points, layout, { random, signal, sample: 4000 }),
  ];
  for (const run of runs) {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 5);
    for (const signal of [AbortSignal.abort(), controller.signal]) {
      const error = await assertRejects(() => run(signal), SthelarError);
      assertEquals(error.tag, "Aborted");
    }
  }
});
