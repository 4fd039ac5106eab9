import {
  add,
  clip,
  columnSums,
  div,
  exp,
  gather,
  log,
  matmul,
  maximum,
  mul,
  type Program,
  reshape,
  scatterAdd,
  softmax,
  square,
  sub,
  sum,
  type Tensor,
} from "@/numerics/graph/mod.ts";

/** A linear layer's tensors: weight `(to, from)`, bias `(to)`. */
export interface Linear {
  readonly weight: Tensor;
  readonly bias: Tensor;
}

/** What a batch's likelihood is computed from. */
export interface ZinbInputs {
  /** Counts, `(rows, genes)`. */
  readonly counts: Tensor;
  /** How many cells have a count of a gene above 0, 1, … {@link COUNTED} − 1, `(COUNTED, genes)`. */
  readonly above: Tensor;
  /** Genes with counts above {@link COUNTED}. */
  readonly tail: TailInputs | undefined;
  /** Output of the decoder's hidden layer, `(rows, hidden)`. */
  readonly hidden: Tensor;
  readonly rate: Linear;
  readonly dropout: Linear;
  /** Logarithm of the inverse dispersion, `(genes)`. */
  readonly logDispersion: Tensor;
}

/** Genes whose counts may be large. */
export interface TailInputs {
  /** Their places. */
  readonly genes: Int32Array;
  /** Their counts, or {@link COUNTED} where they are smaller, `(rows, genes.length)`. */
  readonly counts: Tensor;
}

/** The likelihood of a batch. */
export interface Zinb {
  /**
   * Log-likelihood of each row, `(rows, 1)`, without the terms of the gamma function, which are
   * summed over rows in {@link Zinb.gammas}.
   */
  readonly rows: Tensor;
  /** Sum of `lgamma(x + θ) − lgamma(θ)`; `lgamma(x + 1)`, which the counts alone tell, is left out. */
  readonly gammas: Tensor;
  /** Mean of a gene's counts as a share of the cell's, `(rows, genes)`. */
  readonly scale: Tensor;
  /** Mean, `(rows, genes)`. */
  readonly mean: Tensor;
  /** Logit of the excess of zeros, `(rows, genes)`. */
  readonly dropout: Tensor;
}

/** Up to here the gamma function's terms are sums over whole numbers; above it, Stirling's series. */
export const COUNTED = 16;
/** scvi-tools': keeps logarithms finite. */
const EPSILON = 1e-8;
/** Logits beyond are taken as this: `e^80` is far from float32's limit, `1 + e^-80` is 1. */
const LARGEST_LOGIT = 80;

interface Gene {
  readonly theta: Tensor;
  readonly thetaPlus: Tensor;
}

interface Forward extends Zinb {
  readonly gene: Gene;
  readonly inverse: Tensor;
  readonly logShare: Tensor;
  readonly meanPlus: Tensor;
  readonly isSeen: Tensor;
  readonly notDropped: Tensor;
  readonly zeroShare: Tensor;
  readonly zeroOdds: Tensor;
  readonly tail: Tail | undefined;
}

/**
 * Log-likelihood of counts under scVI's zero-inflated negative binomial (Lopez et al. 2018; as
 * scvi-tools' `log_zinb_positive`, in the form `log((e^π + e^A) / (1 + e^π))` for zeros, where
 * `A = θ log(θ / (θ + μ))` is the logarithm of the negative binomial's share of zeros, which needs
 * half as many logarithms). A row without counts has likelihood 1 and no slope.
 */
export function zinb(program: Program, inputs: ZinbInputs): Zinb {
  return forward(program, inputs);
}

function forward(program: Program, inputs: ZinbInputs): Forward {
  const { counts, hidden, rate, dropout: excess, logDispersion } = inputs;
  const theta = exp(logDispersion), thetaPlus = add(theta, EPSILON);
  const scale = softmax(matmul(hidden, rate.weight, { transposeB: true, plus: rate.bias }));
  const dropout = matmul(hidden, excess.weight, { transposeB: true, plus: excess.bias });
  const mean = mul(scale, sum(counts, 1, { keepDims: true }));
  const inverse = div(1, add(mean, thetaPlus));
  const logShare = log(mul(inverse, thetaPlus));
  const logZero = mul(logShare, theta);
  const meanPlus = add(mean, EPSILON);
  const logRatio = log(mul(meanPlus, inverse));
  const odds = exp(clip(dropout, -LARGEST_LOGIT, LARGEST_LOGIT));
  const notDropped = div(1, add(odds, 1));
  const zeroShare = exp(logZero);
  const zeroOdds = add(odds, zeroShare);
  // 1 or 0: products with it take a third of the time of choosing.
  const isSeen = clip(counts, 0, 1);
  const mixed = log(mul(add(mul(zeroOdds, sub(1, isSeen)), isSeen), notDropped));
  const each = add(add(mixed, mul(isSeen, logZero)), mul(counts, logRatio));
  const tail = inputs.tail && tailOf(program, inputs.tail, theta);
  const few = sum(mul(log(risen(program, theta)), inputs.above));
  const gammas = tail === undefined ? few : add(few, tail.value);
  return {
    rows: sum(each, 1, { keepDims: true }),
    ...{ gammas, scale, mean, dropout, gene: { theta, thetaPlus } },
    ...{ inverse, logShare, meanPlus, isSeen, notDropped, zeroShare, zeroOdds, tail },
  };
}

/** `θ + k` for k from 0 to {@link COUNTED} − 1, `(COUNTED, genes)`. */
function risen(program: Program, theta: Tensor): Tensor {
  const steps = program.constant(Float32Array.from({ length: COUNTED }, (_, k) => k), [COUNTED, 1]);
  return add(steps, theta);
}

interface Tail {
  /** Sum over cells and genes of what counts above {@link COUNTED} add. */
  readonly value: Tensor;
  /** Its slope by θ, `(genes)`. */
  readonly slope: Tensor;
}

/** `lgamma(max(x, K) + θ) − lgamma(K + θ)`: 0 for counts up to K. */
function tailOf(program: Program, { counts, genes }: TailInputs, theta: Tensor): Tail {
  const [rows, count] = counts.shape;
  const places = program.constant(Int32Array.from(genes), [count], "int32");
  const ofGenes = gather(theta, places);
  const large = stirling(add(counts, ofGenes));
  const start = stirling(add(ofGenes, COUNTED));
  const slope = sub(sum(large.slope, 0), mul(start.slope, rows));
  return {
    value: sum(sub(large.value, start.value)),
    slope: scatterAdd(slope, places, theta.shape[0]),
  };
}

/**
 * lgamma and its derivative for arguments from 16 on, but for the constant `log(2π) / 2`: the next
 * terms are below 1e-9 and 2e-7.
 */
function stirling(u: Tensor): { readonly value: Tensor; readonly slope: Tensor } {
  const logU = log(u);
  const inverse = div(1, u);
  const inverseSquare = square(inverse);
  const leading = sub(mul(sub(u, 0.5), logU), u);
  return {
    value: add(leading, mul(inverse, add(mul(inverseSquare, -1 / 360), 1 / 12))),
    slope: sub(sub(logU, mul(inverse, 0.5)), mul(inverseSquare, 1 / 12)),
  };
}

/** Slopes of a loss, by tensor. */
export type Slopes = readonly (readonly [of: Tensor, slope: Tensor])[];

/**
 * The likelihood with the slopes of minus its sum over rows, divided by their number, by the
 * hidden layer, the two linear layers and the dispersion: written out, as that takes a third of the
 * operations of differentiating each.
 */
export function zinbWithSlopes(
  program: Program,
  inputs: ZinbInputs,
): { readonly zinb: Zinb; readonly slopes: Slopes } {
  const { counts, hidden, rate, dropout, logDispersion, above } = inputs;
  const [rows] = counts.shape;
  const now = forward(program, inputs);
  const { gene: { theta, thetaPlus }, inverse, mean, scale } = now;
  // The share of the negative binomial in what was seen.
  const share = maximum(div(now.zeroShare, now.zeroOdds), now.isSeen);
  const byDropout = sub(share, now.notDropped);
  const pull = mul(add(mul(share, theta), counts), inverse);
  const byLogMean = sub(mul(mean, pull), mul(counts, div(mean, now.meanPlus)));
  const byLogits = sub(byLogMean, mul(scale, sum(byLogMean, 1, { keepDims: true })));
  const columns = (x: Tensor) => reshape(columnSums(x), theta.shape);
  const byGammas = sum(mul(div(theta, risen(program, theta)), above), 0);
  const ofShares = add(
    columns(mul(share, now.logShare)),
    mul(columns(share), div(theta, thetaPlus)),
  );
  const byTheta = sub(columns(pull), ofShares);
  const tailed = now.tail === undefined ? byTheta : sub(byTheta, now.tail.slope);
  const byDispersion = sub(mul(tailed, theta), byGammas);
  const each = 1 / rows;
  const part = mul(hidden, each);
  const byHidden = matmul(byLogits, rate.weight, { plus: matmul(byDropout, dropout.weight) });
  return {
    zinb: now,
    slopes: [
      [hidden, mul(byHidden, each)],
      [rate.weight, matmul(byLogits, part, { transposeA: true })],
      [rate.bias, mul(columns(byLogits), each)],
      [dropout.weight, matmul(byDropout, part, { transposeA: true })],
      [dropout.bias, mul(columns(byDropout), each)],
      [logDispersion, mul(byDispersion, each)],
    ],
  };
}
