import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { categorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import {
  categoryOfCombination,
  combinationsOf,
  finalLabelOf,
  finalLabels,
  LABEL1,
  type LabelColumns,
} from "@/labels/mod.ts";
import { categoryColours } from "@/plots/colours.ts";

type Row = readonly (string | undefined)[];

function columnsOf(rows: readonly Row[]): LabelColumns {
  const [label1, label2, label3] = [0, 1, 2].map((place) =>
    categorical(rows.map((row) => row[place]))
  );
  return { label1, label2, label3 };
}
const texts = (rows: readonly Row[], unit: "nuclei" | "cells" = "cells") => {
  const { column: { codes, levels } } = finalLabels(columnsOf(rows), unit);
  return Array.from(codes, (code) => levels[code]);
};
const published = JSON.parse(
  await Deno.readTextFile(
    new URL("../../data/ontology/label_combinations.json", import.meta.url),
  ),
);

Deno.test("every published combination begins with a known label1, and has that label's category", () => {
  assertEquals(
    [Object.keys(published.nuclei).length, Object.keys(published.cells).length],
    [108, 96],
  );
  for (const [key, category] of Object.entries({ ...published.nuclei, ...published.cells })) {
    if (key === "less10_less10_less10") continue;
    const own = LABEL1.filter((label1) => key.startsWith(`${label1}_`));
    assert(own.some((label1) => finalLabelOf(label1) === category), key);
  }
});

Deno.test("every category of a label1 has a colour", () => {
  const colours = categoryColours("final_label");
  for (const label1 of LABEL1) assert(colours.has(finalLabelOf(label1)), label1);
});

Deno.test("categoryOfCombination() knows the published combinations, with their misspellings", () => {
  const normal = { label3: "normal_cell" };
  for (
    const [label1, label2] of [
      ["Epithelial", "Basal_keatinocyte"],
      ["Cardiomyocyte", "Cardiomyocyte"],
      ["Monocyte/Macrophage/DC", "Monocyte/Macrophage/DC"],
    ]
  ) {
    const found = categoryOfCombination({ label1, label2, ...normal }, "nuclei");
    assertEquals([found?.how, found?.finalLabel], ["combination", finalLabelOf(label1)]);
  }
  const corrected = { label1: "Epithelial", label2: "Basal_keratinocyte", ...normal };
  assertEquals(categoryOfCombination(corrected, "nuclei")?.how, "label1");
});

Deno.test("finalLabels() accepts a known label1 in a new combination, and lists it", () => {
  const rows = [["T", "T", "normal_cell"], ["T", "T_odd", "normal_cell"], ["T", undefined, "x"]];
  assertEquals(texts(rows), ["T_NK", "T_NK", "T_NK"]);
  const { combinations } = finalLabels(columnsOf(rows), "cells");
  assertEquals(
    combinations.map(({ label2, how, count }) => [label2, how, count]),
    [["", "label1", 1], ["T", "combination", 1], ["T_odd", "label1", 1]],
  );
});

Deno.test("finalLabels() lists combinations by label1, frequent ones first, less10 last", () => {
  const b = ["B", "B", "normal_cell"], few = ["less10", "less10", "less10"];
  const treg = ["T", "Treg", "normal_cell"], t = ["T", "T", "normal_cell"];
  const pdc = ["pDC", "pDC", "normal_cell"];
  const { combinations } = finalLabels(columnsOf([few, pdc, treg, t, t, b]), "nuclei");
  assertEquals(
    combinations.map(({ label1, label2, count }) => [label1, label2, count]),
    [["B", "B", 1], ["T", "T", 2], ["T", "Treg", 1], ["pDC", "pDC", 1], ["less10", "less10", 1]],
  );
});

Deno.test("finalLabels() takes rows without label as those that say less10", () => {
  const rows = [["less10", "less10", "less10"], [undefined, undefined, undefined]];
  assertEquals(texts(rows), ["Less10", "Less10"]);
  assertEquals(combinationsOf(columnsOf(rows)).counts, [2]);
  assertEquals(finalLabels(columnsOf([]), "cells").combinations, []);
});

Deno.test("finalLabels() refuses every unknown label1, with its rows and the nearest names", () => {
  const rows = [
    ["Masst", "Mast", "normal_cell"],
    ["T", "T", "normal_cell"],
    ["Masst", "Mast_cell", "normal_cell"],
    ["Quark", "up", "normal_cell"],
  ];
  const error = assertThrows(() => texts(rows, "nuclei"), SthelarError);
  assertEquals(error.tag, "InvalidArgument");
  for (
    const words of ['"Masst" of 2 nuclei (like "Mast"', '"Quark" of 1 nuclei', "Cardiomyocyte"]
  ) {
    assertStringIncludes(error.message, words);
  }
});

Deno.test("finalLabels() refuses half labels: less10 beside a type, and a type without label1", () => {
  const half = assertThrows(() => texts([["less10", "T", "normal_cell"]]), SthelarError);
  assertStringIncludes(half.message, '"less10" of 1 cells');
  const bare = assertThrows(() => texts([[undefined, "T", "normal_cell"]]), SthelarError);
  assertStringIncludes(bare.message, '"" of 1 cells');
});

Deno.test("finalLabels() refuses columns of different rows", () => {
  const label1 = categorical(["T"]);
  const error = assertThrows(
    () => finalLabels({ label1, label2: label1, label3: categorical([]) }, "cells"),
    SthelarError,
  );
  assertEquals(error.tag, "IdMismatch");
});

Deno.test("finalLabels() gives each row the same whatever the order of the rows", () => {
  const names = LABEL1.slice(0, 20);
  const rows = Array.from({ length: 300 }, (_, i) => {
    const label1 = names[i * 7 % names.length];
    return [label1, i % 3 === 0 ? label1 : `${label1}_${i % 5}`, "normal_cell"];
  });
  assertEquals(texts(rows.toReversed()), texts(rows).toReversed());
});
