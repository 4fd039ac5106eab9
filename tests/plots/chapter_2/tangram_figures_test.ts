import { assert, assertEquals, assertRejects } from "@std/assert";
import { categorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import {
  labelComposition,
  labelMap,
  scoreMap,
  tangramLoss,
  truthConfusion,
  typeScores,
} from "@/plots/chapter_2/mod.ts";
import { categoryColours } from "@/plots/mod.ts";

const colours = categoryColours("final_label");
const bag = (nuclei: number, epochs: number, end = 0.6) => ({
  nuclei,
  geneScore: Float64Array.from({ length: epochs }, (_, i) => end - 0.4 * Math.exp(-i / 5)),
  kl: Float64Array.from({ length: epochs }, (_, i) => 0.001 + 0.5 * Math.exp(-i / 5)),
});
const grid = (count: number) => {
  const side = Math.ceil(Math.sqrt(count));
  return {
    x: Float64Array.from({ length: count }, (_, i) => 10 * (i % side)),
    y: Float64Array.from({ length: count }, (_, i) => 10 * Math.floor(i / side)),
  };
};
const count = (text: string, part: string | RegExp) =>
  [...text.matchAll(new RegExp(part, "g"))].length;

Deno.test("tangramLoss() says where each of a few bags ends, after how many epochs", async () => {
  const svg = await tangramLoss({ bags: [bag(500, 100), bag(499, 60, 0.5)] }).svg();
  assert(svg.includes("999 nuclei in 2 bags"));
  assert(svg.includes("bag 1 (500 nuclei) gene score 0.600, KL 0.00100 after 100 epochs"));
  assert(svg.includes("KL divergence (log)"));
  assert(!svg.includes("median of the bags"));
});

Deno.test("tangramLoss() sums many bags up by their median, where a bag that stopped keeps its value", async () => {
  const bags = Array.from({ length: 9 }, (_, k) => bag(100, k === 0 ? 20 : 1000, 0.5 + k / 100));
  const svg = await tangramLoss({ bags }).svg();
  assert(svg.includes("median of the bags") && !svg.includes("bag 1"));
  assert(svg.includes("epochs 1,000 (20 to 1,000)"));
  assert(svg.length < 400_000);
});

Deno.test("tangramLoss() without a density prior has no panel for it", async () => {
  const { kl: _, ...free } = bag(500, 10);
  const svg = await tangramLoss({ bags: [free] }).svg();
  assert(!svg.includes("KL"));
  assert((await tangramLoss({ bags: [] }).svg()).includes("No bag was mapped"));
});

Deno.test("labelMap() lists categories in the ontology's order with their shares", async () => {
  const labels = categorical(["Unknown", "T_NK", "T_NK", undefined]);
  const svg = await labelMap({ ...grid(4), labels, colours, notes: ["simulated"] }).svg();
  const places = ["T_NK (2, 50.0 %)", "Unknown (1, 25.0 %)", "no label (1, 25.0 %)"]
    .map((text) => svg.indexOf(text));
  assert(places[0] > 0 && places[0] < places[1] && places[1] < places[2]);
  assert(svg.includes("µm") && svg.includes(">simulated<"));
});

Deno.test("labelMap() puts the first row of nuclei on top", async () => {
  const labels = categorical(["T_NK", "Epithelial"]);
  const svg = await labelMap({ x: [5, 5], y: [0, 100], labels, colours }).svg();
  const circles = svg.match(/<circle[^>]*>/g)!;
  const yOf = (rgb: string) =>
    Number(/cy="([\d.]+)"/.exec(circles.find((circle) => circle.includes(rgb))!)![1]);
  assert(yOf("255, 15, 15") < yOf("57, 208, 133"));
});

Deno.test("labelMap() draws many nuclei as one image, and a tall slide narrower", async () => {
  const labels = categorical(Array.from({ length: 6000 }, (_, i) => i % 2 ? "T_NK" : "Myeloid"));
  const { x, y } = grid(6000);
  const wide = await labelMap({ x, y, labels, colours }).draw();
  assert(wide.body.includes("<image") && !wide.body.includes("<circle"));
  const tall = await labelMap({ x, y: y.map((value) => 3 * value), labels, colours }).draw();
  assert(tall.width < wide.width);
});

Deno.test("labelMap() of a category without a colour is an error that names it", async () => {
  const labels = categorical(["Martian"]);
  const error = await assertRejects(
    () => labelMap({ ...grid(1), labels, colours }).svg(),
    SthelarError,
  );
  assert(error.message.includes("Martian"));
});

Deno.test("labelComposition() groups types by category and sums the rare ones of each", async () => {
  const types = [
    { name: "Fibroblast", category: "Fibroblast_Myofibroblast", nuclei: 100 },
    { name: "CD4", category: "T_NK", nuclei: 600 },
    { name: "CD8", category: "T_NK", nuclei: 700 },
    { name: "Rare A", category: "T_NK", nuclei: 2 },
    { name: "Rare B", category: "T_NK", nuclei: 1 },
    { name: "Rare C", category: "Fibroblast_Myofibroblast", nuclei: 1 },
    { name: "Never", category: "Myeloid", nuclei: 0 },
  ];
  const svg = await labelComposition({ types, colours }).svg();
  const order = ["T_NK", "CD8", "CD4", "2 rare types", "Fibroblast_Myofibroblast", "Rare C"]
    .map((name) => svg.indexOf(`>${name}<`));
  assert(order.every((place) => place > 0));
  assert(svg.includes("1,303 (92.8 %)") && svg.includes("3 (0.2 %)"));
  assert(!svg.includes("Rare A") && !svg.includes("Never") && !svg.includes("truth"));
  assert(svg.includes("1,404 nuclei, 6 types"));
});

Deno.test("labelComposition() shows a type that is there but was never found", async () => {
  const types = [
    { name: "CD4", category: "T_NK", nuclei: 10, truth: 6 },
    { name: "Mast cell", category: "Myeloid", nuclei: 0, truth: 4 },
  ];
  const svg = await labelComposition({ types, colours }).svg();
  assert(svg.includes("10 (100.0 %), truth 60.0 %"));
  assert(svg.includes("0 (0 %), truth 40.0 %"));
});

Deno.test("typeScores() clips outliers: one huge score does not darken all others", async () => {
  const scores = Float32Array.from({ length: 100 }, (_, i) => i === 0 ? 1e6 : i / 100);
  const type = { name: "Mast cell", scores, nuclei: 7 };
  const svg = await typeScores({ ...grid(100), type }).svg();
  assert(svg.includes("label of 7 nuclei (7.0 %), of 100"));
  const brightest = /fill="rgb\(253, 231, 37\)"/g;
  const bright = count(svg, brightest.source);
  assert(bright >= 4 && bright <= 10, `${bright} nuclei at the end of the scale`);
});

Deno.test("typeScores() of a type that tells no nuclei apart is drawn in one colour", async () => {
  const type = { name: "Mast cell", scores: new Float32Array(9), nuclei: 0 };
  const svg = await typeScores({ ...grid(9), type }).svg();
  assertEquals(
    new Set(svg.match(/<circle[^>]*fill="rgb[^"]*"/g)!.map((c) => c.slice(-20))).size,
    1,
  );
});

Deno.test("scoreMap() has one scale bar and one legend for all maps", async () => {
  const types = ["A", "B", "C", "D"].map((name, k) => ({
    name,
    scores: Float32Array.from({ length: 25 }, (_, i) => i % (k + 2)),
    nuclei: k,
  }));
  const svg = await scoreMap({ ...grid(25), types }).svg();
  assertEquals(count(svg, "µm<"), 1);
  assertEquals(count(svg, "clipped at"), 1);
});

Deno.test("truthConfusion() gives shares of rows, accuracy and macro F1", async () => {
  const truth = categorical(["T_NK", "T_NK", "T_NK", "Myeloid", undefined]);
  const predicted = categorical(["T_NK", "T_NK", "Epithelial", "T_NK", "Myeloid"]);
  const svg = await truthConfusion({ truth, predicted, colours }).svg();
  // F1 of T_NK: 2 * 2 / (3 + 3), of Myeloid: 0.
  assert(svg.includes("accuracy 50.0 %, macro F1 0.33, 4 nuclei"));
  assert(svg.includes(">67<") && svg.includes(">33<") && svg.includes(">100<"));
  assert(svg.includes("T_NK (3)") && svg.includes(">Epithelial<"));
  assert(!svg.includes("no label"));
});

Deno.test("truthConfusion() counts a nucleus without a label as wrong, in a column of its own", async () => {
  const truth = categorical(["T_NK", "T_NK"]);
  const svg = await truthConfusion({ truth, predicted: categorical(["T_NK", undefined]), colours })
    .svg();
  assert(svg.includes("accuracy 50.0 %") && svg.includes(">no label<"));
});

Deno.test("equal figures of labels give equal bytes", async () => {
  const labels = categorical(Array.from({ length: 6000 }, (_, i) => i % 3 ? "T_NK" : "Myeloid"));
  const draw = () => labelMap({ ...grid(6000), labels, colours }).svg();
  assertEquals(await draw(), await draw());
});
