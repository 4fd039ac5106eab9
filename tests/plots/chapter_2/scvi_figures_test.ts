import { assert, assertEquals } from "@std/assert";
import {
  scviAgreementFigure,
  scviComposition,
  scviLearningRate,
  scviLosses,
} from "@/plots/chapter_2/mod.ts";

const count = (text: string, part: string) => text.split(part).length - 1;
const falling = (start: number, epochs: number) =>
  Float64Array.from({ length: epochs }, (_, i) => 10 + start / (i + 1));
const curves = (start: number, epochs: number) => ({
  loss: falling(start, epochs),
  elbo: falling(start, epochs),
  reconstruction: falling(start, epochs),
  klLocal: falling(start, epochs),
  klGlobal: new Float64Array(epochs),
});
/** Where a text stands. */
const placeOf = (svg: string, text: string) => {
  const found = new RegExp(`<text x="([\\d.-]+)" y="([\\d.-]+)"[^>]*>${text}</text>`).exec(svg);
  assert(found !== null, `no text "${text}"`);
  return { x: Number(found[1]), y: Number(found[2]) };
};

Deno.test("scviLosses() draws five panels with both axes named, two lines each", async () => {
  const svg = await scviLosses({ train: curves(9, 20), validation: curves(8, 20) }).svg();
  assertEquals(count(svg, ">epoch<"), 5);
  for (
    const text of [
      ...["Loss", "ELBO", "Reconstruction", "Local KL", "Global KL"],
      ...["loss per cell", "negative ELBO per cell", "KL divergence per cell"],
      ...["training cells", "validation cells", "20 epochs"],
    ]
  ) assert(svg.includes(`>${text}<`), text);
  assertEquals(count(svg, 'aria-label="line"'), 10);
  assert(svg.includes("reconstruction 10.45 in training, 10.40 in validation"));
});

Deno.test("scviLosses() says that a loss of 0 is nothing, and draws one epoch as a dot", async () => {
  const svg = await scviLosses({ train: curves(9, 1), validation: curves(8, 1) }).svg();
  assertEquals(count(svg, "0: nothing is shared"), 1);
  assert(!svg.includes("NaN") && count(svg, "<marker") > 0);
});

Deno.test("scviLosses() leaves out what is not finite", async () => {
  const validation = { ...curves(8, 3), elbo: [NaN, Infinity, 12] };
  assert(!(await scviLosses({ train: curves(9, 3), validation }).svg()).includes("NaN"));
});

Deno.test("scviLearningRate() draws steps, and says how often it fell", async () => {
  const svg = await scviLearningRate({ learningRate: [1e-4, 1e-4, 6e-5, 6e-5, 3.6e-5] }).svg();
  assert(svg.includes("1e-4 to 3.6e-5, lowered 2 times"));
  for (const text of ["epoch", "learning rate"]) assert(svg.includes(`>${text}<`), text);
  const constant = await scviLearningRate({ learningRate: [1e-4] }).svg();
  assert(constant.includes("1e-4, never lowered") && !constant.includes("NaN"));
});

const row = { name: "RNA", labels: 1200, ari: 0.25, nmi: 0.5, knnAccuracy: 1 };

Deno.test("scviAgreementFigure() writes each number behind its bar", async () => {
  const svg = await scviAgreementFigure({ clusters: 3, agreement: [row] }).svg();
  const bars = [...svg.matchAll(/<rect x="[\d.]+" y="[\d.]+" width="([\d.]+)" height="15"/g)]
    .map(([, width]) => Number(width));
  assertEquals(bars, [32.5, 65, 130]);
  for (const text of ["0.25", "0.50", "1.00", "ARI", "NMI", "kNN accuracy", "RNA \\(1,200\\)"]) {
    placeOf(svg, text);
  }
  assert(!svg.includes("what cells are"));
});

Deno.test("scviAgreementFigure() has a line for what tells nothing, and no bar left of 0", async () => {
  const agreement = [{ ...row, ari: null, nmi: -0.1 }];
  const svg = await scviAgreementFigure({ clusters: 1, agreement }).svg();
  assertEquals(count(svg, ">–<"), 1);
  assert(svg.includes(">-0.10<") && svg.includes('width="0" height="15"'));
  assert(svg.includes(">1 latent cluster<"));
  const none = await scviAgreementFigure({ clusters: 1, agreement: [] }).svg();
  assert(none.includes("There is nothing to compare with."));
});

Deno.test("scviAgreementFigure() puts the truth below, its names beside its bars", async () => {
  const truth = [{ name: "latent clusters", ari: 0.1, nmi: 0.2, accuracy: 0.9 }];
  const svg = await scviAgreementFigure({ clusters: 3, agreement: [row], truth }).svg();
  assert(placeOf(svg, "latent clusters").y > placeOf(svg, "RNA \\(1,200\\)").y);
  assertEquals(placeOf(svg, "0.90").y, placeOf(svg, "latent clusters").y);
});

Deno.test("scviComposition() orders labels by their cluster, shares in per cent of the cluster", async () => {
  const labels = ["late", "early", "both"];
  const counts = [[0, 90, 10], [0, 0, 0], [30, 0, 10]];
  const svg = await scviComposition({ labels, counts }).svg();
  const order = [...svg.matchAll(/>(late|early|both)</g)].map(([, label]) => label);
  assertEquals(order, ["early", "both", "late"]);
  for (const text of ["90", "10", "75", "25", "0 (100)", "2 (40)"]) {
    assert(svg.includes(`>${text}<`), text);
  }
  assert(!svg.includes(">1 (0)<"), "a cluster without labelled cells is left out");
  assert(svg.includes("140 cells with a label, 2 latent clusters"));
});
