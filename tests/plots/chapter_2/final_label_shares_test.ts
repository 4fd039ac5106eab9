import { assert, assertEquals, assertRejects } from "@std/assert";
import { SthelarError } from "@/core/errors.ts";
import { finalLabelShares } from "@/plots/chapter_2/mod.ts";
import { categoryColours } from "@/plots/mod.ts";

const colours = categoryColours("final_label");
const nuclei = {
  unit: "nuclei",
  counts: new Map([["Epithelial", 3], ["T_NK", 1], ["Myeloid", 0]]),
  leftOut: 1500,
};
const cells = { unit: "cells", counts: new Map([["T_NK", 5000]]) };

Deno.test("finalLabelShares() lists categories that occur, in the published order, for both", async () => {
  const svg = await finalLabelShares({ groups: [nuclei, cells], colours }).svg();
  for (const text of ["3 (75.0 %)", "1 (25.0 %)", "5,000 (100.0 %)", "0 (0 %)"]) {
    assert(svg.includes(`>${text}<`), text);
  }
  assert(svg.includes(">4 nuclei, 5,000 cells<"));
  assert(svg.includes("Not clustered, and not counted: 1,500 nuclei."));
  assertEquals(svg.includes("Myeloid"), false);
  assert(svg.indexOf(">T_NK<") < svg.indexOf(">Epithelial<"));
});

Deno.test("finalLabelShares() marks the truth, also of a category that nothing was called", async () => {
  const truth = new Map([["Melanocyte", 0.2], ["T_NK", 0.8]]);
  const svg = await finalLabelShares({ groups: [{ ...cells, truth }], colours }).svg();
  assert(svg.includes(">Melanocyte<") && svg.includes("truth: vertical lines"));
  const without = await finalLabelShares({ groups: [cells], colours }).svg();
  assertEquals([without.includes("Melanocyte"), without.includes("truth")], [false, false]);
});

Deno.test("finalLabelShares() draws one table, none, and refuses a category without colour", async () => {
  assert((await finalLabelShares({ groups: [], colours }).svg()).includes("<svg"));
  const empty = { unit: "cells", counts: new Map<string, number>() };
  assert((await finalLabelShares({ groups: [empty], colours }).svg()).includes(">0 cells<"));
  const odd = { unit: "cells", counts: new Map([["Martian", 2]]) };
  const error = await assertRejects(
    () => finalLabelShares({ groups: [odd], colours }).svg(),
    SthelarError,
  );
  assert(error.message.includes("Martian"));
});
