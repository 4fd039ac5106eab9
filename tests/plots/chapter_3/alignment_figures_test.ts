import { assert, assertEquals } from "@std/assert";
import {
  alignmentExamples,
  alignmentMap,
  alignmentScores,
  registrationFigure,
} from "@/plots/chapter_3/mod.ts";
import sharp from "sharp";

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
  assert(!svg.includes("framed"), "without a cut no patch is framed");
});

Deno.test("alignmentMap() shows the H&E beside the scores, patch beside patch", async () => {
  // Two pixels: red on the left, blue on the right, and nothing below the image.
  const thumbnail = { pixels: Uint8Array.of(200, 0, 0, 0, 0, 200), width: 2, height: 1 };
  const svg = await alignmentMap({
    ...{ columns: 2, count: 4, step: 100, umPerPixel: 0.25, width: 200 },
    ...{ patchIds: [0, 1], values: [0.1, 0.9], name: "Jaccard", source },
    thumbnail: { ...thumbnail, imageWidth: 200, imageHeight: 150 },
  }).svg();
  const images = [...svg.matchAll(/href="data:image\/png;base64,([^"]+)"/g)];
  assertEquals(images.length, 2);
  const { data, info } = await sharp(Uint8Array.fromBase64(images[1][1]))
    .raw().toBuffer({ resolveWithObject: true });
  const colourAt = (x: number, y: number) => {
    const at = info.channels * (Math.floor(y * info.height) * info.width + x * info.width);
    return [...data.subarray(at, at + 3)].join();
  };
  assertEquals([colourAt(0.25, 0.7), colourAt(0.75, 0.7)], ["200,0,0", "0,0,200"]);
  assertEquals(colourAt(0.25, 0.8), "250,250,250");
});

Deno.test("alignmentMap() frames patches below a cut, and counts them", async () => {
  const figure = alignmentMap({
    ...{ columns: 2, count: 4, step: 192, umPerPixel: 0.25, width: 400 },
    ...{ patchIds: [0, 1, 2], values: [0.1, 0.45, NaN], name: "Jaccard", source },
    keepFrom: 0.45,
  });
  const svg = await figure.svg();
  assert(svg.includes("2 of 3 patches have a score; 1 of them below 0.45"));
  assert(svg.includes("framed: below 0.45"));
  const { data, info } = await sharp(
    Uint8Array.fromBase64(svg.match(/href="data:image\/png;base64,([^"]+)"/)![1]),
  ).raw().toBuffer({ resolveWithObject: true });
  const colourAt = (x: number, y: number) => {
    const at = info.channels * (y * info.width + x);
    return [...data.subarray(at, at + 3)].join();
  };
  const [half, red] = [info.width / 2, "227,36,43"];
  assertEquals(
    [colourAt(0, 30), colourAt(30, 0), colourAt(half - 1, 30)],
    [red, red, red],
  );
  assert(colourAt(half / 2, half / 2) !== red && colourAt(half, 30) !== red);
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
  assert(svg.includes("1 nucleus of the run, 1 predicted"));
});

Deno.test("alignmentExamples() shows the outlines of the run where predicted ones lie on them", async () => {
  const width = 16, rgb = new Uint8Array(3 * width * width).fill(200);
  const nucleus = Int32Array.from({ length: width * width }, (_, p) => {
    const [x, y] = [p % width, Math.floor(p / width)];
    return Number(x > 1 && x < 14 && y > 1 && y < 14);
  });
  const example = { patch: 7, rank: "best", width, rgb, jaccard: 1, bpq: 1 };
  const svg = await alignmentExamples({
    examples: [{ ...example, xenium: nucleus, predicted: nucleus }],
    ...{ umPerPixel: 0.25, source },
  }).svg();
  const { data, info } = await sharp(
    Uint8Array.fromBase64(svg.match(/href="data:image\/png;base64,([^"]+)"/)![1]),
  ).raw().toBuffer({ resolveWithObject: true });
  const colours = new Set<string>();
  for (let at = 0; at < data.length; at += info.channels) {
    colours.add([...data.subarray(at, at + 3)].join());
  }
  assertEquals(colours, new Set(["200,200,200", "0,229,255", "255,230,0"]));
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
  assert(/>−3\.0, \+3\.0 µm<.*>\(not sure\)</.test(svg));
  assertEquals(svg.match(/not sure/g)?.length, 1);
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
