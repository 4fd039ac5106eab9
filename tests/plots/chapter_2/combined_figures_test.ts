import { assert, assertEquals } from "@std/assert";
import {
  type CombinedClusterRow,
  combinedClustersFigure,
  screeFigure,
  threeLabelsFigure,
} from "@/plots/chapter_2/mod.ts";

const count = (text: string, part: string) => text.split(part).length - 1;
const falling = (length: number) => Array.from({ length }, (_, i) => 0.2 * Math.exp(-0.1 * i));

Deno.test("screeFigure() marks 31 components upwards, at the logarithm of their share", async () => {
  const blocks = [
    { name: "nucleus", varianceRatio: falling(50), kept: 15 },
    { name: "cytoplasm", varianceRatio: falling(50), kept: 21, why: "as published" },
  ];
  const svg = await screeFigure({ blocks }).svg();
  assertEquals([count(svg, ">PC31<"), count(svg, ">PC32<"), count(svg, ">ranking<")], [2, 0, 2]);
  assertEquals(count(svg, "rotate(-90)") >= 62, true);
  for (const text of ["15 kept", "21 kept", "variance ratio", "cytoplasm: as published"]) {
    assert(svg.includes(`>${text}<`), text);
  }
  assert(svg.includes("ln(variance ratio)") && !svg.includes("NaN"));
});

Deno.test("screeFigure() draws no line where all are kept, and leaves out shares of 0", async () => {
  const svg = await screeFigure({
    blocks: [{ name: "both", varianceRatio: [0.5, 0.25, 0], kept: 3 }, {
      name: "one",
      varianceRatio: [1],
    }],
  }).svg();
  assert(!svg.includes("kept") && !svg.includes("PC3<") && !svg.includes("NaN"));
});

const cluster = (change: Partial<CombinedClusterRow> = {}): CombinedClusterRow => ({
  ...{ name: "0", cells: 10, finalLabel: "T_NK", overridden: false, flags: [] },
  ...{ cellCounts: [9, 1, 0], nucleusCounts: [4, 6], disagreement: 0.3, disagreementOfAll: 0.6 },
  ...change,
});

Deno.test("combinedClustersFigure() shows both shares, the label, and why a cluster is flagged", async () => {
  const svg = await combinedClustersFigure({
    clusters: [
      cluster(),
      cluster({ name: "1", overridden: true, flags: ["cells unknown", "nuclei differ"] }),
    ],
    cellCategories: ["T_NK", "Unknown", "Never"],
    nucleusCategories: ["T_NK", "Less10"],
    flagAbove: 0.4,
  }).svg();
  for (
    const text of [
      ...["0 · T_NK (10)", "1 · T_NK* (10)", "90", "40", "cells", "their nuclei", "Less10"],
      "cells unknown, nuclei differ",
    ]
  ) assert(svg.includes(`>${text}<`), text);
  assert(svg.includes("2 clusters of 20 cells; 1 flagged, with 50.0 % of the cells"));
  assert(!svg.includes("Never") && !svg.includes("NaN"));
});

Deno.test("combinedClustersFigure() draws one cluster, and an empty one", async () => {
  const empty = cluster({ cells: 0, cellCounts: [0], nucleusCounts: [0], disagreement: 0 });
  const svg = await combinedClustersFigure({
    clusters: [{ ...empty, disagreementOfAll: 0 }],
    ...{ cellCategories: ["T_NK"], nucleusCategories: ["T_NK"], flagAbove: 0.4 },
  }).svg();
  assert(!svg.includes("NaN"));
});

Deno.test("threeLabelsFigure() has a dot for each label and category, and says the accuracies", async () => {
  const of = (name: string, accuracy: number) => ({
    ...{ name, accuracy, balancedAccuracy: accuracy },
    recall: { T_NK: accuracy, B_Plasma: 1 },
  });
  const svg = await threeLabelsFigure({
    cells: 1234,
    labels: [of("nuclei", 0.5), of("cells", 0.75), of("combined", 0.9)],
  }).svg();
  assert(svg.includes("1,234 cells; accuracy: nuclei 50.0 %, cells 75.0 %, combined 90.0 %"));
  assertEquals(count(svg, "<circle"), 12);
  for (const text of ["accuracy", "balanced accuracy", "B_Plasma", "% right"]) {
    assert(svg.includes(`>${text}<`), text);
  }
});
