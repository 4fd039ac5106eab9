import type { DenseArray } from "@/core/arrays.ts";
import type { Random } from "@/core/random.ts";
import { type Model, openProgram, type RunningProgram } from "@/numerics/graph/mod.ts";
import { BatchFeeds, type BatchSource, type Feeds, keptUnits, normals } from "./batch_feeds.ts";
import type { EpochLosses } from "./scvi_history.ts";
import { modelTensors } from "./scvi_model.ts";
import { trainingProgram, type TrainingSettings, validationProgram } from "./scvi_programs.ts";
import { readTensors, type TensorValues, writeTensors } from "./stored_tensors.ts";

/** How training runs. */
export interface RunningOptions extends Omit<TrainingSettings, "tailGenes"> {
  readonly batchSize: number;
  readonly signal: AbortSignal | undefined;
}

/** Batches of one message are at most this large, so that few are held at a time. */
const FEED_BYTES = 2 ** 22;
/** Validation does not depend on how rows are cut into batches. */
const VALIDATION_ROWS = 512;

/** A full batch, and the last one of an epoch. */
const FULL = "train", REST = "rest", VALIDATION = "validation";

/** A model that is being trained, in a worker. Disposing of it ends the worker. */
export class RunningScvi implements AsyncDisposable {
  readonly #running: RunningProgram;
  readonly #feeds: BatchFeeds;
  readonly #source: BatchSource;
  readonly #options: RunningOptions;
  readonly #cut: EpochCut;

  private constructor(
    running: RunningProgram,
    source: BatchSource,
    options: RunningOptions,
    cut: EpochCut,
  ) {
    this.#running = running;
    this.#feeds = new BatchFeeds(source);
    this.#source = source;
    this.#options = options;
    this.#cut = cut;
  }

  /** Opens the programs for a number of rows to train on and to validate on. */
  static async open(
    source: BatchSource,
    trainRows: number,
    validationRows: number,
    options: RunningOptions,
  ): Promise<RunningScvi> {
    const { size } = source;
    const cut = cutEpoch(trainRows, validationRows, options.batchSize);
    const settings = { ...options, tailGenes: source.tailGenes };
    const models: Record<string, Model> = {};
    if (cut.steps > 0) models[FULL] = trainingProgram(size, cut.batchRows, settings, `${FULL}/`);
    if (cut.restRows > 0) models[REST] = trainingProgram(size, cut.restRows, settings, `${REST}/`);
    models[VALIDATION] = validationProgram(size, cut.validationRows, settings, `${VALIDATION}/`);
    const { signal } = options;
    // On one thread: onnxruntime 1.30's logarithms depend on how threads share their values.
    const running = await openProgram(models, signal === undefined ? {} : { signal });
    return new RunningScvi(running, source, options, cut);
  }

  /** Steps of an epoch. */
  get steps(): number {
    return this.#cut.steps + (this.#cut.restRows > 0 ? 1 : 0);
  }

  /** Sets all tensors. */
  async write(values: TensorValues): Promise<void> {
    await writeTensors(this.#running, this.#source.size, values);
  }

  /** Reads all tensors. */
  async read(): Promise<Map<string, DenseArray<Float32Array>>> {
    const { size } = this.#source;
    const values = await readTensors(this.#running, size);
    return new Map(
      modelTensors(size).map(({ name, shape }) => [name, { data: values.get(name)!, shape }]),
    );
  }

  /**
   * An epoch of training.
   *
   * @param order Rows in the order of this epoch.
   * @param onSteps Told how many steps of it are done.
   */
  async train(
    order: Int32Array,
    { klWeight, learningRate }: { readonly klWeight: number; readonly learningRate: number },
    random: Random,
    onSteps: (done: number) => void,
  ): Promise<EpochLosses> {
    const { dropout } = this.#options;
    const { size: { latent, hidden } } = this.#source;
    const { steps, batchRows, restRows } = this.#cut;
    const parts = [
      ...partsOf(steps, batchRows, this.#source.size.genes, FULL),
      ...(restRows > 0
        ? [{ model: REST, first: steps * batchRows, steps: 1, rows: restRows }]
        : []),
    ];
    const sources = { noise: random.split("noise"), dropout: random.split("dropout") };
    const used = steps * batchRows + restRows;
    return await this.#run(order.subarray(0, used), parts, (part) => ({
      ...(dropout === 0 ? {} : {
        [`${part.model}/kept`]: keptUnits(
          part.steps * part.rows * hidden,
          dropout,
          sources.dropout,
        ),
      }),
      [`${part.model}/noise`]: normals(part.steps * part.rows * latent, sources.noise),
      klWeight: Float32Array.of(klWeight),
      learningRate: Float32Array.of(learningRate),
    }), onSteps);
  }

  /** The losses of rows with running statistics and without dropout. */
  async validate(rows: Int32Array, random: Random): Promise<EpochLosses> {
    const { size: { genes, latent } } = this.#source;
    const { validationRows } = this.#cut;
    const steps = Math.ceil(rows.length / validationRows);
    const parts = partsOf(steps, validationRows, genes, VALIDATION);
    return await this.#run(rows, parts, (part) => {
      const weights = new Float32Array(part.steps * part.rows);
      weights.fill(1, 0, Math.min(weights.length, rows.length - part.first));
      return {
        [`${VALIDATION}/noise`]: normals(weights.length * latent, random),
        [`${VALIDATION}/weights`]: weights,
      };
    }, () => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running[Symbol.asyncDispose]();
  }

  /** Runs parts of an epoch, and makes the feeds of the next while one runs. */
  async #run(
    rows: Int32Array,
    parts: readonly Part[],
    others: (part: Part) => Feeds,
    onSteps: (done: number) => void,
  ): Promise<EpochLosses> {
    const sums = { reconstruction: 0, klLocal: 0 };
    let done = 0;
    let before = Promise.resolve();
    for (const part of parts) {
      const end = Math.min(rows.length, part.first + part.steps * part.rows);
      const ofPart = rows.subarray(part.first, end);
      const prefix = `${part.model}/`;
      const made = this.#feeds.counts(ofPart, part.steps, part.rows, prefix);
      const [fed] = await Promise.all([made, before]);
      const started = this.#runPart(part, { ...fed, ...others(part) }, sums, (steps) => {
        onSteps(done += steps);
      });
      started.catch(() => {});
      before = started;
    }
    await before;
    return {
      reconstruction: sums.reconstruction / rows.length,
      klLocal: sums.klLocal / rows.length,
    };
  }

  async #runPart(
    { model, steps }: Part,
    feeds: Feeds,
    sums: { reconstruction: number; klLocal: number },
    onSteps: (steps: number) => void,
  ): Promise<void> {
    const { watched } = await this.#running.run({
      ...{ steps, order: [model], feeds, transfer: true },
      watch: ["reconstruction", "klLocal"],
      onSteps: (_, values) => onSteps(values.klLocal.length),
    });
    for (const value of watched.reconstruction) sums.reconstruction += value;
    for (const value of watched.klLocal) sums.klLocal += value;
  }
}

/** How an epoch is cut into batches. */
interface EpochCut {
  readonly steps: number;
  readonly batchRows: number;
  /** Rows of the last batch, if it is smaller; a single one is dropped. */
  readonly restRows: number;
  readonly validationRows: number;
}

function cutEpoch(trainRows: number, validationRows: number, batchSize: number): EpochCut {
  const steps = Math.floor(trainRows / batchSize);
  const rest = trainRows - steps * batchSize;
  return {
    steps,
    batchRows: batchSize,
    restRows: rest === 1 ? 0 : rest,
    validationRows: Math.min(validationRows, VALIDATION_ROWS),
  };
}

/** Steps that go in one message. */
interface Part {
  readonly model: string;
  /** Place of its first row in the epoch. */
  readonly first: number;
  readonly steps: number;
  /** Rows of a step. */
  readonly rows: number;
}

function partsOf(steps: number, rows: number, genes: number, model: string): Part[] {
  const most = Math.max(1, Math.floor(FEED_BYTES / (4 * rows * genes)));
  return Array.from({ length: Math.ceil(steps / most) }, (_, i) => ({
    model,
    first: i * most * rows,
    steps: Math.min(most, steps - i * most),
    rows,
  }));
}
