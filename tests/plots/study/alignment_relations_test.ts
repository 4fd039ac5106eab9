import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { keptByThreshold, scorePairs } from "@/plots/study/mod.ts";

const COLOURS = new Map([["heart", "#111111"], ["skin", "#222222"], ["bone", "#333333"]]);
const SLIDES = [
  { slide: "heart_s0", tissue: "heart", patches: 10, kept: [10, 8, 6, 2, 0] },
  { slide: "skin_s1", tissue: "skin", patches: 30, kept: [30, 30, 20, 1, 0] },
];
const CUTS = [{ cut: 0.5, share: 0.65 }, { cut: 0.6125, share: 0.321 }];
const DRAWN = { slides: SLIDES, score: "Jaccard", colours: COLOURS };

Deno.test("keptByThreshold() tells the share of all patches at each cut, as it was counted", async () => {
  const svg = await keptByThreshold({ ...DRAWN, cuts: CUTS }).svg();
  for (const text of ["≥ 0.5: 65.0 %", "≥ 0.6125: 32.1 %", "n = 40 patches of 2 slides"]) {
    assertStringIncludes(svg, text);
  }
  assert(!svg.includes(">bone<"), "a tissue without slides has no colour in the legend");
  assert(!svg.includes("published"));
});

Deno.test("keptByThreshold() marks what was published", async () => {
  const published = [{ cut: 0.45, share: 0.8654 }];
  const svg = await keptByThreshold({ ...DRAWN, cuts: CUTS, published }).svg();
  assertStringIncludes(svg, ">published data set<");
  const circles = (text: string) => [...text.matchAll(/<circle/g)].length;
  const bare = await keptByThreshold({ ...DRAWN, cuts: CUTS }).svg();
  assertEquals(circles(svg), circles(bare) + 2, "one in the plot, one in the legend");
});

Deno.test("scorePairs() has one scale for all panels, and a line where scores should follow one", async () => {
  const few = { x: "Jaccard", y: "bPQ", counts: [1, 0, 0, 2] };
  const line = { label: "the line", at: (x: number) => x };
  const many = { x: "Dice", y: "Jaccard", counts: [0, 0, 0, 1000], line };
  const svg = await scorePairs({ pairs: [few, many], notes: ["simulated"] }).svg();
  for (const text of [">1,000<", ">the line<", "n = 3 patches", ">simulated</text>", ">bPQ<"]) {
    assertStringIncludes(svg, text);
  }
  assertEquals([...svg.matchAll(/<image/g)].length, 2);
  assert(!(await scorePairs({ pairs: [few] }).svg()).includes("the line"));
});
