import { assert, assertEquals } from "@std/assert";
import { CELL_TYPES } from "@/simulate/simulation_tables.ts";
import { LABEL1, labelOfType } from "@/labels/reference_types.ts";
import typeFile from "../../data/ontology/reference_types.json" with { type: "json" };
import published from "../fixtures/reference_types/published_types.json" with { type: "json" };

Deno.test("every type of the published references has a label by its name", () => {
  const lists = Object.entries(published);
  assertEquals(lists.length, 12);
  const lacking = lists.flatMap(([tissue, types]) =>
    types.filter((type) => labelOfType(type, tissue).by !== "name")
      .map((type) => `${tissue}: ${type}`)
  );
  assertEquals(lacking, []);
});

Deno.test("every label of a type is one that annotations use", () => {
  const labels = [typeFile.types, typeFile.endings, ...Object.values(typeFile.byTissue)]
    .flatMap((labels) => Object.values(labels as Record<string, string>));
  assertEquals([...new Set(labels)].filter((label) => !LABEL1.includes(label)), []);
});

Deno.test("no two names of one type have different labels", () => {
  for (const [type, label1] of Object.entries(typeFile.types)) {
    assertEquals(labelOfType(type, "").label1, label1, type);
  }
});

Deno.test("simulated types come back as the label that they were made of", () => {
  for (const { referenceType, finalLabel, label1 } of CELL_TYPES.values()) {
    if (referenceType === "") continue;
    const tissue = label1.startsWith("Glioblastoma")
      ? "brain"
      : label1 === "Valvular_interstitial_cell"
      ? "heart"
      : "ovary";
    assertEquals(labelOfType(referenceType, tissue).finalLabel, finalLabel, referenceType);
  }
});

Deno.test("capitals, separators, plurals and the word cell do not matter; unheard names are Unknown", () => {
  const label = (type: string) => labelOfType(type, "lung").label1;
  assertEquals(["Mast", "mast cells", "MAST_CELL", "Mast.cell"].map(label), Array(4).fill("Mast"));
  assertEquals(["CD4 T", "T_CD4", "Tregs"].map(label), ["T", "T", "T"]);
  assertEquals(labelOfType("IGHA plasma cell", "colon"), {
    label1: "Plasma",
    finalLabel: "B_Plasma",
    by: "ending",
  });
  assertEquals(labelOfType("CXCL10 myofibroblast", "liver").label1, "Myofibroblast");
  assertEquals(labelOfType("Tissue 7", "lung").by, "none");
  assert(labelOfType("Malignant", "lung").label1 === "Unknown");
});
