import { isSthelarError, SthelarError } from "@/core/errors.ts";
import { type Progress, silentProgress } from "@/core/progress.ts";
import type { Random } from "@/core/random.ts";
import { checkCounts, type CountSource } from "./count_source.ts";
import { initialTensors } from "./initial_tensors.ts";
import { RunningScvi } from "./running_scvi.ts";
import { EarlyStop, klWeightAt, ReduceOnPlateau } from "./schedules.ts";
import { LossRecord, type ScviHistory } from "./scvi_history.ts";
import type { ScviModel } from "./scvi_model.ts";
import { checkSettings, type ScviSettings } from "./scvi_settings.ts";
import { type RowSplit, splitRows } from "./split_rows.ts";
import type { ScviSize } from "./tensor_layout.ts";
import { COUNTED } from "./zinb.ts";

/** The sample of each row: scvi-tools' batch key. */
export interface ScviSamples {
  /** Places in `names`, `(n_rows)`. */
  readonly codes: Int32Array;
  readonly names: readonly string[];
}

/** Options of {@link trainScvi}. */
export interface ScviOptions extends Partial<ScviSettings> {
  /** Samples whose differences the decoder is told (default none: one sample). */
  readonly samples?: ScviSamples;
  /** Source of the start, the split, the order of rows, dropout and draws. */
  readonly random: Random;
  /**
   * Threads that may be used (default 1). The steps run on one whatever it says, so that the result
   * does not depend on it; a second one gains nothing at the usual sizes, as batches are made beside.
   */
  readonly threads?: number;
  /** Told about ten times a second how many steps are done, of all epochs. */
  readonly progress?: Progress;
  /** Stops it at once. */
  readonly signal?: AbortSignal;
}

/**
 * Trains scVI (Lopez et al. 2018) on counts, as scvi-tools 1.2.0's `SCVI` with its defaults and the
 * training plan of the original: one hidden layer in encoder and decoder, zero-inflated negative
 * binomial with a dispersion for each gene, observed library sizes; AdamW, learning rate lowered on a
 * plateau of the validation's ELBO, early stop on its reconstruction. Agrees with scvi-tools to
 * float32's precision from equal tensors and draws (tests/numerics/scvi).
 *
 * Batches are made dense as they are needed: the whole of the counts never is. All counts are read
 * once before the first epoch, to check them. A last batch of a single row, which batch norm cannot
 * take, is dropped from each epoch (the original does so where it happens). Rows without counts do no
 * harm: their likelihood is 1, whatever the model.
 *
 * @param counts Raw counts, `(n_cells, n_genes)`.
 * @param genes Names of the genes.
 * @throws {SthelarError} `InvalidArgument` for counts that are no whole numbers from 0 on, names that
 * do not fit, settings out of range, or too few rows; `CorruptData` at the first loss that is not
 * finite; `Aborted`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Random } from "@/core/random.ts";
 * import { scviLatent, trainScvi } from "@/numerics/scvi/mod.ts";
 *
 * const counts = {
 *   rows: 40,
 *   genes: 3,
 *   fill: (rows: Int32Array, into: Float32Array) => {
 *     rows.forEach((row, i) => into.set(row % 2 === 0 ? [9, 1, 0] : [0, 2, 7], 3 * i));
 *   },
 * };
 * const genes = ["ACTA2", "CD3E", "EPCAM"];
 * const { model, history } = await trainScvi(counts, genes, { epochs: 2, random: new Random(1) });
 * assertEquals(history.epochs, 2);
 * assertEquals((await scviLatent(model, counts, genes)).shape, [40, 10]);
 * ```
 */
export async function trainScvi(
  counts: CountSource,
  genes: readonly string[],
  options: ScviOptions,
): Promise<{ model: ScviModel; history: ScviHistory }> {
  const settings = checkSettings(options);
  const { random, samples, signal } = options;
  checkNames(counts, genes, samples);
  const largest = await checkCounts(counts, genes, signal);
  const split = splitRows(counts.rows, settings.trainShare, random.split("split"));
  const names = samples?.names ?? ["sample"];
  const { hidden, latent } = settings;
  const size: ScviSize = { genes: genes.length, samples: names.length, hidden, latent };
  const source = {
    ...{ counts, size, codes: names.length > 1 ? samples?.codes : undefined },
    tailGenes: genesAbove(largest, COUNTED),
  };
  const { train, validation } = split;
  await using running = await RunningScvi.open(source, train.length, validation.length, {
    ...settings,
    ...{ signal, weightDecay: effectiveDecay(settings) },
  });
  await running.write(initialTensors(size, random.split("start")));
  const history = await runEpochs(running, split, settings, options);
  const tensors = await running.read();
  return { model: { genes: [...genes], hidden, latent, samples: [...names], tensors }, history };
}

function genesAbove(largest: Float32Array, limit: number): Int32Array {
  return Int32Array.from([...largest.keys()].filter((gene) => largest[gene] > limit));
}

/** None where it is lost in rounding, as it is in torch with the defaults: `1 − 1e-10` is 1 in float32. */
function effectiveDecay({ learningRate, weightDecay }: ScviSettings): number {
  return Math.fround(1 - learningRate * weightDecay) === 1 ? 0 : weightDecay;
}

async function runEpochs(
  running: RunningScvi,
  { train, validation }: RowSplit,
  settings: ScviSettings,
  { random, progress = silentProgress }: ScviOptions,
): Promise<ScviHistory> {
  const plateau = new ReduceOnPlateau(
    ...[settings.learningRate, settings.plateauFactor, settings.plateauPatience] as const,
  );
  const stop = new EarlyStop(settings.stopMinDelta, settings.stopPatience);
  const [trainRecord, validationRecord] = [new LossRecord(), new LossRecord()];
  const learningRates: number[] = [];
  const total = settings.epochs * running.steps;
  let stopped = false;
  for (let epoch = 0; epoch < settings.epochs && !stopped; epoch++) {
    const ofEpoch = random.split(`epoch ${epoch}`);
    const order = ofEpoch.split("order").shuffle(train.slice());
    const klWeight = klWeightAt(epoch, settings.klWarmupEpochs);
    const { learningRate } = plateau;
    learningRates.push(learningRate);
    const done = epoch * running.steps;
    const losses = await running.train(order, { klWeight, learningRate }, ofEpoch, (steps) => {
      progress.update(done + steps, total, "steps");
    }).catch((error) => Promise.reject(inEpoch(epoch, error)));
    trainRecord.add(losses, klWeight);
    const watched = await running.validate(validation, ofEpoch.split("validation"))
      .catch((error) => Promise.reject(inEpoch(epoch, error)));
    validationRecord.add(watched, klWeight);
    plateau.add(watched.reconstruction + watched.klLocal);
    stopped = stop.add(watched.reconstruction);
  }
  return {
    epochs: learningRates.length,
    learningRate: Float64Array.from(learningRates),
    train: trainRecord.finish(),
    validation: validationRecord.finish(),
    stoppedEarly: stopped && learningRates.length < settings.epochs,
  };
}

/** Says in which epoch a loss was not finite. */
function inEpoch(epoch: number, error: unknown): unknown {
  if (!isSthelarError(error, "CorruptData")) return error;
  return new SthelarError("CorruptData", {
    action: `Stopped scVI in epoch ${epoch}`,
    found: error.found ?? error.message,
    expected: "finite losses",
    remedy: "lower the learning rate, or look for rows with very large counts",
    cause: error,
  });
}

function checkNames(
  { rows, genes: columns }: CountSource,
  genes: readonly string[],
  samples: ScviSamples | undefined,
): void {
  const action = "Cannot train scVI";
  const seen = new Set<string>();
  const repeated = genes.find((gene) => seen.size === seen.add(gene).size);
  if (genes.length !== columns || columns === 0 || repeated !== undefined) {
    throw new SthelarError("InvalidArgument", {
      action,
      found: repeated === undefined
        ? `${genes.length} names of ${columns} genes`
        : `two genes "${repeated}"`,
      expected: "one name for each gene, each once",
    });
  }
  if (samples === undefined) return;
  const { codes, names } = samples;
  const wrong = codes.findIndex((code) => !(code >= 0 && code < names.length));
  if (codes.length === rows && names.length > 0 && wrong < 0) return;
  throw new SthelarError("InvalidArgument", {
    action,
    found: wrong < 0
      ? `samples of ${codes.length} rows, and ${names.length} names`
      : `sample ${codes[wrong]} of ${names.length} in row ${wrong}`,
    expected: `one of the named samples for each of ${rows} rows`,
  });
}
