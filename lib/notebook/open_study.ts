import { fileURLToPath } from "node:url";
import type { StageRecord } from "@/pipeline/manifest.ts";
import { matchStages } from "@/pipeline/pipeline.ts";
import { pipeline } from "@/pipeline/sthelar.ts";
import { pipelineOfSteps, type StepParams, Study, studySteps, writeView } from "@/study/mod.ts";
import { displayProgress } from "./display_progress.ts";

/** Which slides a notebook's study is of; those of the last time unless told. */
export interface OpenStudyOptions {
  /** Names of built slides, or `["all"]`. */
  readonly slides?: readonly string[];
  /** Parameters that differ from those of the last time, by step id and name. */
  readonly params?: StepParams;
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/**
 * Opens a study over built slides in a notebook; results go to the same folder as those of
 * `build-dataset`, so what one has computed the other finds.
 *
 * @param name The study's name.
 */
export async function openStudy(name: string, options: OpenStudyOptions = {}): Promise<Study> {
  const out = Deno.env.get("STHELAR_OUT") ?? `${ROOT}out`;
  return await Study.open(name, {
    pipeline,
    steps: studySteps,
    out,
    data: `${ROOT}data`,
    ...options,
  });
}

/**
 * Runs a step over slides in the notebook, unless its result is there.
 *
 * @param study An opened study.
 * @param step A step, as in `2-08s` or `label_tables`.
 * @returns What `study.json` keeps of it; nothing of a step that is switched off.
 */
export async function runStep(study: Study, step: string): Promise<StageRecord[]> {
  const records: StageRecord[] = [];
  for (const { id, name } of matchStages(pipelineOfSteps(studySteps), step)) {
    const { action, reason } = study.planned(id);
    if (action === "skip") {
      console.log(`${id}: ${reason}`);
      continue;
    }
    const progress = action === "run" ? displayProgress(`${id} ${name}`) : undefined;
    const warn = (message: string) => console.warn(`${id}: ${message}`);
    const inform = (message: string) => console.log(`${id}: ${message}`);
    const told = { ...(progress === undefined ? {} : { progress }), warn, inform };
    records.push(await study.run(id, told));
    await progress?.finish();
  }
  await writeView(study);
  return records;
}
