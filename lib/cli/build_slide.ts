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

/** Builds a slide, each stage in a process of its own. */
export const buildSlideCommand: Command = {
  words: ["<slide>"],
  doc: "builds a slide: every stage that is not done yet, then its SpatialData store",
  options: { ...SLIDE_OPTIONS, ...SELECTION_OPTIONS },
  async run(args, signal) {
    const [id] = takeWords("build-slide", this, args);
    const stages = selectStages(pipeline, args.values);
    const display = new ProgressDisplay(standardScreen());
    using _lock = await lockSlide(slideFolder(outFolder(args), id));
    const slide = await openWithProgress(id, args, display, signal);
    await removeLeftovers(slide.disk, slide.folder);
    if (slide.manifest.simulated) display.line(simulationNotice(id));
    const planned = stages.filter((stage) => slide.planned(stage).action !== "skip");
    checkBudget(planned, await measureSlide(slide), slide.limits);
    const { ran, kept, skipped } = await buildSlide({
      slide,
      stages,
      force: args.flags.has("force"),
      childArgs: childArguments(args, slide),
      display,
      signal,
    });
    if (ran.length > 0 || !await hasReport(slide)) await report(slide, display);
    display.line(
      `${id}: ${ran.length} stages run, ${kept.length} kept, ${skipped.length} skipped`,
    );
    print(`SpatialData store: ${slide.folder.store}`);
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
    events: { type: "boolean" },
  },
  async run(args, signal) {
    const [stageText, id] = takeWords("stage", this, args);
    const stages = matchStages(pipeline, stageText);
    if (args.flags.has("events")) {
      const slide = await openSlide(id, args, { signal });
      const warn = (message: string) => sendEvent({ event: "warning", message });
      for (const stage of stages) {
        await runWithEvents((progress) =>
          slide.run(stage, { force: true, progress, warn, signal })
        );
      }
      return;
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
  display.start("reading inputs");
  return openSlide(id, args, {
    signal,
    progress: throttledProgress((step) => display.step(step)),
    simulate: (folder) => {
      display.line(`${id}: no bundle of yours: simulating one`);
      display.start(`simulating ${id}`);
      return runPreparation(["simulate", id, `--to=${folder}`], folder, display, signal);
    },
    ...(args.values.roi === undefined
      ? {}
      : { crop: cropRequest(args.values.roi, display, signal) }),
  });
}

function simulationNotice(id: string): string {
  return `*** ${id}: this is a SIMULATED slide, not real tissue ***`;
}

function cropRequest(roi: string, display: ProgressDisplay, signal: AbortSignal): CropRequest {
  return {
    roi,
    crop: ({ bundle, he, "he-alignment": alignment }, folder) => {
      display.start("cropping");
      const args = ["crop", bundle, `--roi=${roi}`, `--to=${folder}`];
      if (he !== undefined) args.push(`--he=${he}`);
      if (alignment !== undefined) args.push(`--he-alignment=${alignment}`);
      return runPreparation(args, folder, display, signal);
    },
  };
}

/** Makes a bundle in a process of its own, so that this one stays small. */
async function runPreparation(
  args: readonly string[],
  folder: string,
  display: ProgressDisplay,
  signal: AbortSignal,
): Promise<void> {
  await runStageProcess({
    args,
    logFile: `${folder}.log`,
    signal,
    onEvent: (event) => {
      if (event.event === "progress") display.step(event);
    },
  });
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

async function hasReport(slide: Slide): Promise<boolean> {
  return await slide.disk.stat(reportPath(slide)) !== undefined;
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
