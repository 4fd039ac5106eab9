import { assert, assertEquals, assertThrows } from "@std/assert";
import { categorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import { categoryColours, colourOf, freeColours, legendByLevel, parseColour } from "@/plots/mod.ts";
import { drawLegend } from "@/plots/legend.ts";
import { rampTable } from "@/plots/colours.ts";

Deno.test("categoryColours() has the published twelve labels in the published order", () => {
  assertEquals([...categoryColours("final_label")].flat(), [
    ...["T_NK", "#ff0f0f", "B_Plasma", "#ff8f0f", "Myeloid", "#ffd30f", "Blood_vessel", "#468000"],
    ...["Fibroblast_Myofibroblast", "#9cff24", "Epithelial", "#39d085", "Specialized", "#45edff"],
    ...["Melanocyte", "#16a9df", "Stem_like", "#1645df", "Glioblastoma", "#8237eb"],
    ...["Unknown", "#000000", "Less10", "#8f8f8f"],
  ]);
  assertEquals(categoryColours("final_label_paper").size, 10);
  assertEquals(parseColour(categoryColours("pannuke").get("Connective") ?? ""), [35, 92, 236]);
});

Deno.test("colourOf() names a level without a colour", () => {
  assertThrows(() => colourOf(freeColours(["a"]), "b"), SthelarError, 'the level "b"');
});

Deno.test("freeColours() gives every level its own colour, up to hundreds", () => {
  const levels = Array.from({ length: 60 }, (_, i) => `c${i}`);
  assertEquals(new Set(freeColours(levels).values()).size, 60);
});

Deno.test("freeColours() are scanpy's palettes of 20, 28 and 102 colours", () => {
  const coloursOf = (count: number) => {
    const colours = freeColours(Array.from({ length: count }, (_, i) => `c${i}`));
    assertEquals(new Set(colours.values()).size, count);
    return [...colours.values()];
  };
  assertEquals(coloursOf(20).slice(-1), ["#8c6d31"]);
  assertEquals(coloursOf(28).slice(-1), ["#336600"]);
  assertEquals(coloursOf(21)[0], "#023fa5");
  assertEquals([coloursOf(102)[0], coloursOf(102)[101]], ["#ffff00", "#324e72"]);
  coloursOf(103);
});

Deno.test("parseColour() refuses what is no colour", () => {
  assertThrows(() => parseColour("redd"), SthelarError, '"redd"');
});

Deno.test("rampTable() is viridis from dark to yellow", () => {
  const table = rampTable("viridis");
  assertEquals([...table.subarray(0, 3)], [68, 1, 84]);
  assertEquals([...table.subarray(-3)], [253, 231, 37]);
});

Deno.test("legendByLevel() follows the colours' order, not the column's, and counts", () => {
  const column = categorical(["Myeloid", "T_NK", "T_NK", undefined]);
  const { items } = legendByLevel(column, categoryColours("final_label"), "#eeeeee");
  assertEquals(items.map(({ label, color }) => [label, color]), [
    ["T_NK (2)", "#ff0f0f"],
    ["Myeloid (1)", "#ffd30f"],
    ["missing (1)", "#eeeeee"],
  ]);
});

Deno.test("a legend wraps: no entry begins beyond the width", () => {
  const items = Array.from({ length: 13 }, (_, i) => ({ label: `level ${i}`, color: "#000000" }));
  const { body, height } = drawLegend({ items }, 200);
  const starts = [...body.matchAll(/translate\(([\d.]+),(\d+)\)/g)].map((m) => Number(m[1]));
  assertEquals(starts.length, 13);
  assert(Math.max(...starts) < 150, `${starts}`);
  assert(height > 50);
});

Deno.test("a logarithmic ramp is labelled at decades", () => {
  const { body } = drawLegend({ ramp: "viridis", label: "n", domain: [1, 400], log: true }, 300);
  assertEquals([...body.matchAll(/>([\d,]+)<\/text>/g)].map((m) => m[1]), ["1", "10", "100"]);
});
