import { SthelarError } from "@/core/errors.ts";
import { sizeOf } from "@/core/arrays.ts";
import { didYouMean } from "@/core/nearest.ts";
import { bufferBytes, type BufferSpec, collectBuffers, type Model } from "./model.ts";
import type { Opened, OrderItem, ProgramRequest, StepReport, Watched } from "./program_protocol.ts";
import { arrayOf, holds, shapeText, type TensorData } from "./tensor_type.ts";
import { WorkerLink } from "./worker_link.ts";

/** Where programs can run, if onnxruntime can on this machine. */
export type Provider = "cpu" | "cuda" | "webgpu" | "tensorrt" | "coreml" | "dml";

/** Options of {@link openProgram}. */
export interface OpenOptions {
  /** Threads of one operation (default 1). */
  readonly threads?: number;
  /** What computes (default cpu). */
  readonly provider?: Provider;
  /** Ends the program at once. */
  readonly signal?: AbortSignal;
}

/** Options of {@link RunningProgram.run}. */
export interface RunOptions {
  /** How many times (default 1), without a message between them. */
  readonly steps?: number;
  /** What a step runs: models by name and buffers set to zero (default all models in order). */
  readonly order?: readonly OrderItem[];
  /**
   * Values by name, kept until they are fed again. A number for a tensor of one value; for a
   * tensor declared `per: "step"` the entries of all steps, one after another.
   */
  readonly feeds?: Readonly<Record<string, TensorData | number>>;
  /** Moves the feeds into the worker instead of copying them: they are gone here. */
  readonly transfer?: boolean;
  /** Outputs whose values are kept of each step and must be finite (default all float scalars). */
  readonly watch?: readonly string[];
  /**
   * Called about ten times a second with the watched values of the steps since. An error that it
   * throws ends the program.
   */
  readonly onSteps?: (firstStep: number, values: Watched) => void;
}

/** What {@link RunningProgram.run} gives back. */
export interface RunResult {
  /** By name, the watched values of all steps, one after another. */
  readonly watched: Watched;
}

/** Rows of a tensor. */
export interface RowRange {
  /** The first (default 0). */
  readonly firstRow?: number;
  /** How many (default all that follow). */
  readonly rows?: number;
}

/** A program in a worker, with its tensors. Disposing of it ends the worker. */
export interface RunningProgram extends AsyncDisposable {
  /** What computes. */
  readonly provider: Provider;
  /** Threads of one operation. */
  readonly threads: number;
  /** Version of onnxruntime. */
  readonly runtime: string;
  /** Bytes of the tensors that stay in the worker, without those fed per step. */
  readonly bufferBytes: number;
  /**
   * Writes a tensor, or rows of it.
   *
   * @param options.transfer Moves `data` into the worker instead of copying it: it is gone here.
   * @throws {SthelarError} `InvalidArgument` for an unknown name, another type or length.
   */
  write(
    name: string,
    data: TensorData,
    options?: { readonly firstRow?: number; readonly transfer?: boolean },
  ): Promise<void>;
  /** Reads a copy of a tensor, or of rows of it. */
  read(name: string, range?: RowRange): Promise<TensorData>;
  /** Moves a tensor out, without a copy: it has no values then until it is written again. */
  take(name: string): Promise<TensorData>;
  /**
   * Runs steps in the worker.
   *
   * @throws {SthelarError} `CorruptData` with step and name at the first watched value that is not
   * finite; `Aborted`; `StageFailed` if onnxruntime fails or the worker dies.
   */
  run(options?: RunOptions): Promise<RunResult>;
}

/**
 * Opens one or several models in a worker (onnxruntime blocks the thread that it runs in). Models
 * share tensors by name: an output of one is an input of another, a parameter stays and is updated
 * where it is. Memory is that of these tensors ({@link RunningProgram.bufferBytes}), plus one
 * program's intermediates, plus a copy of its outputs. Results are the same on any number of threads
 * (measured: products with and without transposes, softmax, reductions), but for the last digit of
 * `log`, of which onnxruntime computes the ends of each thread's share in another way.
 *
 * @param models A model, or several by name, run in this order.
 * @throws {SthelarError} `InvalidArgument` if they disagree about a tensor, or the provider is not
 * available here (the error lists those that are).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { mul, openProgram, Program } from "@/numerics/graph/mod.ts";
 *
 * const program = new Program();
 * program.output("twice", mul(program.input("x", [3]), 2));
 * await using running = await openProgram(program.build());
 * await running.run({ feeds: { x: Float32Array.of(1, 2, 3) } });
 * assertEquals(await running.read("twice"), Float32Array.of(2, 4, 6));
 * assertEquals(running.provider, "cpu");
 * ```
 */
export async function openProgram(
  models: Model | Readonly<Record<string, Model>>,
  { threads = 1, provider = "cpu", signal }: OpenOptions = {},
): Promise<RunningProgram> {
  if (!Number.isSafeInteger(threads) || threads < 1) {
    throw invalid("Cannot open a tensor program", `${threads} threads`, "a whole number from 1");
  }
  const named = isModel(models) ? { program: models } : models;
  const specs = collectBuffers(named);
  const url = new URL("./program_worker.ts", import.meta.url);
  const link = new WorkerLink<ProgramRequest>(url, { kind: "close" }, signal);
  try {
    const buffers = [...specs.values()];
    const request: ProgramRequest = { kind: "open", models: named, buffers, threads, provider };
    const { runtime } = await link.ask<Opened>(request);
    return new WorkerProgram(link, specs, named, { provider, threads, runtime });
  } catch (error) {
    await link.close();
    throw error;
  }
}

function isModel(models: Model | Readonly<Record<string, Model>>): models is Model {
  return models.bytes instanceof Uint8Array;
}

class WorkerProgram implements RunningProgram {
  readonly provider: Provider;
  readonly threads: number;
  readonly runtime: string;
  readonly bufferBytes: number;
  readonly #link: WorkerLink<ProgramRequest>;
  readonly #specs: ReadonlyMap<string, BufferSpec>;
  readonly #models: Readonly<Record<string, Model>>;

  constructor(
    link: WorkerLink<ProgramRequest>,
    specs: ReadonlyMap<string, BufferSpec>,
    models: Readonly<Record<string, Model>>,
    { provider, threads, runtime }: Pick<RunningProgram, "provider" | "threads" | "runtime">,
  ) {
    this.#link = link;
    this.#specs = specs;
    this.#models = models;
    this.provider = provider;
    this.threads = threads;
    this.runtime = runtime;
    this.bufferBytes = [...specs.values()].filter(({ per }) => per !== "step")
      .reduce((bytes, spec) => bytes + bufferBytes(spec), 0);
  }

  async write(
    name: string,
    data: TensorData,
    { firstRow = 0, transfer = false }: { firstRow?: number; transfer?: boolean } = {},
  ): Promise<void> {
    const action = `Cannot write "${name}"`;
    const spec = this.#spec(action, name);
    if (spec.per === "step") throw invalid(action, "a tensor per step", "to be fed to run()");
    const rowSize = sizeOf(spec.shape) / (spec.shape[0] ?? 1);
    const rows = data.length / rowSize;
    if (!holds(spec.dtype, data) || !isRange(firstRow, rows, spec)) {
      throw invalid(
        action,
        `${data.constructor.name} of ${data.length} from row ${firstRow}`,
        `rows of ${spec.dtype} ${shapeText(spec.shape)}`,
      );
    }
    const whole = data.byteLength === data.buffer.byteLength;
    const sent = transfer || whole ? data : data.slice() as TensorData;
    const request: ProgramRequest = { kind: "write", name, data: sent, at: firstRow * rowSize };
    await this.#link.ask(request, transfer ? [data.buffer] : []);
  }

  async read(name: string, { firstRow = 0, rows }: RowRange = {}): Promise<TensorData> {
    const action = `Cannot read "${name}"`;
    const spec = this.#spec(action, name);
    const all = spec.shape[0] ?? 1;
    const count = rows ?? all - firstRow;
    if (!isRange(firstRow, count, spec)) {
      throw invalid(action, `${count} rows from ${firstRow}`, `rows of ${shapeText(spec.shape)}`);
    }
    const rowSize = sizeOf(spec.shape) / all;
    const [start, end] = [firstRow * rowSize, (firstRow + count) * rowSize];
    return await this.#link.ask<TensorData>({ kind: "read", name, start, end });
  }

  async take(name: string): Promise<TensorData> {
    this.#spec(`Cannot take "${name}"`, name);
    return await this.#link.ask<TensorData>({ kind: "take", name });
  }

  async run(options: RunOptions = {}): Promise<RunResult> {
    const { steps = 1, order = Object.keys(this.#models), feeds = {}, onSteps } = options;
    const action = "Cannot run a tensor program";
    if (!Number.isSafeInteger(steps) || steps < 1) {
      throw invalid(action, `${steps} steps`, "a whole number from 1");
    }
    for (const item of order) this.#checkOrder(action, item);
    const watch = options.watch ?? [...this.#specs.values()].filter(isFloatScalar)
      .map(({ name }) => name);
    for (const name of watch) this.#checkWatched(name);
    const fed = Object.fromEntries(
      Object.entries(feeds).map(([name, values]) => [name, this.#feed(name, values, steps)]),
    );
    const reports = onSteps !== undefined;
    const moved = options.transfer ? new Set(Object.values(fed).map(({ buffer }) => buffer)) : [];
    const watched = await this.#link.ask<Watched>(
      { kind: "run", steps, order, feeds: fed, watch, reports },
      [...moved],
      (value) => {
        const { firstStep, values } = value as StepReport;
        onSteps?.(firstStep, values);
      },
    );
    return { watched };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#link.close();
  }

  #spec(action: string, name: string): BufferSpec {
    const spec = this.#specs.get(name);
    if (spec !== undefined) return spec;
    throw new SthelarError("InvalidArgument", {
      action,
      found: "no tensor of this name that the program uses",
      remedy: didYouMean(name, this.#specs.keys()),
    });
  }

  #checkOrder(action: string, item: OrderItem): void {
    if (typeof item !== "string") this.#spec(action, item.zero);
    else if (!Object.hasOwn(this.#models, item)) {
      const remedy = didYouMean(item, Object.keys(this.#models));
      throw new SthelarError("InvalidArgument", { action, found: `no model "${item}"`, remedy });
    }
  }

  #checkWatched(name: string): void {
    const { dtype } = this.#spec(`Cannot watch "${name}"`, name);
    if (!dtype.startsWith("float")) throw invalid(`Cannot watch "${name}"`, dtype, "float32");
  }

  #feed(name: string, values: TensorData | number, steps: number): TensorData {
    const action = `Cannot feed "${name}"`;
    const spec = this.#spec(action, name);
    const length = sizeOf(spec.shape) * (spec.per === "step" ? steps : 1);
    const data = typeof values === "number" ? arrayOf(spec.dtype, [values]) : values;
    if (!holds(spec.dtype, data) || data.length !== length) {
      throw invalid(
        action,
        `${data.constructor.name} of ${data.length}`,
        `${spec.dtype} ${shapeText(spec.shape)}${spec.per === "step" ? ` for ${steps} steps` : ""}`,
      );
    }
    return data.byteLength === data.buffer.byteLength ? data : data.slice() as TensorData;
  }
}

function isFloatScalar({ output, shape, dtype, per }: BufferSpec): boolean {
  return output && per !== "step" && sizeOf(shape) === 1 && dtype.startsWith("float");
}

function isRange(firstRow: number, rows: number, { shape }: BufferSpec): boolean {
  return [firstRow, rows].every(Number.isSafeInteger) && firstRow >= 0 && rows > 0 &&
    firstRow + rows <= (shape[0] ?? 1);
}

function invalid(action: string, found: string, expected: string): SthelarError {
  return new SthelarError("InvalidArgument", { action, found, expected });
}
