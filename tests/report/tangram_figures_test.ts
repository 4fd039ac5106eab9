import { assert, assertEquals, assertRejects } from "@std/assert";
import { categorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import {
  labelCompositionFigure,
  labelMapFigure,
  type TangramData,
  tangramLossFigure,
  truthConfusionFigure,
  typeScoresFigure,
} from "@/report/chapter_2_figures.ts";

const LABELS = ["Mast cell", "Mast cell", "Ventricular cardiomyocyte", "Strange"];
const type = (name: string, nuclei: number) => ({
  name,
  column: name,
  cells: 9,
  mapped: 9,
  nuclei,
});

const TYPES = [type("Ventricular cardiomyocyte", 1), type("Mast cell", 2), type("Strange", 1)];

function tangramData() {
  return {
    types: TYPES,
    report: {
      reference: {
        name: "reference.h5ad",
        labelKey: "ct",
        matrix: "X",
        cells: 27,
        mapped: 27,
        sampling: "uniform",
      },
      mode: "cells",
      provider: "cpu",
      genes: { panel: 5, shared: 4 },
      types: TYPES,
      constantTypes: [],
      emptyNuclei: 0,
      bags: [{
        nuclei: 4,
        genes: 4,
        epochs: 2,
        stoppedEarly: false,
        geneScore: [0.1, 0.2],
        kl: [],
      }],
      estimate: { memoryBytes: 1, seconds: 1 },
      agreement: null,
    },
    labels: categorical(LABELS),
    places: { x: Float64Array.of(0, 1, 2, 3), y: Float64Array.of(0, 1, 2, 3) },
    tissue: "heart",
    truth: {
      finalLabel: ["Myeloid", "Specialized", "Specialized", "Epithelial"],
      referenceType: ["Mast cell", "Ventricular cardiomyocyte", "Ventricular cardiomyocyte", ""],
    },
    notes: ["simulated"],
    scores: (column) => Promise.resolve(Float32Array.from(column.slice(0, 4), (_, i) => i)),
  } satisfies TangramData;
}

Deno.test("labels become categories through the list of types, others are Unknown", async () => {
  const svg = await labelMapFigure(tangramData()).svg();
  assert(svg.includes("Myeloid (2, 50.0 %)") && svg.includes("Unknown (1, 25.0 %)"));
  assert(svg.includes("27 cells of reference.h5ad, 4 genes"));
});

Deno.test("the composition names what is true but in no reference", async () => {
  const svg = await labelCompositionFigure(tangramData()).svg();
  assert(svg.includes(">not in the reference<") && svg.includes(">Epithelial<"));
  assert(svg.includes("2 (50.0 %), truth 25.0 %"));
  const { truth: _, ...unknown } = tangramData();
  const plain = await labelCompositionFigure({ ...unknown, truth: undefined }).svg();
  assert(!plain.includes("truth"));
});

Deno.test("the confusion is by category, and there is none without a truth", async () => {
  const svg = await truthConfusionFigure(tangramData())!.svg();
  assert(svg.includes("accuracy 50.0 %"));
  assertEquals(truthConfusionFigure({ ...tangramData(), truth: undefined }), undefined);
});

Deno.test("scores are those of the most frequent type unless one is named", async () => {
  assert((await (await typeScoresFigure(tangramData())).svg()).includes("Score of Mast cell"));
  const other = await typeScoresFigure(tangramData(), "Strange");
  assert((await other.svg()).includes("Score of Strange"));
  const error = await assertRejects(
    () => typeScoresFigure(tangramData(), "Mst cell"),
    SthelarError,
  );
  assert(error.message.includes('did you mean "Mast cell"'));
});

Deno.test("training without a density prior has one panel", async () => {
  assert(!(await tangramLossFigure(tangramData())!.svg()).includes("KL"));
});

Deno.test("labels that others made are drawn without a report of ours", async () => {
  const others = { ...tangramData(), report: undefined };
  const svg = await labelMapFigure(others).svg();
  assert(svg.includes("Myeloid (2, 50.0 %)") && svg.includes("as others ran it"));
  assertEquals(tangramLossFigure(others), undefined);
  assert((await (await typeScoresFigure(others)).svg()).includes("Mast cell"));
});
