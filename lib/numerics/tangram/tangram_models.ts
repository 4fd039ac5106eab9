import * as t from "@/numerics/graph/mod.ts";

/** Sizes of a slice of a problem, and how it is cut into blocks. */
export interface TangramShape {
  /** Rows of the reference in this slice: cells, or clusters. */
  readonly cells: number;
  /** Nuclei of the bag. */
  readonly nuclei: number;
  /** Genes that both have. */
  readonly genes: number;
  /** Types that rows of the reference have. */
  readonly types: number;
  /** Rows of the map that are moved at a time. */
  readonly blockRows: number;
  /** Rows of the map that are summed at a time. */
  readonly sumRows: number;
  /** Genes at a time, where they are compared. */
  readonly blockGenes: number;
  /** Genes that are compared here, and not where the other slice is. */
  readonly compared: GeneRange;
  /** Whether there is another slice. */
  readonly sliced: boolean;
}

/** Genes from `first` up to `end`. */
export interface GeneRange {
  readonly first: number;
  readonly end: number;
}

/** How much each term of the loss counts (Tangram's λ). */
export interface TermWeights {
  /** Cosine of each gene over nuclei (`lambda_g1`, default 1). */
  readonly genes: number;
  /** Divergence of the density from the given one (`lambda_d`, default 1; 0 without a density). */
  readonly density: number;
}

/** What an epoch runs: what the map predicts, how good that is, and how the map is moved. */
export const PREDICT: readonly t.OrderItem[] = [
  ...["predicted", "dots", "squares"].map((zero) => ({ zero })),
  "predict",
];

/** Compares prediction and measurement, and puts the loss's slopes in the prediction's place. */
export function judging({ compared, genes }: TangramShape): readonly t.OrderItem[] {
  return ["compare", ...(compared.end === genes ? ["weigh"] : []), "judge", "slopes"];
}

/** Sums the map by type. */
export const SCORING: readonly t.OrderItem[] = [{ zero: "scores" }, "score"];

/**
 * Tangram's mapping (Biancalani et al. 2021) as models over blocks of rows. The map is a softmax over
 * nuclei for each row of the reference; it is computed twice an epoch, block by block, and never
 * exists as a whole: `predict` sums what it makes of each gene, `update` moves it.
 *
 * Genes are rows here, and one more row is the weight of each cell, of which the map makes the
 * predicted density. The loss's gradient by the prediction takes the prediction's place: of genes
 * in `slopes`, of the density in `weigh`.
 */
export function tangramModels(
  shape: TangramShape,
  weights: TermWeights,
  learningRate: number,
): Record<string, t.Model> {
  const adamOptions: t.AdamOptions = { learningRate, clock: "shared" };
  return {
    predict: predictModel(shape),
    compare: compareModel(shape),
    ...(shape.compared.end === shape.genes ? { weigh: weighModel(shape, weights) } : {}),
    judge: judgeModel(shape, weights, adamOptions),
    slopes: slopesModel(shape),
    update: updateModel(shape, adamOptions),
    score: scoreModel(shape),
  };
}

/** The cells of a block lie as `(n_genes + 1, n_rows)`: see `transposeBlocks`. */
function predictModel({ cells, nuclei, genes, sumRows }: TangramShape): t.Model {
  return t.buildBlocks(cells, sumRows, (rows) => {
    const program = new t.Program();
    const map = program.input("map", [rows, nuclei], { per: "block" });
    const counts = program.input("cellsByGene", [rows, genes + 1], { per: "block" });
    const predicted = program.parameter("predicted", [genes + 1, nuclei]);
    const byGene = t.reshape(counts, [genes + 1, rows]);
    program.update(predicted, t.matmul(byGene, t.softmax(map), { plus: predicted }));
    return program;
  });
}

function overGenes(
  { genes, compared: { first, end }, blockGenes }: TangramShape,
  build: (rows: number) => t.Program,
): t.Model {
  const range = { firstRow: first, tableRows: genes + 1 };
  return t.buildBlocks(end - first, Math.min(blockGenes, end - first), build, range);
}

/** What all slices predict; `partial` is the other slice's. */
function wholePrediction(
  program: t.Program,
  rows: number,
  { nuclei, sliced }: TangramShape,
): { readonly predicted: t.Tensor; readonly whole: t.Tensor } {
  const predicted = program.parameter("predicted", [rows, nuclei], { per: "block" });
  if (!sliced) return { predicted, whole: predicted };
  const partial = program.input("partial", [rows, nuclei], { per: "block" });
  return { predicted, whole: t.add(predicted, partial) };
}

/** Sums over nuclei that the cosines follow from. */
function compareModel(shape: TangramShape): t.Model {
  return overGenes(shape, (rows) => {
    const program = new t.Program();
    const { predicted, whole } = wholePrediction(program, rows, shape);
    if (shape.sliced) program.update(predicted, whole);
    const measured = program.input("measured", [rows, shape.nuclei], { per: "block" });
    const overNuclei = (x: t.Tensor) => t.sum(x, 1, { keepDims: true });
    program.output("dots", overNuclei(t.mul(whole, measured)), { per: "block" });
    program.output("squares", overNuclei(t.square(whole)), { per: "block" });
    return program;
  });
}

/** Divergence from the wanted density, and its gradient by the predicted one, in its place. */
function weighModel(shape: TangramShape, weights: TermWeights): t.Model {
  const range = { firstRow: shape.genes, tableRows: shape.genes + 1 };
  return t.buildBlocks(1, 1, () => {
    const program = new t.Program();
    const { predicted, whole: mass } = wholePrediction(program, 1, shape);
    const wanted = program.input("density", [1, shape.nuclei]);
    const isWanted = t.greater(wanted, 0);
    const ratio = t.div(wanted, mass);
    program.output("mass", mass);
    program.output("kl", t.sum(t.mul(wanted, t.log(t.where(isWanted, ratio, 1)))));
    program.update(predicted, t.mul(t.where(isWanted, ratio, 0), -weights.density));
    return program;
  }, range);
}

/** The score of the genes that are compared here, and its gradient by the sums. */
function judgeModel(
  { genes, compared: { first, end } }: TangramShape,
  weights: TermWeights,
  adamOptions: t.AdamOptions,
): t.Model {
  const program = new t.Program();
  const column = [genes + 1, 1];
  const [dots, squares] = ["dots", "squares"].map((name) => program.input(name, column));
  const length = (x: t.Tensor) => t.sqrt(t.clip(x, 1e-16, Number.POSITIVE_INFINITY));
  const measuredSquares = program.input("measuredSquares", column);
  const share = new Float32Array(genes + 1).fill(1 / genes, first, end);
  // A sum beyond float32 would give a cosine of 0, and nobody would know.
  const overflow = t.mul(t.add(t.stopGradient(squares), measuredSquares), 0);
  const lengths = t.mul(length(squares), length(measuredSquares));
  const cosines = t.add(t.div(dots, lengths), overflow);
  const geneScore = t.sum(t.mul(cosines, program.constant(share, column)));
  const [byDots, bySquares] = t.gradients(t.mul(geneScore, -weights.genes), [dots, squares]);
  program.output("geneScore", geneScore);
  program.output("byDots", byDots);
  program.output("bySquares", t.mul(bySquares, 2));
  const epoch = program.parameter("epoch", []);
  program.update(epoch, t.add(epoch, 1));
  t.adamClock(program, adamOptions);
  return program.build();
}

/** The gradient of genes' score by the prediction, in its place. */
function slopesModel(shape: TangramShape): t.Model {
  return overGenes(shape, (rows) => {
    const program = new t.Program();
    const predicted = program.parameter("predicted", [rows, shape.nuclei], { per: "block" });
    const measured = program.input("measured", [rows, shape.nuclei], { per: "block" });
    const [byDots, bySquares] = ["byDots", "bySquares"].map((name) =>
      program.input(name, [rows, 1], { per: "block" })
    );
    program.update(predicted, t.add(t.mul(predicted, bySquares), t.mul(measured, byDots)));
    return program;
  });
}

/** The last column of the cells meets the slopes of the density. */
function updateModel(
  { cells, nuclei, genes, blockRows }: TangramShape,
  adamOptions: t.AdamOptions,
): t.Model {
  return t.buildBlocks(cells, blockRows, (rows) => {
    const program = new t.Program();
    const map = program.parameter("map", [rows, nuclei], { per: "block" });
    const counts = program.input("cells", [rows, genes + 1], { per: "block" });
    const byMap = t.matmul(counts, program.input("predicted", [genes + 1, nuclei]));
    const gradients = t.gradients(t.softmax(map), [map], byMap);
    t.adam(program, [map], gradients, adamOptions);
    return program;
  });
}

function scoreModel({ cells, nuclei, types, blockRows }: TangramShape): t.Model {
  return t.buildBlocks(cells, blockRows, (rows) => {
    const program = new t.Program();
    const map = program.input("map", [rows, nuclei], { per: "block" });
    const isType = program.input("types", [rows, types], { per: "block" });
    const scores = program.parameter("scores", [nuclei, types]);
    program.update(scores, t.matmul(t.softmax(map), isType, { transposeA: true, plus: scores }));
    return program;
  });
}
