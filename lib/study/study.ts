import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { type Progress, silentProgress } from "@/core/progress.ts";
import type { Limits } from "@/core/stage.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import type { StageRecord } from "@/pipeline/manifest.ts";
import { readRecord, runStage } from "@/pipeline/run_stage.ts";
import { artefactFolder } from "@/pipeline/slide_folder.ts";
import { type PlannedStep, planStep } from "./plan_step.ts";
import { contentFolder } from "./step_stage.ts";
import { type StudyFolder, studyFolder } from "./study_folder.ts";
import { readStudyRecord, type StudyRecord, writeStudyRecord } from "./study_record.ts";
import {
  listSlides,
  OpenedSlide,
  openSlides,
  requireBuilt,
  type SlideSearch,
} from "./study_slides.ts";
import type { AnyStudyStep } from "./study_step.ts";

/** Parameters by step id, then by name. */
export type StepParams = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** How to open a study. */
export interface StudyOptions extends Omit<SlideSearch, "disk"> {
  /** All steps, in order. */
  readonly steps: readonly AnyStudyStep[];
  /** Its slides, `["all"]` for every slide among the results; those of the last time unless told. */
  readonly slides?: readonly string[];
  /** Parameters that differ from those of the last time, by step id and name. */
  readonly params?: StepParams;
  /** Where results go. */
  readonly disk?: Disk;
}

/** How a step is run. */
export interface RunStepOptions {
  /** Compute it even if its result is there. */
  readonly force?: boolean;
  /** Told of each part of it. */
  readonly progress?: Progress;
  /** Aborted when the user stops the run. */
  readonly signal?: AbortSignal;
  /** Told of each warning. */
  readonly warn?: (message: string) => void;
  /** Told what the step says of itself. */
  readonly inform?: (message: string) => void;
}

/** Several built slides, what is planned over them, and what was done. */
export class Study {
  #record: StudyRecord;
  #plan: readonly PlannedStep[];

  private constructor(
    /** Where everything lies. */
    readonly folder: StudyFolder,
    /** Where results go. */
    readonly disk: Disk,
    /** Its slides, in order. */
    readonly slides: readonly OpenedSlide[],
    record: StudyRecord,
    plan: readonly PlannedStep[],
  ) {
    this.#record = record;
    this.#plan = plan;
  }

  /**
   * Opens a study: finds and identifies its slides and plans every step. Nothing is written.
   *
   * @param name The study's name.
   * @throws {SthelarError} `InvalidArgument` or `NotFound` if its slides can't be had.
   */
  static async open(name: string, options: StudyOptions): Promise<Study> {
    const disk = options.disk ?? localDisk;
    const folder = studyFolder(options.out, name);
    const before = await readStudyRecord(disk, folder);
    const slides = await openSlides(name, await slideNames(disk, before, options), {
      ...options,
      disk,
    });
    const record: StudyRecord = {
      ...before,
      simulated: slides.some(({ simulated }) => simulated),
      automatic: slides.some(({ automatic }) => automatic),
      slides: slides.map(({ name, tissue, simulated, automatic }) => ({
        ...{ name, tissue, simulated, automatic },
      })),
      params: mergeParams(before.params, options.params ?? {}),
    };
    const plan: PlannedStep[] = [];
    for (const step of options.steps) {
      plan.push(await planStep(disk, folder, step, slides, record));
    }
    return new Study(folder, disk, slides, record, plan);
  }

  /** What was done, and what it is made from now. */
  get record(): StudyRecord {
    return this.#record;
  }

  /** What each step would do now. */
  get plan(): readonly PlannedStep[] {
    return this.#plan;
  }

  /** Memory and threads. */
  get limits(): Limits {
    return this.slides[0].slide.limits;
  }

  /** The plan of one step. */
  planned(step: string): PlannedStep {
    const found = this.#plan.find((planned) => planned.step.id === step);
    if (found !== undefined) return found;
    throw new SthelarError("InvalidArgument", {
      action: `Cannot find step "${step}"`,
      found: "no such step",
      expected: this.#plan.map(({ step }) => step.id).join(", "),
    });
  }

  /** The artefacts that count now: those of what there is. */
  current(): readonly PlannedStep[] {
    return this.#plan.filter(({ step, key, action }) =>
      action === "keep" && this.#record.steps[step.id]?.key === key
    );
  }

  /** Folder of a step's current files: `tables/` and `models/` lie in it. */
  filesOf(step: string): string {
    return contentFolder(this.folder, step, this.planned(step).key);
  }

  /**
   * Refuses slides that are not built far enough for the steps that are still to be run.
   *
   * @throws {SthelarError} `NotFound` listing them with the commands that build them.
   */
  async requireBuilt(steps: readonly string[]): Promise<void> {
    const planned = steps.map((step) => this.planned(step));
    await requireBuilt(this.folder.name, planned.filter(({ action }) => action === "run"));
  }

  /**
   * Runs one step in this process, unless its result is there, and commits it.
   *
   * @throws {SthelarError} `NotFound` if its slides are not built far enough, `InvalidArgument` if it
   *   is switched off.
   */
  async run(step: string, options: RunStepOptions = {}): Promise<StageRecord> {
    const planned = this.planned(step);
    if (planned.action === "skip") throw isSkipped(planned);
    await this.requireBuilt([step]);
    const { disk, folder, limits } = this;
    const record = planned.action === "keep" && !options.force
      ? await readRecord(disk, folder, planned)
      : await runStage(planned, {
        ...{ disk, folder, limits },
        simulated: planned.slides.some(({ simulated }) => simulated),
        resolve: () => "",
        progress: options.progress ?? silentProgress,
        warn: options.warn ?? (() => {}),
        inform: options.inform ?? (() => {}),
        signal: options.signal ?? new AbortController().signal,
      });
    this.#isKept(planned);
    await this.#commit({ [step]: record });
    return record;
  }

  /** Takes what another process has computed as the current result of a step. */
  async adopt(step: string): Promise<StageRecord> {
    const planned = this.planned(step);
    const path = `${artefactFolder(this.folder, step, planned.key)}/artefact.json`;
    if (await this.disk.stat(path) === undefined) throw hasChanged(planned, this.folder.name);
    const record = await readRecord(this.disk, this.folder, planned);
    this.#isKept(planned);
    await this.#commit({ [step]: record });
    return record;
  }

  /** Writes `study.json` with the slides and parameters of now. */
  async save(): Promise<void> {
    await this.#commit({});
  }

  #isKept(planned: PlannedStep): void {
    this.#plan = this.#plan.map((entry) =>
      entry === planned ? { ...planned, action: "keep", reason: "done" } : entry
    );
  }

  async #commit(steps: StudyRecord["steps"]): Promise<void> {
    const before = await readStudyRecord(this.disk, this.folder);
    const known = new Set(this.#plan.map(({ step }) => step.id));
    const kept = Object.entries({ ...before.steps, ...steps }).filter(([id]) =>
      known.has(id as never)
    );
    this.#record = { ...this.#record, steps: Object.fromEntries(kept) };
    if (JSON.stringify(before) === JSON.stringify(this.#record)) return;
    await writeStudyRecord(this.disk, this.folder, this.#record);
  }
}

async function slideNames(
  disk: Disk,
  before: StudyRecord,
  { slides, out }: StudyOptions,
): Promise<readonly string[]> {
  if (slides === undefined) return before.slides.map(({ name }) => name);
  return slides.length === 1 && slides[0] === "all" ? await listSlides(disk, out) : slides;
}

function mergeParams(before: StepParams, given: StepParams): StepParams {
  const steps = [...new Set([...Object.keys(before), ...Object.keys(given)])].sort();
  return Object.fromEntries(steps.map((step) => [step, { ...before[step], ...given[step] }]));
}

function hasChanged({ step }: PlannedStep, study: string): SthelarError {
  return new SthelarError("PipelineConflict", {
    action: `Cannot take the result of step ${step.id}`,
    found: "a result that was made from other states of the slides",
    remedy: `slides were built meanwhile; run again: deno task build-dataset ${study}`,
  });
}

function isSkipped({ step, reason }: PlannedStep): SthelarError {
  return new SthelarError("InvalidArgument", {
    action: `Cannot run step ${step.id}`,
    found: reason,
  });
}
