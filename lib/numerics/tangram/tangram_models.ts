import * as t from "@/numerics/graph/mod.ts";

/** Sizes of a problem, and how it is cut into blocks. */
export interface TangramShape {
  /** Rows of the reference: cells, or clusters. */
  readonly cells: number;
  /** Nuclei of the bag. */
  readonly nuclei: number;
  /** Genes that both have. */
  readonly genes: number;
  /** Types that rows of the reference have. */
  readonly types: number;
  /** Rows of the map at a time. */
  readonly blockRows: number;
  /** Genes at a time, where they are compared. */
  readonly blockGenes: number;
}

/** How much each term of the loss counts (Tangram's λ). */
export interface TermWeights {
  /** Cosine of each gene over nuclei (`lambda_g1`, default 1). */
  readonly genes: number;
  /** Divergence of the density from the given one (`lambda_d`, default 1; 0 without a density). */
  readonly density: number;
}

/** What an epoch runs. */
export function trainingOrder({ density }: TermWeights): readonly t.OrderItem[] {
  return [
    ...["predicted", "dots", "squares"].map((zero) => ({ zero })),
    ...["predict", "compare", ...(density > 0 ? ["weigh"] : []), "judge", "slopes", "update"],
  ];
}

/** Sums the map by type. */
export const SCORING: readonly t.OrderItem[] = [{ zero: "scores" }, "score"];

/**
 * Tangram's mapping (Biancalani et al. 2021) as models over blocks of rows. The map is a softmax over
 * nuclei for each row of the reference; it is computed twice an epoch, block by block, and never
 * exists as a whole: `predict` sums what it makes of each gene, `update` moves it.
 *
 * Genes are rows here, and one more row is the weight of each cell, of which the map makes the
 * predicted density. The loss's gradient by the prediction takes the prediction's place (`slopes`).
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
    ...(weights.density > 0 ? { weigh: weighModel(shape, weights) } : {}),
    judge: judgeModel(shape, weights, adamOptions),
    slopes: slopesModel(shape),
    update: updateModel(shape, weights, adamOptions),
    score: scoreModel(shape),
  };
}

/** The cells of a block lie as `(n_genes + 1, n_rows)`: see `transposeBlocks`. */
function predictModel({ cells, nuclei, genes, blockRows }: TangramShape): t.Model {
  return t.buildBlocks(cells, blockRows, (rows) => {
    const program = new t.Program();
    const map = program.input("map", [rows, nuclei], { per: "block" });
    const counts = program.input("cellsByGene", [rows, genes + 1], { per: "block" });
    const predicted = program.parameter("predicted", [genes + 1, nuclei]);
    const byGene = t.reshape(counts, [genes + 1, rows]);
    program.update(predicted, t.matmul(byGene, t.softmax(map), { plus: predicted }));
    return program;
  });
}

/** Sums over nuclei that the cosines follow from. */
function compareModel({ nuclei, genes, blockGenes }: TangramShape): t.Model {
  return t.buildBlocks(genes + 1, blockGenes, (rows) => {
    const program = new t.Program();
    const predicted = program.input("predicted", [rows, nuclei], { per: "block" });
    const measured = program.input("measured", [rows, nuclei], { per: "block" });
    const overNuclei = (x: t.Tensor) => t.sum(x, 1, { keepDims: true });
    program.output("dots", overNuclei(t.mul(predicted, measured)), { per: "block" });
    program.output("squares", overNuclei(t.square(predicted)), { per: "block" });
    return program;
  });
}

/** Divergence from the wanted density, and its gradient by the predicted one. */
function weighModel({ nuclei, genes }: TangramShape, weights: TermWeights): t.Model {
  const program = new t.Program();
  const wanted = program.input("density", [1, nuclei]);
  const mass = t.slice(program.input("predicted", [genes + 1, nuclei]), 0, genes, genes + 1);
  const isWanted = t.greater(wanted, 0);
  const ratio = t.div(wanted, mass);
  program.output("mass", mass);
  program.output("kl", t.sum(t.mul(wanted, t.log(t.where(isWanted, ratio, 1)))));
  program.output("massSlopes", t.mul(t.where(isWanted, ratio, 0), -weights.density));
  return program.build();
}

/** The score of genes, and its gradient by the sums. */
function judgeModel(
  { genes }: TangramShape,
  weights: TermWeights,
  adamOptions: t.AdamOptions,
): t.Model {
  const program = new t.Program();
  const column = [genes + 1, 1];
  const [dots, squares] = ["dots", "squares"].map((name) => program.input(name, column));
  const length = (x: t.Tensor) => t.sqrt(t.clip(x, 1e-16, Number.POSITIVE_INFINITY));
  const measuredSquares = program.input("measuredSquares", column);
  const share = new Float32Array(genes + 1).fill(1 / genes, 0, genes);
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
function slopesModel({ nuclei, genes, blockGenes }: TangramShape): t.Model {
  return t.buildBlocks(genes + 1, blockGenes, (rows) => {
    const program = new t.Program();
    const predicted = program.parameter("predicted", [rows, nuclei], { per: "block" });
    const measured = program.input("measured", [rows, nuclei], { per: "block" });
    const [byDots, bySquares] = ["byDots", "bySquares"].map((name) =>
      program.input(name, [rows, 1], { per: "block" })
    );
    program.update(predicted, t.add(t.mul(predicted, bySquares), t.mul(measured, byDots)));
    return program;
  });
}

function updateModel(
  { cells, nuclei, genes, blockRows }: TangramShape,
  weights: TermWeights,
  adamOptions: t.AdamOptions,
): t.Model {
  return t.buildBlocks(cells, blockRows, (rows) => {
    const program = new t.Program();
    const map = program.parameter("map", [rows, nuclei], { per: "block" });
    const counts = program.input("cells", [rows, genes + 1], { per: "block" });
    const slopes = program.input("predicted", [genes + 1, nuclei]);
    const byMass = weights.density > 0 && t.matmul(
      program.input("cellShares", [rows, 1], { per: "block" }),
      program.input("massSlopes", [1, nuclei]),
    );
    const byMap = t.matmul(counts, slopes, byMass ? { plus: byMass } : {});
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
