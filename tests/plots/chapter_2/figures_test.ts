import { assert, assertEquals } from "@std/assert";
import { geneOverlap, refCellTypes } from "@/plots/chapter_2/mod.ts";
import { categoryColours, MISSING_COLOUR } from "@/plots/mod.ts";

const TYPES = [
  { name: "Mast cell", cells: 30, category: "Myeloid" },
  { name: "Ventricular cardiomyocyte", cells: 179, category: "Specialized" },
  { name: "Strange", cells: 4 },
];
const colours = categoryColours("final_label");

Deno.test("refCellTypes() sorts types by cells and lists what no list knows in grey", async () => {
  const svg = await refCellTypes({ types: TYPES, colours, notes: ["simulated"] }).svg();
  const places = ["Ventricular cardiomyocyte", "Mast cell", "Strange"].map((name) =>
    svg.indexOf(`>${name}<`)
  );
  assert(places[0] >= 0 && places[0] < places[1] && places[1] < places[2]);
  assert(svg.includes("213 cells, 3 types"));
  assert(svg.includes("Myeloid (30)") && svg.includes("in no list of labels (4)"));
  assert(svg.includes(MISSING_COLOUR) && svg.includes("#45edff"));
  assert(!svg.includes("cells (log)"));
  assert(svg.includes(">simulated<"));
});

Deno.test("refCellTypes() is logarithmic where small types would vanish", async () => {
  const types = [...TYPES, { name: "Many", cells: 45_000, category: "T_NK" }, {
    name: "One",
    cells: 1,
    category: "Unknown",
  }];
  const svg = await refCellTypes({ types, colours }).svg();
  assert(svg.includes("cells (log)"));
  const heights = [...svg.matchAll(/<rect [^>]*height="([\d.]+)"/g)].map(([, h]) => Number(h));
  assert(heights.every((height) => height > 0));
});

Deno.test("refCellTypes() draws a reference of one type, and of none", async () => {
  assert(
    (await refCellTypes({ types: TYPES.slice(0, 1), colours }).svg()).includes("30 cells, 1 type"),
  );
  assert((await refCellTypes({ types: [], colours }).svg()).includes("0 types"));
});

Deno.test("geneOverlap() shows only the ways of matching that occur, and names what lacks", async () => {
  const shared = { name: 250, case: 0, id: 7 };
  const svg = await geneOverlap({ shared, onlyInPanel: ["ABCC11", "ACE2"], atlas: 10_237 }).svg();
  assert(svg.includes("257 of 259 genes of the panel; the reference has 10,237"));
  assert(svg.includes("Ensembl id") && !svg.includes("other letters"));
  assert(svg.includes("Not in the reference: ABCC11, ACE2"));
  const all = await geneOverlap({ shared, onlyInPanel: [], atlas: 300 }).svg();
  assert(!all.includes("Not in the reference:"));
});

Deno.test("equal figures give equal bytes", async () => {
  const draw = () => refCellTypes({ types: TYPES, colours }).svg();
  assertEquals(await draw(), await draw());
});
