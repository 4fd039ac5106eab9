import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type AlignedSlide, alignmentBySlide } from "@/plots/study/mod.ts";

const spread = (median: number) => ({
  ...{ low: median - 0.2, lowerQuartile: median - 0.1, median },
  ...{ upperQuartile: median + 0.1, high: median + 0.2 },
});
const slideOf = (slide: string, median: number, source = "baseline"): AlignedSlide => ({
  ...{ slide, tissue: slide.split("_")[0], source, patches: 1234 },
  scores: new Map([["Jaccard", spread(median)], ["Dice", spread(median)]]),
  keptShares: [0.5, NaN],
});
const draw = (slides: readonly AlignedSlide[], without: readonly string[] = []) =>
  alignmentBySlide({
    ...{ slides, scores: ["Dice", "Jaccard"], sortedBy: "Jaccard", cuts: [0.45, 0.7], without },
    colours: new Map([["heart", "#d62728"], ["skin", "#1f77b4"], ["bone", "#2ca02c"]]),
    notes: ["simulated"],
  }).svg();

Deno.test("alignmentBySlide() puts the slide with the best median at the top", async () => {
  const svg = await draw([slideOf("heart_s0", 0.4), slideOf("skin_s1", 0.7)], ["brain_s0"]);
  assert(svg.indexOf(">skin_s1<") < svg.indexOf(">heart_s0<"));
  for (const text of ["≥ 0.45", "≥ 0.7", "1,234", "50 %", "none", ">simulated</text>"]) {
    assertStringIncludes(svg, text);
  }
  assertStringIncludes(svg, "without a score: brain_s0");
  assert(!svg.includes(">bone<"), "a tissue without slides has no colour in the legend");
});

Deno.test("alignmentBySlide() says by whom nuclei were predicted, by slide where that differs", async () => {
  const same = await draw([slideOf("heart_s0", 0.4), slideOf("skin_s1", 0.7)]);
  assertStringIncludes(same, ">nuclei predicted by: baseline<");
  const mixed = await draw([slideOf("heart_s0", 0.4), slideOf("skin_s1", 0.7, "published")]);
  assertStringIncludes(mixed, ">nuclei predicted by: baseline (1 slide), published (1 slide)<");
  for (const text of [">heart_s0 (baseline)<", ">skin_s1 (published)<"]) {
    assertStringIncludes(mixed, text);
  }
});

Deno.test("alignmentBySlide() draws a box for each score that a slide has", async () => {
  const { scores: _, ...bare } = slideOf("heart_s0", 0.4);
  const half = { ...bare, scores: new Map([["Jaccard", spread(0.4)]]) };
  const boxesOf = (svg: string) => [...svg.matchAll(/<rect fill="#[^>]*height="14"/g)].length;
  assertEquals(boxesOf(await draw([half, slideOf("skin_s1", 0.7)])), 3);
});
