import { assembleSlide, buildSlide } from "@/pipeline/build_slide.ts";
import type { CropRequest } from "@/pipeline/cropped_bundle.ts";
import { throttledProgress } from "@/pipeline/events.ts";
import { lockSlide } from "@/pipeline/lock.ts";
import { matchStages, selectStages } from "@/pipeline/pipeline.ts";
import { checkBudget, measureSlide } from "@/pipeline/slide_size.ts";
import {
  formatBytes,
  formatSeconds,
  ProgressDisplay,
  standardScreen,
} from "@/pipeline/progress_display.ts";
import { runStageProcess } from "@/pipeline/stage_process.ts";
import { removeLeftovers } from "@/pipeline/run_stage.ts";
import type { Slide } from "@/pipeline/slide.ts";
import { slideFolder } from "@/pipeline/slide_folder.ts";
import { pipeline } from "@/pipeline/sthelar.ts";
import { reportStamp } from "@/report/report_stamp.ts";
import type { Arguments } from "./arguments.ts";
import { type Command, print, takeWords } from "./command.ts";
import {
  childArguments,
  openSlide,
  outFolder,
  SELECTION_OPTIONS,
  SLIDE_OPTIONS,
} from "./options.ts";
import { runWithEvents, sendEvent } from "./reported_job.ts";
import { describeParameters } from "./stage_parameters.ts";

/** Builds a slide, each stage in a process of its own. */
export const buildSlideCommand: Command = {
  words: ["<slide>"],
  doc: "builds a slide: every stage that is not done yet, then its SpatialData store",
  options: { ...SLIDE_OPTIONS, ...SELECTION_OPTIONS },
  details: () => describeParameters(pipeline.stages),
  async run(args, signal) {
    const [id] = takeWords("build-slide", this, args);
    const stages = selectStages(pipeline, args.values);
    const display = new ProgressDisplay(standardScreen());
    using _lock = await lockSlide(slideFolder(outFolder(args), id));
    const slide = await openWithProgress(id, args, display, signal);
    await removeLeftovers(slide.disk, slide.folder);
    if (slide.manifest.simulated) display.line(simulationNotice(id));
    if (slide.opened !== undefined) display.line(openedNotice(slide));
    const planned = stages.filter((stage) => ["run", "keep"].includes(slide.planned(stage).action));
    checkBudget(planned, await measureSlide(slide), slide.limits);
    const { ran, kept, opened, skipped } = await buildSlide({
      slide,
      stages,
      force: args.flags.has("force"),
      childArgs: childArguments(args, slide),
      display,
      signal,
    });
    if (ran.length > 0 || !await hasCurrentReport(slide)) await report(slide, display);
    display.line(
      `${id}: ${ran.length} stages run, ${kept.length} kept, ${skipped.length} skipped` +
        (opened.length === 0 ? "" : `, ${opened.length} from the opened store`),
    );
    if (slide.opened !== undefined) print(`Opened store:      ${slide.opened.record.path}`);
    if (slide.opened === undefined || slide.artefacts().current.length > 0) {
      print(`SpatialData store: ${slide.folder.store}`);
    }
    print(`Report:            ${reportPath(slide)}`);
    print(`Manifest:          ${slide.folder.manifest}`);
  },
};

/** Runs one stage in this process: what a cluster job calls, and what `build-slide` starts. */
export const stageCommand: Command = {
  words: ["<stage>", "<slide>"],
  doc: "runs one stage (1-02, 1-2 or its name) of a slide in this process",
  options: {
    ...SLIDE_OPTIONS,
    force: { type: "boolean", doc: "compute again what is there" },
    events: { type: "string" },
  },
  details: () => describeParameters(pipeline.stages),
  async run(args, signal) {
    const [stageText, id] = takeWords("stage", this, args);
    const stages = matchStages(pipeline, stageText);
    const lockFile = args.values.events;
    if (lockFile !== undefined) {
      const warn = (message: string) => sendEvent({ event: "warning", message });
      const inform = (message: string) => sendEvent({ event: "information", message });
      return await runWithEvents(lockFile, async (progress) => {
        const slide = await openSlide(id, args, { signal });
        for (const stage of stages) {
          await slide.run(stage, { force: true, progress, warn, inform, signal });
        }
      });
    }
    const display = new ProgressDisplay(standardScreen());
    using _lock = await lockSlide(slideFolder(outFolder(args), id));
    const slide = await openWithProgress(id, args, display, signal);
    await removeLeftovers(slide.disk, slide.folder);
    checkBudget(stages, await measureSlide(slide), slide.limits);
    for (const stage of stages) {
      const label = `${stage.id} ${stage.name}`;
      display.start(label);
      const record = await slide.run(stage, {
        force: args.flags.has("force"),
        progress: throttledProgress((step) => display.step(step)),
        warn: (message) => display.line(`${label}: warning: ${message}`),
        inform: (message) => display.line(`${label}: ${message}`),
        signal,
      });
      display.line(
        `${label}: done in ${formatSeconds(record.seconds)}, peak memory ${
          formatBytes(record.peakMemoryBytes)
        }`,
      );
    }
    await assembleSlide(slide, display);
  },
};

function openWithProgress(
  id: string,
  args: Arguments,
  display: ProgressDisplay,
  signal: AbortSignal,
): Promise<Slide> {
  const { jobLock } = slideFolder(outFolder(args), id);
  const prepare: Preparation = (words, folder) =>
    runStageProcess({
      args: words,
      lockFile: jobLock,
      logFile: `${folder}.log`,
      signal,
      onEvent: (event) => {
        if (event.event === "progress") display.step(event);
      },
    });
  display.start("reading inputs");
  return openSlide(id, args, {
    signal,
    progress: throttledProgress((step) => display.step(step)),
    simulate: (folder) => {
      display.line(`${id}: no bundle of yours: simulating one`);
      display.start(`simulating ${id}`);
      return prepare(["simulate", id, `--to=${folder}`], folder);
    },
    ...(args.values.roi === undefined
      ? {}
      : { crop: cropRequest(args.values.roi, display, prepare) }),
  });
}

function openedNotice({ folder, opened, sources }: Slide): string {
  const without = sources.bundle === undefined ? " and has no bundle" : "";
  return `${folder.slide}: was opened from "${
    opened!.record.path
  }"${without}: nothing is simulated`;
}

function simulationNotice(id: string): string {
  return `*** ${id}: this is a SIMULATED slide, not real tissue ***`;
}

/** Makes a bundle in a process of its own, so that this one stays small. */
type Preparation = (words: readonly string[], folder: string) => Promise<void>;

function cropRequest(roi: string, display: ProgressDisplay, prepare: Preparation): CropRequest {
  return {
    roi,
    crop: ({ bundle, he, "he-alignment": alignment }, folder) => {
      display.start("cropping");
      const args = ["crop", bundle, `--roi=${roi}`, `--to=${folder}`];
      if (he !== undefined) args.push(`--he=${he}`);
      if (alignment !== undefined) args.push(`--he-alignment=${alignment}`);
      return prepare(args, folder);
    },
  };
}

/** Draws the report; plotting is loaded only where it is used. */
async function report(slide: Slide, display: ProgressDisplay): Promise<void> {
  const { writeReport } = await import("@/report/write_report.ts");
  const { figures, missing } = await writeReport(slide);
  for (const text of missing) display.line(`report: without ${text}`);
  display.line(`report: ${figures.length} figures`);
}

function reportPath({ folder }: Slide): string {
  return `${folder.root}/report.html`;
}

async function hasCurrentReport(slide: Slide): Promise<boolean> {
  const page = await slide.disk.read(reportPath(slide));
  return page !== undefined && new TextDecoder().decode(page).includes(reportStamp(slide));
}

/** Draws a slide's figures and report from what is on disk. */
export const figuresCommand: Command = {
  words: ["<slide>"],
  doc: "draws the figures (SVG and PNG) and the report of a slide from what is on disk",
  options: SLIDE_OPTIONS,
  async run(args, signal) {
    const [id] = takeWords("figures", this, args);
    const display = new ProgressDisplay(standardScreen());
    const slide = await openSlide(id, args, { signal });
    await report(slide, display);
    print(reportPath(slide));
  },
};
