import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { categoryColours } from "@/plots/mod.ts";
import {
  agreementBySlide,
  confusionHeatMap,
  labelFlow,
  logStackedBars,
  pairedColours,
  sampledColours,
  tissuePies,
  twinStackedBars,
} from "@/plots/study/mod.ts";

const TISSUES = ["bone", "breast", "colon", "heart", "kidney", "liver", "lung", "ovary", "skin"];

/** Places of texts, from `<text x=… y=…>`. */
function textsOf(svg: string): { x: number; y: number; text: string }[] {
  return [...svg.matchAll(/<text x="([-\d.]+)" y="([-\d.]+)"[^>]*>([^<]*)</g)]
    .map(([, x, y, text]) => ({ x: Number(x), y: Number(y), text }));
}

Deno.test("sampledColours() samples tab20 at 11 positions in alphabetical order", () => {
  const levels = Array.from({ length: 11 }, (_, i) => String.fromCharCode(107 - i));
  const colours = [...sampledColours(levels)];
  assertEquals(colours[0], ["a", "#1f77b4"]);
  assertEquals(colours[1], ["b", "#ff7f0e"]);
  assertEquals(colours[9], ["j", "#17becf"]);
  assertEquals(colours[10], ["k", "#9edae5"]);
  const many = [...sampledColours(Array.from({ length: 16 }, (_, i) => `t${10 + i}`)).values()];
  assertEquals(new Set(many).size, 16);
});

Deno.test("pairedColours() gives the same tissue the same colour in every pie", () => {
  assertEquals(pairedColours(["skin", "heart"]).get("heart"), "#a6cee3");
  assertEquals(new Set(pairedColours(TISSUES).values()).size, TISSUES.length);
});

Deno.test("twinStackedBars() prints shares that fit and the total of each bar", async () => {
  const svg = await twinStackedBars({
    counts: [
      { group: "heart", part: "T_NK", count: 750 },
      { group: "heart", part: "Myeloid", count: 240 },
      { group: "heart", part: "Unknown", count: 10 },
      { group: "skin", part: "T_NK", count: 0 },
    ],
    groups: ["heart", "skin"],
    colours: categoryColours("final_label"),
    unit: "cells",
  }).svg();
  for (const text of [">75<", ">24<", ">1,000<", ">0<"]) assertStringIncludes(svg, text);
  assert(!svg.includes(">1<"));
  assert(!svg.includes(">Epithelial<"), "a part that nothing has is not in the legend");
});

Deno.test("tissuePies() starts at the top, goes counter-clockwise and sets small slices apart", async () => {
  const counts = TISSUES.map((part, i) => ({ group: "T_NK", part, count: i === 0 ? 500 : 1 }));
  const colours = pairedColours(TISSUES);
  const svg = await tissuePies({ counts, groups: ["T_NK"], colours, unit: "cells" }).svg();
  const [first] = svg.matchAll(/d="M0,0L([-\d.]+),([-\d.]+)A/g);
  assertAlmostEquals(Number(first[1]), 0, 1e-6);
  assert(Number(first[2]) < 0);
  const texts = textsOf(svg).filter(({ text }) => text.endsWith("%"));
  assertEquals(texts.length, TISSUES.length);
  assertEquals(texts[0].text, "bone 98.4 %");
  for (const a of texts) {
    for (const b of texts) {
      if (a === b || Math.sign(a.x) !== Math.sign(b.x)) continue;
      assert(Math.abs(a.y - b.y) >= 11.9, `"${a.text}" lies on "${b.text}"`);
    }
  }
});

Deno.test("tissuePies() draws a whole circle for one tissue and nothing for none", async () => {
  const counts = [{ group: "T_NK", part: "skin", count: 3 }];
  const colours = pairedColours(["skin"]);
  const svg = await tissuePies({ counts, groups: ["T_NK", "Myeloid"], colours, unit: "cells" })
    .svg();
  assertStringIncludes(svg, "<circle");
  assertStringIncludes(svg, "skin 100.0 %");
  assertStringIncludes(svg, "Myeloid (0 cells)");
});

Deno.test("logStackedBars() stacks pieces on a logarithmic axis that shows a bar of one", async () => {
  const counts = [
    { group: "B", part: "normal_cell", count: 90 },
    { group: "B", part: "cancer_cell", count: 910 },
  ];
  const svg = await logStackedBars({ counts, colours: categoryColours("label3"), unit: "cells" })
    .svg();
  const heights = [...svg.matchAll(/<rect fill="#(?:66c2a5|fc8d62)" height="([\d.]+)"/g)]
    .map(([, height]) => Number(height));
  assertEquals(heights.length, 2);
  const below = Math.log10(1000 / 90), above = Math.log10(90 / 0.7);
  assertAlmostEquals(heights[1] / heights[0], below / above, 0.02);
});

Deno.test("labelFlow() draws bands as wide as there are cells", async () => {
  const svg = await labelFlow({
    annotations: ["nuclei", "cells"],
    links: [[
      { from: "T_NK", to: "T_NK", count: 300 },
      { from: "T_NK", to: "Myeloid", count: 100 },
      { from: "Myeloid", to: "Myeloid", count: 0 },
    ]],
    colours: categoryColours("final_label"),
  }).svg();
  const widths = [...svg.matchAll(/d="M[-\d.]+,([\d.]+)C[^V]*V[\d.]+C[^Z]* [-\d.]+,([\d.]+)Z"/g)]
    .map(([, top, bottom]) => Number(bottom) - Number(top));
  assertEquals(widths.length, 2);
  assertAlmostEquals(widths[0] / widths[1], 3, 0.01);
  assertStringIncludes(svg, ">T_NK 400</text>");
  assertStringIncludes(svg, ">Myeloid 100</text>");
});

Deno.test("labelFlow() keeps names of tiny labels a line apart", async () => {
  const labels = [...categoryColours("final_label").keys()];
  const links = labels.map((label, i) => ({ from: label, to: label, count: i === 0 ? 1e6 : 1 }));
  const svg = await labelFlow({
    annotations: ["nuclei", "cells"],
    links: [links],
    colours: categoryColours("final_label"),
  }).svg();
  const texts = textsOf(svg).filter(({ text }) => /^[A-Z]\w+ [\d,]+$/.test(text));
  assertEquals(texts.length, 2 * labels.length);
  for (const a of texts) {
    for (const b of texts) if (a !== b && a.x === b.x) assert(Math.abs(a.y - b.y) > 12.9);
  }
});

Deno.test("confusionHeatMap() prints counts, agreementBySlide() sorts slides by agreement", async () => {
  const heat = await confusionHeatMap({
    rows: ["a", "b"],
    columns: ["a", "c"],
    counts: [[1234, 0], [2, 3]],
    ...{ rowAxis: "first", columnAxis: "second", unit: "cells" },
  }).svg();
  assertStringIncludes(heat, ">1,234</text>");
  assertStringIncludes(heat, ">b (5)</text>");
  const dots = await agreementBySlide({
    slides: [
      { slide: "low", agreement: 0.2, known: undefined, cells: 7 },
      { slide: "high", agreement: 0.3, known: 0.9, cells: 1234 },
    ],
  }).svg();
  assert(dots.indexOf(">high<") < dots.indexOf(">low<"));
  assertStringIncludes(dots, "1,234 cells");
});
