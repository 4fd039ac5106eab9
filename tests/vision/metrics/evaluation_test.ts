import { nucleusRecords } from "@/vision/hover/mod.ts";
import {
  evaluatePatch,
  noDetections,
  optimalAssignment,
  type PanopticQuality,
  panopticQuality,
  type PatchEvaluation,
  summariseEvaluations,
  typeConfusion,
} from "@/vision/metrics/mod.ts";
import { binaryOverlap } from "@/vision/metrics/mod.ts";
import { SthelarError } from "@/core/errors.ts";
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { readFixture } from "../read_fixture.ts";

type Box = readonly [
  top: number,
  left: number,
  bottom: number,
  right: number,
  label: number,
  type: number,
];
type Quality = readonly [dq: number, sq: number] | null;

interface MetricsGolden {
  readonly size: number;
  readonly classes: number;
  readonly cases: readonly {
    readonly truth: readonly Box[];
    readonly predicted: readonly Box[];
    readonly dice: number;
    readonly jaccard: number | null;
    readonly binary: Quality;
    readonly classes: readonly Quality[];
    readonly detection: Readonly<Record<"pairs" | "missed" | "spurious", number[]>>;
  }[];
  readonly assignments: readonly { readonly costs: number[][]; readonly sum: number }[];
}

const golden = readFixture<MetricsGolden>("metrics_golden.json");
const { size, classes } = golden;

function draw(boxes: readonly Box[]) {
  const labels = new Int32Array(size * size), types = new Uint8Array(size * size);
  for (const [top, left, bottom, right, label, type] of boxes) {
    for (let y = top; y < bottom; y++) {
      labels.fill(label, y * size + left, y * size + right);
      types.fill(type, y * size + left, y * size + right);
    }
  }
  const records = nucleusRecords(labels, types, { width: size, height: size });
  return { labels, types, records };
}

function evaluate(truth: readonly Box[], predicted: readonly Box[]): PatchEvaluation {
  const found = draw(predicted);
  const binary = Uint8Array.from(found.labels, (label) => label > 0 ? 1 : 0);
  return evaluatePatch(draw(truth), { ...found, binary }, { classes, radius: 6 });
}

function pqOf(quality: Quality): number | undefined {
  return quality === null ? undefined : quality[0] * quality[1];
}

function assertQuality(found: PanopticQuality | undefined, expected: Quality, name: string): void {
  assertEquals(found === undefined, expected === null, name);
  if (found === undefined || expected === null) return;
  assertAlmostEquals(found.dq, expected[0], 1e-8, name);
  assertAlmostEquals(found.sq, expected[1], 1e-8, name);
  assertEquals(found.pq, found.dq * found.sq);
}

Deno.test("evaluatePatch() equals plain formulas in numpy and scipy on 200 random patches", () => {
  for (const [i, expected] of golden.cases.entries()) {
    const found = evaluate(expected.truth, expected.predicted);
    assertAlmostEquals(found.dice, expected.dice, 1e-8, `Dice of ${i}`);
    assertEquals(found.jaccard === undefined, expected.jaccard === null);
    if (found.jaccard !== undefined) {
      assertAlmostEquals(found.jaccard, expected.jaccard!, 1e-8);
      assertAlmostEquals(found.dice, 2 * found.jaccard / (1 + found.jaccard), 1e-12);
    }
    assertQuality(found.binary, expected.binary, `binary quality of ${i}`);
    found.classes.forEach((quality, c) =>
      assertQuality(quality, expected.classes[c], `quality of class ${c} of ${i}`)
    );
    for (const part of ["pairs", "missed", "spurious"] as const) {
      assertEquals([...found.detection[part]], expected.detection[part], `${part} of ${i}`);
    }
  }
});

Deno.test("panopticQuality() passes the specification's fixture: a pair at exactly 0.5 is none", () => {
  interface Vectors {
    readonly pq: Readonly<Record<"gt" | "pred", number[][]>> & Record<string, number>;
  }
  const { pq } = readFixture<Vectors>("spec_vectors.json");
  const [truth, predicted] = [pq.gt, pq.pred].map((map) => Int32Array.from(map.flat()));
  const found = panopticQuality(truth, predicted)!;
  for (const part of ["dq", "sq", "pq"] as const) assertAlmostEquals(found[part], pq[part], 1e-15);
  const { dice, jaccard } = binaryOverlap(truth, predicted);
  assertAlmostEquals(dice, pq.dice, 1e-15);
  assertAlmostEquals(jaccard!, pq.jaccard, 1e-15);
});

Deno.test("panopticQuality() does not depend on what the labels are, cell numbers of millions included", () => {
  const { truth, predicted } = golden.cases[1];
  const [a, b] = [draw(truth).labels, draw(predicted).labels];
  const far = (labels: Int32Array) =>
    labels.map((label) => label === 0 ? 0 : 5_000_000 - 11 * label);
  assertEquals(panopticQuality(far(a), far(b)), panopticQuality(a, b));
});

Deno.test("optimalAssignment() costs as little as scipy's", () => {
  for (const { costs, sum } of golden.assignments) {
    const [rows, columns] = [costs.length, costs[0].length];
    const found = optimalAssignment(Float64Array.from(costs.flat()), rows, columns);
    const used = [...found].flatMap((column, row) => column < 0 ? [] : [[row, column]]);
    assertEquals(used.length, Math.min(rows, columns));
    assertEquals(new Set(used.map(([, column]) => column)).size, used.length);
    assertEquals(used.reduce((total, [row, column]) => total + costs[row][column], 0), sum);
  }
});

Deno.test("optimalAssignment() refuses NaN", () => {
  assertThrows(() => optimalAssignment(Float64Array.of(NaN), 1, 1), SthelarError, "a cost of NaN");
});

Deno.test("an image without nuclei on either side pairs two fake ones of type 0", () => {
  const { detection, dice, jaccard, binary } = evaluate([], []);
  assertEquals(detection.pairs[0], 1);
  assertEquals({ dice, jaccard, binary }, { dice: 0, jaccard: undefined, binary: undefined });
});

Deno.test("summariseEvaluations() takes means of the patches that have a value", () => {
  const evaluations = golden.cases.map(({ truth, predicted }) => evaluate(truth, predicted));
  const patches = evaluations.map((evaluation, i) => ({
    evaluation,
    tissue: i % 2 === 0 ? "Heart" : "Colon",
  }));
  const names = ["Background", "A", "B", "C"];
  const { dataset, tissues, pq, counts } = summariseEvaluations(patches, names);
  const mean = (values: readonly (number | null | undefined)[]) => {
    const present = values.filter((value) => value !== null && value !== undefined);
    return present.reduce((sum, value) => sum + value, 0) / present.length;
  };
  const { cases } = golden;
  assertAlmostEquals(dataset["Binary-Cell-Dice-Mean"]!, mean(cases.map(({ dice }) => dice)), 1e-8);
  assertAlmostEquals(
    dataset["Binary-Cell-Jacard-Mean"]!,
    mean(cases.map(({ jaccard }) => jaccard)),
    1e-8,
  );
  assertAlmostEquals(dataset.bPQ!, mean(cases.map(({ binary }) => pqOf(binary))), 1e-8);
  const ofPatches = cases.map((one) =>
    one.classes.every((q) => q === null)
      ? undefined
      : mean(one.classes.map((quality) => pqOf(quality)))
  );
  assertAlmostEquals(dataset.mPQ!, mean(ofPatches), 1e-8);
  assertAlmostEquals(pq.B!, mean(cases.map((one) => pqOf(one.classes[2]))), 1e-8);
  const heart = cases.filter((_, i) => i % 2 === 0);
  assertAlmostEquals(tissues.heart.bPQ!, mean(heart.map(({ binary }) => pqOf(binary))), 1e-8);
  const pairs = cases.reduce((sum, one) => sum + one.detection.pairs.reduce((a, b) => a + b), 0);
  const total = (part: "missed" | "spurious") =>
    cases.reduce((sum, one) => sum + one.detection[part].reduce((a, b) => a + b), 0);
  const f1 = 2 * pairs / (2 * pairs + total("missed") + total("spurious"));
  assertAlmostEquals(dataset.f1_detection!, f1, 1e-12);
  assertEquals(typeConfusion(counts).length, 4);
});

Deno.test("summariseEvaluations() has no value where no patch has one", () => {
  const { dataset, detection } = summariseEvaluations([], ["Background", "A"]);
  assertEquals(dataset.bPQ, undefined);
  assertEquals(detection.A, { precision: undefined, recall: undefined, f1: undefined });
  assertEquals([...noDetections(2).pairs], [0, 0, 0, 0]);
});
