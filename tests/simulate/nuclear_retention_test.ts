import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { Random } from "@/core/random.ts";
import {
  cellProgramInto,
  type ExpressionModel,
  expressionModel,
} from "@/simulate/expression_model.ts";
import {
  GENE_OF_TYPE_SPREAD,
  GENE_SPREAD,
  MOST_RETAINED,
  retentionScale,
} from "@/simulate/nuclear_retention.ts";
import { MULTI_TISSUE_PANEL } from "@/simulate/simulation_tables.ts";
import { growTissue } from "@/simulate/simulated_tissue.ts";
import { TranscriptGenerator } from "@/simulate/simulate_transcripts.ts";
import { planSlide } from "@/simulate/slide_plan.ts";

const plan = planSlide({ slideId: "heart_s0", cells: 900 });
const tissue = growTissue(plan);
const { typing, shapes } = tissue;
const genes = MULTI_TISSUE_PANEL.genes.length;
const hasNucleus = (cell: number) => shapes.nucleusStart[cell + 1] > shapes.nucleusStart[cell];

function modelOf(seed: string): ExpressionModel {
  return expressionModel(plan.profile, typing, MULTI_TISSUE_PANEL, new Random(seed));
}

/** Counts of genes in each cell and in its nuclei, (n_cells, n_genes). */
function countGenes(model: ExpressionModel) {
  const generator = new TranscriptGenerator({ ...tissue, model }, new Random("transcripts"));
  const cells = new Int32Array(plan.cellCount * genes), nuclei = cells.slice();
  generator.fields.forEach((_, f) => {
    const { length, cell, feature, inNucleus } = generator.make(f);
    for (let i = 0; i < length; i++) {
      if (cell[i] < 0 || feature[i] >= genes) continue;
      cells[cell[i] * genes + feature[i]]++;
      nuclei[cell[i] * genes + feature[i]] += inNucleus[i];
    }
  });
  return { cells, nuclei, truth: generator.truth };
}

function spread(values: readonly number[]): number {
  const mean = values.reduce((a, b) => a + b) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

Deno.test("retentionScale() keeps a cell's nuclear share, even where genes are clipped", () => {
  const random = new Random("scale");
  for (const share of [0.001, 0.3, 0.6, 0.88, 0.95]) {
    let sum = 0;
    const cumulative = Float64Array.from({ length: 50 }, () => sum += random.uniform());
    const retention = Float64Array.from({ length: 50 }, () => Math.exp(1.5 * random.normal()));
    const scale = retentionScale(cumulative, retention, share);
    const inNuclei = retention.map((value, g) =>
      Math.min(MOST_RETAINED, scale * value) * (cumulative[g] - (g === 0 ? 0 : cumulative[g - 1]))
    ).reduce((a, b) => a + b);
    assertAlmostEquals(inNuclei / sum, share, 1e-12);
    assertEquals(retention.some((value) => scale * value > MOST_RETAINED), share > 0.1, `${share}`);
  }
});

Deno.test("nuclear retention is spread over genes and over types as planned, by seed", () => {
  const { retention } = modelOf("a");
  const types = typing.types.length;
  const logs = (g: number) =>
    Array.from({ length: types }, (_, t) => Math.log(retention[t * genes + g]));
  const means: number[] = [], within: number[] = [];
  for (let g = 0; g < genes; g++) {
    means.push(logs(g).reduce((a, b) => a + b) / types);
    within.push(...logs(g).map((value) => value - means[g]));
  }
  const ofMeans = Math.hypot(GENE_SPREAD, GENE_OF_TYPE_SPREAD / Math.sqrt(types));
  assertAlmostEquals(spread(means), ofMeans, 0.05);
  assertAlmostEquals(spread(within), GENE_OF_TYPE_SPREAD * Math.sqrt(1 - 1 / types), 0.03);
  assertEquals(modelOf("a").retention, retention);
  assert(modelOf("b").retention.some((value, i) => value !== retention[i]));
});

Deno.test("transcripts of a gene lie in nuclei as often as the gene is retained, of a cell as before", () => {
  const model = modelOf("a");
  const { cells, nuclei, truth } = countGenes({ ...model, depth: model.depth.map((n) => 8 * n) });
  let expected = 0, made = 0, madeInNucleus = 0;
  const inNuclei = new Float64Array(genes), all = new Float64Array(genes);
  const planned = new Float64Array(genes), program = new Float64Array(genes);
  for (let cell = 0; cell < plan.cellCount; cell++) {
    if (!hasNucleus(cell)) continue;
    made += truth.made[cell];
    madeInNucleus += truth.madeInNucleus[cell];
    expected += truth.made[cell] * model.nuclearShare[cell];
    const at = typing.typeOf[cell] * genes;
    cellProgramInto(model, typing.typeOf[cell], cell, program);
    const retention = model.retention.subarray(at, at + genes);
    const scale = retentionScale(program, retention, model.nuclearShare[cell]);
    for (let g = 0; g < genes; g++) {
      const found = cells[cell * genes + g];
      all[g] += found;
      inNuclei[g] += nuclei[cell * genes + g];
      planned[g] += found * Math.min(MOST_RETAINED, scale * retention[g]);
    }
  }
  // Of the nuclear transcripts 0.08 to 0.12 drift out of the nucleus.
  const kept = madeInNucleus / expected;
  assert(made > 1e5 && kept > 0.86 && kept < 0.94, `${kept} of the nuclear transcripts kept`);
  const often = [...all.keys()].filter((g) => all[g] > 400);
  const found = often.map((g) => inNuclei[g] / all[g]);
  const wanted = often.map((g) => planned[g] / all[g]);
  const r = correlation(found, wanted);
  assert(often.length > 100 && r > 0.97, `correlation ${r} over ${often.length} genes`);
  assert(Math.max(...found) > 2.5 * Math.min(...found), "genes hardly differ");
});

function correlation(x: readonly number[], y: readonly number[]): number {
  const mx = x.reduce((a, b) => a + b) / x.length, my = y.reduce((a, b) => a + b) / y.length;
  const products = x.reduce((sum, value, i) => sum + (value - mx) * (y[i] - my), 0);
  return products / x.length / spread(x) / spread(y);
}

/** How many of a half of the cells are nearest to the mean of their own type in the other half. */
function centroidAccuracy(features: readonly Float64Array[], isFirst: readonly boolean[]): number {
  const width = features[0].length;
  const centroids = [true, false].map((wanted) => {
    const mean = new Float64Array(width);
    const rows = features.filter((_, i) => i % 2 === 0 && isFirst[i] === wanted);
    for (const row of rows) row.forEach((value, j) => mean[j] += value / rows.length);
    return mean;
  });
  const distance = (row: Float64Array, to: Float64Array) =>
    row.reduce((sum, value, j) => sum + (value - to[j]) ** 2, 0);
  let right = 0, count = 0;
  features.forEach((row, i) => {
    if (i % 2 === 0) return;
    const isNearFirst = distance(row, centroids[0]) < distance(row, centroids[1]);
    if (isNearFirst === isFirst[i]) right++;
    count++;
  });
  return right / count;
}

Deno.test("nucleus against cytoplasm tells types apart that express the same", () => {
  const model = modelOf("a");
  const sizes = typing.types.map((_, t) => typing.typeOf.filter((type) => type === t).length);
  const [first, second] = [...sizes.keys()].sort((a, b) => sizes[b] - sizes[a]);
  const programs = model.programs.slice();
  programs.copyWithin(second * genes, first * genes, (first + 1) * genes);
  const depth = model.depth.map(() => 250);
  const { cells, nuclei } = countGenes({ ...model, programs, depth });
  const chosen = [...typing.typeOf.keys()].filter((cell) =>
    hasNucleus(cell) && [first, second].includes(typing.typeOf[cell])
  );
  const isFirst = chosen.map((cell) => typing.typeOf[cell] === first);
  const roots = (of: (i: number) => number) =>
    chosen.map((cell) =>
      Float64Array.from({ length: genes }, (_, g) => Math.sqrt(of(cell * genes + g)))
    );
  const ofCell = roots((i) => cells[i]);
  const ofNucleus = roots((i) => nuclei[i]), ofCytoplasm = roots((i) => cells[i] - nuclei[i]);
  const ofBoth = ofNucleus.map((row, i) => Float64Array.of(...row, ...ofCytoplasm[i]));
  const [whole, parts] = [ofCell, ofBoth].map((rows) => centroidAccuracy(rows, isFirst));
  assert(whole < 0.65 && parts > 0.85, `${whole} by cell, ${parts} by nucleus and cytoplasm`);
});
