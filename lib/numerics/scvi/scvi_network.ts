import {
  add,
  batchNorm,
  concat,
  div,
  exp,
  log,
  matmul,
  mul,
  oneHot,
  type Program,
  relu,
  reshape,
  slice,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
} from "@/numerics/graph/mod.ts";
import { sizeOf } from "@/core/arrays.ts";
import { learnedBuffers, NAMES, type ScviSize, type TensorSpec } from "./tensor_layout.ts";
import type { Linear } from "./zinb.ts";

/** Added to a variance before its root is taken, in batch norm. */
const NORM_EPSILON = 1e-3;
/** How much of a running average is replaced by each batch: what torch calls momentum. */
const NORM_MOMENTUM = 0.01;
/** Added to the encoder's variance. */
const LEAST_VARIANCE = 1e-4;

/** Whether batch norm takes the batch's statistics, and moves the running ones, or takes those. */
export type Mode = "train" | "evaluate";

/** The learned tensors, and the buffers that they lie in. */
export interface LearnedParts {
  readonly buffers: readonly Tensor[];
  readonly parts: ReadonlyMap<string, Tensor>;
}

/** Declares the buffers of learned tensors and takes them apart. */
export function learnedParts(program: Program, size: ScviSize): LearnedParts {
  const buffers: Tensor[] = [];
  const parts = new Map<string, Tensor>();
  for (const { name, tensors, length } of learnedBuffers(size)) {
    const [only, ...others] = tensors;
    const buffer = program.parameter(name, others.length === 0 ? only.shape : [length]);
    buffers.push(buffer);
    if (others.length === 0) parts.set(only.name, buffer);
    else takeApart(buffer, tensors, parts);
  }
  return { buffers, parts };
}

function takeApart(
  buffer: Tensor,
  tensors: readonly TensorSpec[],
  parts: Map<string, Tensor>,
): void {
  let at = 0;
  for (const { name, shape } of tensors) {
    const part = slice(buffer, 0, at, at += sizeOf(shape));
    parts.set(name, reshape(part, shape).named(name));
  }
}

/** Weight and bias of a layer. */
export function linearOf(
  { parts }: LearnedParts,
  { weight, bias }: { readonly weight: string; readonly bias: string },
): Linear {
  return { weight: parts.get(weight)!, bias: parts.get(bias)! };
}

/** The distribution of the latent components of each row. */
export interface Posterior {
  /** `(rows, latent)`. */
  readonly mean: Tensor;
  /** `(rows, latent)`. */
  readonly variance: Tensor;
}

/**
 * scvi-tools' `Encoder`: linear, batch norm, ReLU, dropout, two linear layers.
 *
 * @param logCounts `log(1 + x)` of counts, `(rows, genes)`.
 * @param kept What dropout multiplies the hidden units by, `(rows, hidden)`.
 */
export function encoder(
  program: Program,
  learned: LearnedParts,
  logCounts: Tensor,
  mode: Mode,
  kept?: Tensor,
): Posterior {
  const active = hiddenLayer(program, learned, logCounts, NAMES.encoder, mode);
  const hidden = kept === undefined ? active : mul(active, kept);
  const logVariance = linear(hidden, linearOf(learned, NAMES.latentVariance));
  return {
    mean: linear(hidden, linearOf(learned, NAMES.latentMean)),
    variance: add(exp(logVariance), LEAST_VARIANCE),
  };
}

/**
 * The hidden layer of scvi-tools' `DecoderSCVI`.
 *
 * @param latent `(rows, latent)`.
 * @param codes Sample of each row, int32 `(rows)`, where there are several samples.
 */
export function decoder(
  program: Program,
  learned: LearnedParts,
  latent: Tensor,
  codes: Tensor | undefined,
  { samples }: ScviSize,
  mode: Mode,
): Tensor {
  const input = codes === undefined ? latent : concat([latent, oneHot(codes, samples)], 1);
  return hiddenLayer(program, learned, input, NAMES.decoder, mode);
}

/** A draw from the distribution of latent components. */
export function draw({ mean, variance }: Posterior, noise: Tensor): Tensor {
  return add(mean, mul(sqrt(variance), noise));
}

/** Divergence of each row's distribution from the standard normal one, `(rows, 1)`. */
export function divergence({ mean, variance }: Posterior): Tensor {
  const each = sub(sub(add(variance, square(mean)), 1), log(variance));
  return mul(sum(each, 1, { keepDims: true }), 0.5);
}

function linear(x: Tensor, { weight, bias }: Linear): Tensor {
  return matmul(x, weight, { transposeB: true, plus: bias });
}

type HiddenNames = typeof NAMES.encoder | typeof NAMES.decoder;

function hiddenLayer(
  program: Program,
  learned: LearnedParts,
  x: Tensor,
  names: HiddenNames,
  mode: Mode,
): Tensor {
  const before = linear(x, linearOf(learned, names));
  const scale = learned.parts.get(names.scale)!, shift = learned.parts.get(names.shift)!;
  const [rows, units] = before.shape;
  const running = {
    mean: program.parameter(names.mean, [1, units]),
    variance: program.parameter(names.variance, [1, units]),
  };
  if (mode === "evaluate") {
    const factor = div(scale, sqrt(add(running.variance, NORM_EPSILON)));
    return relu(add(mul(sub(before, running.mean), factor), shift));
  }
  const { output, mean, variance } = batchNorm(before, scale, shift, NORM_EPSILON);
  // As torch: the running variance is divided by one less than the number of rows.
  const unbiased = mul(variance, rows / (rows - 1));
  moveTowards(program, running.mean, mean);
  moveTowards(program, running.variance, unbiased);
  return relu(output);
}

function moveTowards(program: Program, running: Tensor, now: Tensor): void {
  const kept = mul(running, 1 - NORM_MOMENTUM);
  program.update(running, add(kept, mul(now, NORM_MOMENTUM)));
}
