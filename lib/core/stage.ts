import type { Disk } from "./disk.ts";
import type { ParamSchema, ParamValues } from "./params.ts";
import type { Progress } from "./progress.ts";
import type { Random } from "./random.ts";

/** A stage's name: chapter and step, `1-02`. */
export type StageId = `${number}-${string}`;

/** Where a stage's inputs lie; only the pipeline makes one. */
export interface InputLocation {
  /** Local path of a raw source's root, or of a node of the slide's store, table fragment or report. */
  resolve(name: string): string;
  /** The disk that holds them. */
  readonly disk: Disk;
}

/** Something a stage reads: a raw source (the bundle, the H&E) or nodes that earlier stages wrote. */
export interface Input<T> {
  /** `source`: brought by the user; `nodes`: written by earlier stages. */
  readonly kind: "source" | "nodes";
  /** Names of the source, or of the nodes (`images/morpho`, `tables/table_nuclei/obs/area`). */
  readonly names: readonly string[];
  /** What it is, for `plan` and messages. */
  readonly doc: string;
  /** Whether the stage also runs without it (then it is `undefined`). */
  readonly optional?: boolean;
  /** For a source: the files that count for its identity, as absolute paths. */
  files?(root: string): Promise<readonly string[]>;
  /** Opens it; large things come back as lazy handles. */
  open(location: InputLocation): Promise<T>;
}

/** Where a stage's outputs go: a folder that becomes visible only when the stage has succeeded. */
export interface OutputSink {
  /** Root of the artefact's part of the store; nodes lie below it under their names. */
  readonly root: string;
  /** The disk to write to. */
  readonly disk: Disk;
}

/** A small output: the stage returns the value, the pipeline writes it. */
export interface ReturnedOutput<T> {
  /** How it is delivered. */
  readonly kind: "returned";
  /** The node it owns; one that ends in `*` stands for every node beside it that begins so. */
  readonly node: string;
  /** For such a node: those that the value is written to. */
  nodesOf?(value: T): readonly string[];
  /** Writes the value below `sink.root`. */
  write(value: T, sink: OutputSink): Promise<void>;
  /**
   * Derives the value from elements of a store that others made, where `resolve` is empty for an
   * element that it lacks; `undefined` if they do not tell.
   */
  readonly recover?: (location: InputLocation) => Promise<T | undefined>;
}

/** A writer of a large output. */
export interface OutputWriter {
  /** Completes what was written; called once, after the stage has run. */
  finish(): Promise<void>;
}

/** A large output: the stage writes it piece by piece through `ctx.out`. */
export interface StreamedOutput<W extends OutputWriter> {
  /** How it is delivered. */
  readonly kind: "streamed";
  /** The node it owns. */
  readonly node: string;
  /** A writer of this node below `sink.root`. */
  open(sink: OutputSink): W;
}

/** The inputs of a stage, by the name it uses for them. */
export type Inputs = { readonly [name: string]: Input<unknown> };
// deno-lint-ignore no-explicit-any -- a writer's value type is contravariant: only `any` accepts each
export type Outputs = { readonly [name: string]: ReturnedOutput<any> | StreamedOutput<any> };

/** What `run` receives for its inputs. */
export type Opened<I extends Inputs> = {
  readonly [K in keyof I]: I[K] extends Input<infer T>
    ? I[K] extends { readonly optional: true } ? T | undefined : T
    : never;
};
/** What `run` finds in `ctx.out`. */
export type Writers<O extends Outputs> = {
  readonly [K in keyof O as O[K] extends StreamedOutput<infer _W> ? K : never]: O[K] extends
    StreamedOutput<infer W> ? W : never;
};
/** What `run` returns. */
export type Returned<O extends Outputs> = {
  readonly [K in keyof O as O[K] extends ReturnedOutput<infer _T> ? K : never]: O[K] extends
    ReturnedOutput<infer T> ? T : never;
};

/** How large a slide is: what memory and time follow from. */
export interface SlideSize {
  /** Cells in the bundle. */
  readonly cells: number;
  /** Transcripts in the bundle. */
  readonly transcripts: number;
  /** Pixels of the morphology image at level 0, over all channels. */
  readonly morphologyPixels: number;
}

/** What a stage needs for a slide of a given size. */
export interface Budget {
  /** Peak memory, bytes. */
  readonly memoryBytes: number;
  /** Time on two cores, seconds. */
  readonly seconds: number;
}

/** What a stage may use of the machine. */
export interface Limits {
  /** Bytes of memory it should stay within. */
  readonly memoryBytes: number;
  /** Threads it may use. */
  readonly threads: number;
}

/** A fact about a slide, as in `heUmPerPixel: 0.2738`. */
export type Fact = number | string | boolean;

/** The slide at work. */
export interface SlideInfo {
  /** `heart_s0`. */
  readonly id: string;
  /** Whether its bundle comes from the simulator. */
  readonly simulated: boolean;
}

/** Finished parts of a long computation: they outlive a kill, and go when the stage has succeeded. */
export interface Checkpoints {
  /** What an unfinished run of the same inputs and parameters has kept under this name. */
  read(name: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Keeps bytes under a name, all or nothing. */
  write(name: string, bytes: Uint8Array): Promise<void>;
}

/** Everything a stage is given besides its inputs and parameters. */
export interface StageContext<O extends Outputs> {
  /** Writers of the streamed outputs. */
  readonly out: Writers<O>;
  /** The slide at work. */
  readonly slide: SlideInfo;
  /** Seeded by slide and stage. */
  readonly random: Random;
  /** Told of each step of a long loop. */
  readonly progress: Progress;
  /** Aborted when the user stops the run. */
  readonly signal: AbortSignal;
  /** Memory and threads. */
  readonly limits: Limits;
  /** Folder for scratch files, removed afterwards. */
  readonly scratch: string;
  /** Finished parts, for the run after a kill. */
  readonly checkpoints: Checkpoints;
  /** Tells the user something that is no warning, as what the computation will take. */
  inform(message: string): void;
  /** Records a warning: shown, and kept in the manifest. */
  warn(message: string): void;
  /** Records a fact about the slide: kept in the manifest and in the store's attributes. */
  note(name: string, value: Fact): void;
}

/** A step of the analysis: typed inputs, computation, typed outputs. */
export interface Stage<
  I extends Inputs = Inputs,
  O extends Outputs = Outputs,
  P extends ParamSchema = ParamSchema,
> {
  /** Chapter and step, zero-padded: `1-02`. */
  readonly id: StageId;
  /** Its name in files: `process_slide`. */
  readonly name: string;
  /** Raised when the same inputs give another result. */
  readonly version: number;
  /** What it does, in one sentence. */
  readonly doc: string;
  /** What it reads. */
  readonly inputs: I;
  /** What it writes. */
  readonly outputs: O;
  /** What can be set. */
  readonly params: P;
  /** Memory and time it needs for a slide of this size. */
  budget(size: SlideSize): Budget;
  /** The computation. */
  run(inputs: Opened<I>, params: ParamValues<P>, ctx: StageContext<O>): Promise<Returned<O>>;
}

// deno-lint-ignore no-explicit-any -- a list of stages holds every kind of stage
export type AnyStage = Stage<any, any, any>;

/**
 * Declares a stage, so that the types of `run` follow from its inputs, outputs and parameters.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { defineStage } from "@/core/stage.ts";
 *
 * const nothing = defineStage({
 *   id: "9-01",
 *   name: "nothing",
 *   version: 1,
 *   doc: "Does nothing.",
 *   inputs: {},
 *   outputs: {},
 *   params: {},
 *   budget: () => ({ memoryBytes: 0, seconds: 0 }),
 *   run: () => Promise.resolve({}),
 * });
 * assertEquals(nothing.id, "9-01");
 * ```
 */
export function defineStage<I extends Inputs, O extends Outputs, P extends ParamSchema>(
  stage: Stage<I, O, P>,
): Stage<I, O, P> {
  return stage;
}
