import type { Disk } from "@/core/disk.ts";
import type { ParamSchema, ParamValues } from "@/core/params.ts";
import type { Input, StageContext, StageId } from "@/core/stage.ts";
import type { FigureNote } from "@/plots/mod.ts";
import type { NamedFigure } from "@/report/slide_figures.ts";

/** The inputs of a step: what it reads of each slide, by the name it uses for it. */
export type SlideInputs = { readonly [name: string]: Input<unknown> };

/** What a step finds under the name of an input. */
export type OpenedInput<T extends Input<unknown>> = T extends Input<infer V>
  ? T extends { readonly optional: true } ? V | undefined : V
  : never;

/** A slide as a step sees it: it can be read, never written. */
export interface StudySlide<I extends SlideInputs = SlideInputs> {
  /** `heart_s0` */
  readonly name: string;
  /** `heart` */
  readonly tissue: string;
  /** Whether its bundle comes from the simulator. */
  readonly simulated: boolean;
  /** Whether a rule, not a person, gave its labels. */
  readonly automatic: boolean;
  /** Reads one of the step's inputs; `undefined` for an optional one that the slide lacks. */
  open<K extends keyof I>(input: K): Promise<OpenedInput<I[K]>>;
}

/** The kinds of files that a step makes, each a folder of the study. */
export type StudyFileKind = "tables" | "models";

/** Where a step's files go: they appear in the study when the step has succeeded. */
export interface StudyFiles {
  /** The disk to write to. */
  readonly disk: Disk;
  /**
   * Path of a new file.
   *
   * @param kind The study's folder that it appears in.
   * @param name Its name there.
   * @param doc What it holds, for the report.
   */
  add(kind: StudyFileKind, name: string, doc: string): string;
}

/** A small table in the report. */
export interface ReportSection {
  /** Its heading. */
  readonly title: string;
  /** A sentence below it. */
  readonly text?: string;
  /** Names of the columns. */
  readonly columns: readonly string[];
  /** The rows, as they are shown. */
  readonly rows: readonly (readonly string[])[];
}

/** What a step returns besides its files. */
export interface StudyResult {
  /** Figures, in the order of the report. */
  readonly figures: readonly NamedFigure[];
  /** Tables for the report. */
  readonly sections?: readonly ReportSection[];
}

/** Everything a step is given besides its slides and parameters: a stage's surroundings, of no slide. */
export interface StudyContext extends Omit<StageContext<Record<never, never>>, "out" | "slide"> {
  /** Where its files go. */
  readonly files: StudyFiles;
  /** Marks that figures must carry. */
  readonly notes: readonly FigureNote[];
}

/** A step over several slides: what it reads of each, computation, files and figures. */
export interface StudyStep<
  I extends SlideInputs = SlideInputs,
  P extends ParamSchema = ParamSchema,
> {
  /** Chapter and step of the slide stage that it follows, and an `s`: `2-08s`. */
  readonly id: StageId;
  /** Its name in files: `label_tables`. */
  readonly name: string;
  /** Raised when the same inputs give another result. */
  readonly version: number;
  /** What it does, in one sentence. */
  readonly doc: string;
  /** What it reads of each slide. */
  readonly inputs: I;
  /** What can be set. */
  readonly params: P;
  /** Why it does not run with these parameters; `undefined` if it does. */
  switchedOff?(params: ParamValues<P>): string | undefined;
  /** The slides of the study that it reads with these parameters; all of them without it. */
  chosen?(slide: Pick<StudySlide, "name" | "tissue">, params: ParamValues<P>): boolean;
  /** The computation: slides one after the other, so that memory is bounded by one of them. */
  run(
    slides: readonly StudySlide<I>[],
    params: ParamValues<P>,
    ctx: StudyContext,
  ): Promise<StudyResult>;
}

// deno-lint-ignore no-explicit-any -- a list of steps holds every kind of step
export type AnyStudyStep = StudyStep<any, any>;

/**
 * Declares a step, so that the types of `run` follow from its inputs and parameters.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { defineStudyStep } from "@/study/mod.ts";
 *
 * const nothing = defineStudyStep({
 *   id: "9-01s",
 *   name: "nothing",
 *   version: 1,
 *   doc: "Does nothing.",
 *   inputs: {},
 *   params: {},
 *   run: () => Promise.resolve({ figures: [] }),
 * });
 * assertEquals(nothing.id, "9-01s");
 * ```
 */
export function defineStudyStep<I extends SlideInputs, P extends ParamSchema>(
  step: StudyStep<I, P>,
): StudyStep<I, P> {
  return step;
}
