import { sizeOf } from "@/core/arrays.ts";

/** Numbers of units of a model. */
export interface ScviSize {
  readonly genes: number;
  /** Samples of the batch key; one where there is none. */
  readonly samples: number;
  readonly hidden: number;
  readonly latent: number;
}

/** A tensor of a model: its name in scvi-tools' `state_dict`, and its shape there. */
export interface TensorSpec {
  readonly name: string;
  readonly shape: readonly number[];
}

const ENCODER = "z_encoder.encoder.fc_layers.Layer 0";
const DECODER = "decoder.px_decoder.fc_layers.Layer 0";

/** Names of the tensors of a model. */
export const NAMES = {
  encoder: {
    weight: `${ENCODER}.0.weight`,
    bias: `${ENCODER}.0.bias`,
    scale: `${ENCODER}.1.weight`,
    shift: `${ENCODER}.1.bias`,
    mean: `${ENCODER}.1.running_mean`,
    variance: `${ENCODER}.1.running_var`,
  },
  latentMean: { weight: "z_encoder.mean_encoder.weight", bias: "z_encoder.mean_encoder.bias" },
  latentVariance: { weight: "z_encoder.var_encoder.weight", bias: "z_encoder.var_encoder.bias" },
  decoder: {
    weight: `${DECODER}.0.weight`,
    bias: `${DECODER}.0.bias`,
    scale: `${DECODER}.1.weight`,
    shift: `${DECODER}.1.bias`,
    mean: `${DECODER}.1.running_mean`,
    variance: `${DECODER}.1.running_var`,
  },
  rate: { weight: "decoder.px_scale_decoder.0.weight", bias: "decoder.px_scale_decoder.0.bias" },
  dropout: { weight: "decoder.px_dropout_decoder.weight", bias: "decoder.px_dropout_decoder.bias" },
  logDispersion: "px_r",
} as const;

/** Tensors of a `state_dict` that take no part in a model with observed library and one dispersion a gene. */
export function isUnused(name: string): boolean {
  return name.startsWith("l_encoder.") || name.startsWith("decoder.px_r_decoder.") ||
    name.endsWith(".num_batches_tracked");
}

/** Columns of the decoder's input: one sample adds none. */
export function decoderInputs({ latent, samples }: ScviSize): number {
  return latent + (samples > 1 ? samples : 0);
}

/** The tensors that are learned, in the order in which they lie in one vector. */
export function learnedTensors(size: ScviSize): TensorSpec[] {
  const { genes, hidden, latent } = size;
  const linear = ({ weight, bias }: { weight: string; bias: string }, to: number, from: number) => [
    { name: weight, shape: [to, from] },
    { name: bias, shape: [to] },
  ];
  const norm = ({ scale, shift }: { scale: string; shift: string }) => [
    { name: scale, shape: [hidden] },
    { name: shift, shape: [hidden] },
  ];
  return [
    ...linear(NAMES.encoder, hidden, genes),
    ...norm(NAMES.encoder),
    ...linear(NAMES.latentMean, latent, hidden),
    ...linear(NAMES.latentVariance, latent, hidden),
    ...linear(NAMES.decoder, hidden, decoderInputs(size)),
    ...norm(NAMES.decoder),
    ...linear(NAMES.rate, genes, hidden),
    ...linear(NAMES.dropout, genes, hidden),
    { name: NAMES.logDispersion, shape: [genes] },
  ];
}

/** A buffer of learned tensors, one after another. */
export interface LearnedBuffer {
  readonly name: string;
  readonly tensors: readonly TensorSpec[];
  /** Values in all. */
  readonly length: number;
}

/** Tensors from this size on have a buffer of their own. */
const LARGE = 2 ** 14;

/**
 * The buffers that learned tensors lie in: large ones alone, all others together, so that Adam takes
 * few operations and nothing large is copied.
 */
export function learnedBuffers(size: ScviSize): LearnedBuffer[] {
  const specs = learnedTensors(size);
  const small = specs.filter(({ shape }) => sizeOf(shape) < LARGE);
  const large = specs.filter(({ shape }) => sizeOf(shape) >= LARGE);
  return [
    { name: "small", tensors: small, length: small.reduce((sum, s) => sum + sizeOf(s.shape), 0) },
    ...large.map((spec) => ({ name: spec.name, tensors: [spec], length: sizeOf(spec.shape) })),
  ];
}

/** The running statistics of both batch norms. */
export function runningStatistics({ hidden }: ScviSize): TensorSpec[] {
  return [NAMES.encoder, NAMES.decoder].flatMap(({ mean, variance }) => [
    { name: mean, shape: [hidden] },
    { name: variance, shape: [hidden] },
  ]);
}
