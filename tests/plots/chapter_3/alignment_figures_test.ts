import { assert, assertEquals } from "@std/assert";
import {
  alignmentExamples,
  alignmentMap,
  alignmentScores,
  registrationFigure,
} from "@/plots/chapter_3/mod.ts";

const source = "baseline";

Deno.test("alignmentScores() shows medians, cuts and how many patches have no score", async () => {
  const values = [0.2, 0.4, 0.6, 0.8, NaN];
  const svg = await alignmentScores({
    scores: [{ name: "Jaccard", values, cuts: [0.45] }, { name: "bPQ", values: [NaN] }],
    source,
  }).svg();
  for (
    const text of [
      "Jaccard: median 0.50",
      "n = 4 patches, 1 without",
      "≥ 0.45",
      "bPQ: no patch has one",
    ]
  ) assert(svg.includes(text), text);
  assert(svg.includes("nuclei predicted by: baseline"));
});

Deno.test("alignmentMap() leaves room for patches without score, and says how many there are", async () => {
  const svg = await alignmentMap({
    ...{ columns: 3, count: 6, step: 192, umPerPixel: 0.25 },
    ...{ patchIds: [0, 2, 4], values: [0.1, NaN, 0.9], name: "Jaccard", source },
  }).svg();
  assert(svg.includes("2 of 3 patches have a score"));
  assert(svg.includes("no score"));
});

const width = 8;
const square = (from: number, to: number) =>
  Int32Array.from({ length: width * width }, (_, p) => {
    const [x, y] = [p % width, Math.floor(p / width)];
    return x >= from && x < to && y >= from && y < to ? 1 : 0;
  });

Deno.test("alignmentExamples() tells rank and scores of each patch", async () => {
  const rgb = new Uint8Array(3 * width * width).fill(200);
  const example = { patch: 7, rank: "worst", width, rgb, jaccard: 0.25, bpq: NaN };
  const svg = await alignmentExamples({
    examples: [{ ...example, xenium: square(1, 5), predicted: square(3, 7) }],
    ...{ umPerPixel: 0.25, source },
  }).svg();
  assert(svg.includes("worst: patch 7, Jaccard 0.25, bPQ none"));
  assert(svg.includes("nuclei of the Xenium run") && svg.includes("predicted nuclei"));
});

const curveOf = (um: number) =>
  [-1, 0, 1].map((step) => ({ dxUm: um + step, dyUm: 0, score: 0.8 - 0.2 * Math.abs(step) }));
const found = (um: number, confidence = 20) => ({
  best: { dxUm: um, dyUm: -um, score: 0.8 },
  confidence,
  curve: [...curveOf(um), ...curveOf(um)],
});

Deno.test("registrationFigure() tells the shift, and whether it is sure", async () => {
  const quarters = [found(2), found(2), found(2), found(-3, 1)];
  const svg = await registrationFigure({ whole: found(2), quarters, maxShiftUm: 20, source }).svg();
  assert(svg.includes("+2.0 µm in x, −2.0 µm in y"));
  assert(svg.includes("−3.0, +3.0 µm (not sure)"));
  const unsure = await registrationFigure({
    ...{ whole: found(2, 1), quarters, maxShiftUm: 20, source },
  }).svg();
  assert(unsure.includes("but that is not sure"));
});

Deno.test("registrationFigure() says where no shift can be told", async () => {
  const none = { best: undefined, confidence: 0, curve: [] };
  const svg = await registrationFigure({
    ...{ whole: none, quarters: [none, none, none, none], maxShiftUm: 20, source },
  }).svg();
  assert(svg.includes("no shift can be told"));
  assertEquals(svg.match(/>none</g)?.length, 4);
});
