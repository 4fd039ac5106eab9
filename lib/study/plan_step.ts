import type { Disk } from "@/core/disk.ts";
import { parseParams } from "@/core/params.ts";
import { sha256Of } from "@/pipeline/identity.ts";
import type { StageRecord } from "@/pipeline/manifest.ts";
import type { PlannedStage } from "@/pipeline/plan.ts";
import { artefactFolder } from "@/pipeline/slide_folder.ts";
import type { FigureNote } from "@/plots/mod.ts";
import { stageOfStep } from "./step_stage.ts";
import type { StudyFolder } from "./study_folder.ts";
import type { StudyRecord } from "./study_record.ts";
import type { OpenedSlide } from "./study_slides.ts";
import type { AnyStudyStep } from "./study_step.ts";

/** What will become of a step. */
export interface PlannedStep extends PlannedStage {
  /** The step. */
  readonly step: AnyStudyStep;
  /** The slides that it reads. */
  readonly slides: readonly OpenedSlide[];
}

/**
 * Finds out what a step would do: its key is a hash of its id, version and parameters, and for each
 * slide of its name and the keys of the artefacts that own what the step reads.
 *
 * @param all The slides of the study.
 * @param record What was done before, and the parameters.
 */
export async function planStep(
  disk: Disk,
  folder: StudyFolder,
  step: AnyStudyStep,
  all: readonly OpenedSlide[],
  record: StudyRecord,
): Promise<PlannedStep> {
  const params = parseParams(step.id, step.params, record.params[step.id] ?? {});
  const slides = all.filter((slide) => step.chosen?.(slide, params) ?? true);
  const identities: [string, string][] = [];
  for (const slide of slides) identities.push([slide.name, await slide.identityOf(step.inputs)]);
  const key = sha256Of(JSON.stringify([
    step.id,
    step.version,
    Object.entries(params).sort(([a], [b]) => a < b ? -1 : 1).map(([k, v]) => [k, v ?? null]),
    identities,
  ]));
  const notes: FigureNote[] = [
    ...slides.some(({ simulated }) => simulated) ? ["simulated" as const] : [],
    ...slides.some(({ automatic }) => automatic) ? ["automatic" as const] : [],
  ];
  const views = slides.map((slide) => slide.view(step.inputs));
  const stage = stageOfStep(step, { slides: views, notes });
  const common = { step, slides, stage, key, params, inputs: Object.fromEntries(identities) };
  const off = step.switchedOff?.(params) ??
    (slides.length === 0 ? "none of the slides is of a kind that it reads" : undefined);
  if (off !== undefined) return { ...common, action: "skip", reason: off };
  const artefact = artefactFolder(folder, step.id, key);
  if (await disk.stat(`${artefact}/artefact.json`) !== undefined) {
    return { ...common, action: "keep", reason: "done" };
  }
  return { ...common, action: "run", reason: whyRun(common, record.steps[step.id]) };
}

function whyRun(
  { step, params, inputs }: Pick<PlannedStep, "step" | "params" | "inputs">,
  before: StageRecord | undefined,
): string {
  if (before === undefined) return "not done yet";
  if (before.version !== step.version) return `version ${before.version} -> ${step.version}`;
  const slides = [...new Set([...Object.keys(before.inputs), ...Object.keys(inputs)])];
  const changes = [
    ...Object.keys(params).filter((name) => before.params[name] !== params[name])
      .map((name) => `${name} ${before.params[name] ?? "none"} -> ${params[name] ?? "none"}`),
    ...slides.filter((slide) => before.inputs[slide] !== inputs[slide]).map((slide) =>
      before.inputs[slide] === undefined
        ? `${slide} came`
        : inputs[slide] === undefined
        ? `${slide} went`
        : `${slide} changed`
    ),
  ];
  return changes.length > 0
    ? changes.join(", ")
    : "its artefact is gone, or slides are in another order";
}
