import {
  adam,
  add,
  concat,
  type Model,
  mul,
  type Per,
  Program,
  pullBack,
  reshape,
  sub,
  sum,
  type Tensor,
} from "@/numerics/graph/mod.ts";
import {
  decoder,
  divergence,
  draw,
  encoder,
  type LearnedParts,
  learnedParts,
  linearOf,
} from "./scvi_network.ts";
import { learnedBuffers, NAMES, type ScviSize } from "./tensor_layout.ts";
import { COUNTED, type Slopes, type TailInputs, zinb, zinbWithSlopes } from "./zinb.ts";

/** How a model is trained, as far as its programs know. */
export interface TrainingSettings {
  /** Share of hidden units of the encoder that are dropped. */
  readonly dropout: number;
  readonly weightDecay: number;
  /** Genes with counts that need the tail of the likelihood. */
  readonly tailGenes: Int32Array;
}

/** scvi-tools' for AdamW. */
const ADAM_EPSILON = 0.01;

/**
 * A step of training on a batch: moves the learned tensors, Adam's moments and the running
 * statistics.
 *
 * Fed: `klWeight`, `learningRate`, and, for each step, under `prefix`: `counts`, `logCounts`, `above`,
 * `tail`, `logFactorials` (sum of `lgamma(x + 1)`), `noise`, `kept` (if units are dropped), `codes` (if there
 * are several samples).
 */
export function trainingProgram(
  size: ScviSize,
  rows: number,
  settings: TrainingSettings,
  prefix = "",
): Model {
  const program = new Program();
  const fed = new Feeds(program, prefix, "step", size, rows);
  const learned = learnedParts(program, size);
  const counts = fed.counts();
  const posterior = encoder(
    ...[program, learned, fed.logCounts(), "train"] as const,
    settings.dropout > 0 ? fed.kept() : undefined,
  );
  const latent = draw(posterior, fed.noise());
  const hidden = decoder(program, learned, latent, fed.codes(), size, "train");
  const likelihood = zinbWithSlopes(program, {
    ...{ counts, hidden, above: fed.above(), tail: fed.tail(settings.tailGenes) },
    ...heads(learned),
  });
  const { rows: each, gammas } = likelihood.zinb;
  const reconstruction = sub(fed.logFactorials(), add(sum(each), gammas));
  const klLocal = sum(divergence(posterior));
  const klWeight = program.input("klWeight", []);
  const share = mul(klWeight, 1 / rows);
  program.output("reconstruction", reconstruction);
  program.output("klLocal", klLocal);
  program.output("loss", add(mul(reconstruction, 1 / rows), mul(klLocal, share)));
  learn(program, size, learned, [...likelihood.slopes, [klLocal, share]], settings);
  return program.build();
}

function learn(
  program: Program,
  size: ScviSize,
  { buffers, parts }: LearnedParts,
  slopes: Slopes,
  { weightDecay }: TrainingSettings,
): void {
  const names = [...parts.keys()];
  const slopesOf = pullBack(slopes, [...parts.values()]);
  const gradients = learnedBuffers(size).map(({ tensors }) => {
    const each = tensors.map(({ name }) => slopesOf[names.indexOf(name)]);
    if (each.length === 1) return each[0];
    return concat(each.map((part) => reshape(part, [part.size])), 0);
  });
  const learningRate = program.input("learningRate", []);
  adam(program, buffers, gradients, {
    ...{ learningRate, epsilon: ADAM_EPSILON, weightDecay, decoupled: true },
  });
}

function heads(learned: LearnedParts) {
  return {
    rate: linearOf(learned, NAMES.rate),
    dropout: linearOf(learned, NAMES.dropout),
    logDispersion: learned.parts.get(NAMES.logDispersion)!,
  };
}

/**
 * The losses of a batch with running statistics and without dropout. Fed for each step as training's,
 * and `weights` `(rows, 1)`: 0 for rows that only fill the batch, which have no counts.
 */
export function validationProgram(
  size: ScviSize,
  rows: number,
  { tailGenes }: Pick<TrainingSettings, "tailGenes">,
  prefix: string,
): Model {
  const program = new Program();
  const fed = new Feeds(program, prefix, "step", size, rows);
  const learned = learnedParts(program, size);
  const counts = fed.counts();
  const posterior = encoder(program, learned, fed.logCounts(), "evaluate");
  const latent = draw(posterior, fed.noise());
  const hidden = decoder(program, learned, latent, fed.codes(), size, "evaluate");
  const likelihood = zinb(program, {
    ...{ counts, hidden, above: fed.above(), tail: fed.tail(tailGenes) },
    ...heads(learned),
  });
  const weights = fed.weights();
  const each = sum(mul(likelihood.rows, weights));
  program.output("reconstruction", sub(fed.logFactorials(), add(each, likelihood.gammas)));
  program.output("klLocal", sum(mul(divergence(posterior), weights)));
  return program.build();
}

/** The mean of the latent components of a batch, with running statistics. Fed: `logCounts`. */
export function latentProgram(size: ScviSize, rows: number): Model {
  const program = new Program();
  const fed = new Feeds(program, "", "run", size, rows);
  const { mean } = encoder(program, learnedParts(program, size), fed.logCounts(), "evaluate");
  program.output("latent", mean);
  return program.build();
}

/** What a batch's programs are fed. */
class Feeds {
  readonly #input: (name: string, shape: readonly number[], dtype?: "int32") => Tensor;
  readonly #size: ScviSize;
  readonly #rows: number;

  constructor(program: Program, prefix: string, per: Per, size: ScviSize, rows: number) {
    this.#input = (name, shape, dtype) =>
      program.input(prefix + name, shape, dtype === undefined ? { per } : { per, dtype });
    this.#size = size;
    this.#rows = rows;
  }

  counts(): Tensor {
    return this.#input("counts", [this.#rows, this.#size.genes]);
  }

  logCounts(): Tensor {
    return this.#input("logCounts", [this.#rows, this.#size.genes]);
  }

  tail(genes: Int32Array): TailInputs | undefined {
    if (genes.length === 0) return undefined;
    return { genes, counts: this.#input("tail", [this.#rows, genes.length]) };
  }

  above(): Tensor {
    return this.#input("above", [COUNTED, this.#size.genes]);
  }

  logFactorials(): Tensor {
    return this.#input("logFactorials", []);
  }

  noise(): Tensor {
    return this.#input("noise", [this.#rows, this.#size.latent]);
  }

  kept(): Tensor {
    return this.#input("kept", [this.#rows, this.#size.hidden]);
  }

  weights(): Tensor {
    return this.#input("weights", [this.#rows, 1]);
  }

  codes(): Tensor | undefined {
    if (this.#size.samples === 1) return undefined;
    return this.#input("codes", [this.#rows], "int32");
  }
}
