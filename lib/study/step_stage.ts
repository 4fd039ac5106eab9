import type { FigureNote } from "@/plots/mod.ts";
import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { Random } from "@/core/random.ts";
import {
  type AnyStage,
  defineStage,
  type OutputSink,
  type OutputWriter,
  type StreamedOutput,
} from "@/core/stage.ts";
import { encodeJson, parseJson } from "@/pipeline/manifest.ts";
import { definePipeline, type Pipeline } from "@/pipeline/pipeline.ts";
import { artefactFolder } from "@/pipeline/slide_folder.ts";
import type { StudyFolder } from "./study_folder.ts";
import type {
  AnyStudyStep,
  ReportSection,
  StudyFileKind,
  StudyFiles,
  StudyResult,
  StudySlide,
} from "./study_step.ts";

/** A file that a step made. */
export interface StepFile {
  /** The study's folder that it appears in. */
  readonly kind: StudyFileKind;
  /** Its name there. */
  readonly name: string;
  /** What it holds. */
  readonly doc: string;
}

/** What an artefact's `content.json` lists. */
export interface StepContent {
  /** Tables and models. */
  readonly files: readonly StepFile[];
  /** Names of the figures, each an SVG and a PNG file. */
  readonly figures: readonly string[];
  /** Tables for the report. */
  readonly sections: readonly ReportSection[];
}

/** Collects a step's files below its artefact, and lists them. */
class StepWriter implements StudyFiles, OutputWriter {
  readonly disk: Disk;
  readonly #root: string;
  readonly #files: StepFile[] = [];
  #result: StudyResult = { figures: [] };

  constructor({ disk, root }: OutputSink) {
    this.disk = disk;
    this.#root = root;
  }

  add(kind: StudyFileKind, name: string, doc: string): string {
    if (this.#files.some((file) => file.kind === kind && file.name === name)) {
      throw new SthelarError("PipelineConflict", {
        action: `Cannot add "${kind}/${name}" to the study`,
        found: "a file of this name",
        expected: "each file once",
      });
    }
    this.#files.push({ kind, name, doc });
    return `${this.#root}/${kind}/${name}`;
  }

  /** Draws the figures. */
  async keep(result: StudyResult): Promise<void> {
    this.#result = result;
    for (const { name, figure } of result.figures) {
      const path = `${this.#root}/figures/${name}`;
      await this.disk.write(`${path}.svg`, new TextEncoder().encode(await figure.svg()));
      await this.disk.write(`${path}.png`, await figure.png({ scale: 2 }));
    }
  }

  async finish(): Promise<void> {
    const { figures, sections = [] } = this.#result;
    const content: StepContent = {
      files: this.#files,
      figures: figures.map(({ name }) => name),
      sections,
    };
    await this.disk.write(`${this.#root}/content.json`, encodeJson(content));
  }
}

/** What a step sees of a study. */
export interface StepScene {
  /** Its slides. */
  readonly slides: readonly StudySlide[];
  /** Marks that figures must carry. */
  readonly notes: readonly FigureNote[];
}

const NO_SLIDES: StepScene = { slides: [], notes: [] };

/**
 * A step as a stage of the pipeline, so that it is run, committed and resumed as one: its artefact
 * holds files, figures and their list instead of nodes of a store.
 */
export function stageOfStep(step: AnyStudyStep, { slides, notes }: StepScene): AnyStage {
  const { id, name, version, doc, params } = step;
  const files: StreamedOutput<StepWriter> = {
    kind: "streamed",
    node: `steps/${id}`,
    open: (sink) => new StepWriter(sink),
  };
  return defineStage({
    ...{ id, name, version, doc, params },
    inputs: {},
    outputs: { files },
    budget: () => ({ memoryBytes: 0, seconds: 0 }),
    async run(_inputs, params, ctx) {
      const writer = ctx.out.files;
      const random = new Random(id);
      await writer.keep(await step.run(slides, params, { ...ctx, files: writer, notes, random }));
      return {};
    },
  });
}

/** Steps as a pipeline: what names, texts of parameters and the help need. */
export function pipelineOfSteps(steps: readonly AnyStudyStep[]): Pipeline {
  return definePipeline(steps.map((step) => stageOfStep(step, NO_SLIDES)));
}

/** Where the files of a step's artefact are. */
export function contentFolder(folder: StudyFolder, step: string, key: string): string {
  return `${artefactFolder(folder, step, key)}/nodes`;
}

/**
 * What a step's artefact holds.
 *
 * @throws {SthelarError} `NotFound` if it is gone, `CorruptData` if it is no such list.
 */
export async function readContent(
  disk: Disk,
  folder: StudyFolder,
  step: string,
  key: string,
): Promise<StepContent> {
  const path = `${contentFolder(folder, step, key)}/content.json`;
  const bytes = await disk.read(path);
  if (bytes === undefined) {
    throw new SthelarError("NotFound", {
      action: `Cannot use the result of step ${step}`,
      found: `no "${path}"`,
      remedy: `run: deno task build-dataset ${folder.name} --only ${step} --force`,
      path,
    });
  }
  const content = parseJson(bytes, path) as StepContent;
  if (![content?.files, content?.figures, content?.sections].every(Array.isArray)) {
    throw new SthelarError("CorruptData", {
      action: `Cannot use the result of step ${step}`,
      found: "no list of files and figures",
      remedy: `run: deno task build-dataset ${folder.name} --only ${step} --force`,
      path,
    });
  }
  return content;
}
