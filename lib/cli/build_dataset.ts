import { resolve } from "node:path";
import { lockSlide } from "@/pipeline/lock.ts";
import { matchStages } from "@/pipeline/pipeline.ts";
import { parseParamTexts } from "@/pipeline/plan.ts";
import { ProgressDisplay, standardScreen } from "@/pipeline/progress_display.ts";
import { removeLeftovers } from "@/pipeline/run_stage.ts";
import { pipeline } from "@/pipeline/sthelar.ts";
import {
  type AnyStudyStep,
  buildStudy,
  pipelineOfSteps,
  Study,
  studyFolder,
  studySteps,
} from "@/study/mod.ts";
import type { Arguments } from "./arguments.ts";
import { type Command, print, takeWords } from "./command.ts";
import { outFolder, parseLimits, userPath } from "./options.ts";
import { runWithEvents, sendEvent } from "./reported_job.ts";
import { describeParameters } from "./stage_parameters.ts";

const steps = pipelineOfSteps(studySteps);

/** Runs the steps over several slides, each in a process of its own. */
export const buildDatasetCommand: Command = {
  words: ["<name>"],
  doc: "puts built slides together: label tables, comparison of annotations, one scVI model",
  options: {
    slides: {
      type: "string",
      value: "A,B,…",
      doc: "the slides, or all; those of the last time unless told",
    },
    only: { type: "string", value: "STEP", doc: "one step, as in 2-08s or label_tables" },
    force: { type: "boolean", doc: "compute again what is there" },
    out: { type: "string", value: "DIR", doc: "where slides are and results go (default out)" },
    data: { type: "string", value: "DIR", doc: "what you bring (default data)" },
    param: {
      type: "string",
      multiple: true,
      value: "STEP.NAME=VALUE",
      doc: "set a step's parameter; it holds until it is set again; may be repeated",
    },
    memory: {
      type: "string",
      value: "GB",
      doc: "memory to stay within (default 3/4 of what is free)",
    },
    threads: { type: "string", value: "N", doc: "threads (default every core)" },
    events: { type: "string" },
  },
  details: () => describeParameters(steps.stages),
  async run(args, signal) {
    const [name] = takeWords("build-dataset", this, args);
    const chosen = chosenSteps(args);
    const lockFile = args.values.events;
    if (lockFile !== undefined) return await runSteps(name, chosen, lockFile, args, signal);
    const display = new ProgressDisplay(standardScreen());
    const folder = studyFolder(outFolder(args), name);
    display.start("reading slides");
    const study = await openStudy(name, args, signal);
    await study.requireBuilt(chosen.map(({ id }) => id));
    using _lock = await lockSlide(folder);
    await removeLeftovers(study.disk, folder);
    if (study.record.simulated) {
      display.line(`*** ${name}: has SIMULATED slides, not real tissue ***`);
    }
    const { ran, kept, skipped } = await buildStudy({
      ...{ study, display, signal, steps: chosen },
      force: args.flags.has("force"),
      childArgs: childArguments(args, study),
    });
    display.line(
      `${name}: ${study.slides.length} slides, ${ran.length} steps run, ${kept.length} kept, ` +
        `${skipped.length} skipped`,
    );
    print(`Tables:   ${folder.root}/tables`);
    print(`Report:   ${folder.report}`);
    print(`Study:    ${folder.manifest}`);
  },
};

/** What a child process does: the steps, one after the other, told as events. */
function runSteps(
  name: string,
  chosen: readonly AnyStudyStep[],
  lockFile: string,
  args: Arguments,
  signal: AbortSignal,
): Promise<void> {
  const warn = (message: string) => sendEvent({ event: "warning", message });
  const inform = (message: string) => sendEvent({ event: "information", message });
  return runWithEvents(lockFile, async (progress) => {
    const study = await openStudy(name, args, signal);
    for (const { id } of chosen) {
      await study.run(id, { force: true, progress, warn, inform, signal });
    }
  });
}

function openStudy(name: string, args: Arguments, signal: AbortSignal): Promise<Study> {
  const { values, lists } = args;
  const limits = parseLimits(args);
  return Study.open(name, {
    ...{ pipeline, steps: studySteps, signal },
    out: outFolder(args),
    data: values.data === undefined ? resolve("data") : userPath(values.data),
    params: parseParamTexts(steps, lists.param ?? []),
    ...(values.slides === undefined ? {} : { slides: slideNames(values.slides) }),
    ...(limits === undefined ? {} : { limits }),
  });
}

function slideNames(text: string): string[] {
  return text.split(",").map((name) => name.trim()).filter((name) => name !== "");
}

function chosenSteps({ values }: Arguments): readonly AnyStudyStep[] {
  if (values.only === undefined) return studySteps;
  const ids = matchStages(steps, values.only).map(({ id }) => id);
  return studySteps.filter(({ id }) => ids.includes(id));
}

/** The options that a step's own process needs to plan the same; the rest is in `study.json`. */
function childArguments(args: Arguments, { limits }: Study): string[] {
  const { data } = args.values;
  return [
    `--out=${outFolder(args)}`,
    ...(data === undefined ? [] : [`--data=${userPath(data)}`]),
    `--memory=${limits.memoryBytes / 1e9}`,
    `--threads=${limits.threads}`,
  ];
}
