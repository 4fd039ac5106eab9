import type { Disk } from "@/core/disk.ts";
import { numberParam } from "@/core/params.ts";
import type { MemoryDisk } from "@/formats/disk/mod.ts";
import { Slide } from "@/pipeline/slide.ts";
import { figure } from "@/plots/mod.ts";
import { defineStudyStep, Study, type StudyOptions, writeView } from "@/study/mod.ts";
import { jsonInput, toyDisk, toyPipeline } from "../pipeline/toy_pipeline.ts";

const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

/** Adds up the sums of slides; draws a figure. */
export const totalStep = defineStudyStep({
  id: "1-02s",
  name: "total",
  version: 1,
  doc: "Adds up sums.",
  inputs: { sum: jsonInput<number>("shapes/sum") },
  params: { factor: numberParam(1, "factor") },
  async run(slides, { factor }, ctx) {
    let total = 0;
    for (const slide of slides) total += factor * await slide.open("sum");
    await ctx.files.disk.write(ctx.files.add("tables", "total.json", "the total"), encode(total));
    ctx.warn(`total ${total}`);
    return {
      figures: [{ name: "nothing", figure: figure({ title: "Nothing", width: 40, height: 20 }) }],
      sections: [{ title: "Total", columns: ["total"], rows: [[String(total)]] }],
    };
  },
});

/** Lists the numbers of slides; is of an earlier stage. */
export const listStep = defineStudyStep({
  id: "1-01s",
  name: "list",
  version: 1,
  doc: "Lists numbers.",
  inputs: {
    scaled: jsonInput<number[]>("tables/scaled"),
    absent: { ...jsonInput<number[]>("tables/absent"), optional: true as const },
  },
  params: {},
  async run(slides, _params, { files }) {
    const lists = await Promise.all(slides.map((slide) => slide.open("scaled")));
    const absent = await slides[0].open("absent");
    const path = files.add("models", "list.json", "the numbers");
    await files.disk.write(path, encode([lists, absent ?? "none"]));
    return { figures: [] };
  },
});

/** Both steps. */
export const toySteps = [listStep, totalStep];

/** A disk with built slides `heart_s0` and `skin_s1`. */
export async function diskWithSlides(): Promise<MemoryDisk> {
  const disk = toyDisk();
  await disk.write("/other/numbers.json", encode([5, 6]));
  await buildSlide(disk, "heart_s0", "/bundle");
  await buildSlide(disk, "skin_s1", "/other");
  return disk;
}

/** Builds a slide, as far as told. */
export async function buildSlide(
  disk: Disk,
  id: string,
  bundle: string,
  options: { factor?: number; until?: string } = {},
): Promise<void> {
  const slide = await Slide.open(id, {
    ...{ pipeline: toyPipeline, out: "/out", data: "/data", sources: { bundle }, disk },
    params: { "1-01": { factor: options.factor ?? 2 } },
    limits: { memoryBytes: 1e9, threads: 1 },
  });
  for (const stage of toyPipeline.stages) {
    await slide.run(stage);
    if (stage.id === options.until) break;
  }
}

/** Opens the study `toy`. */
export function openToyStudy(disk: Disk, options: Partial<StudyOptions> = {}): Promise<Study> {
  return Study.open("toy", {
    ...{ pipeline: toyPipeline, steps: toySteps, out: "/out", data: "/data", disk },
    limits: { memoryBytes: 1e9, threads: 1 },
    ...options,
  });
}

/** Runs all steps and writes what a person looks at, in this process. */
export async function buildToyStudy(
  disk: Disk,
  options: Partial<StudyOptions> = {},
): Promise<Study> {
  const study = await openToyStudy(disk, { slides: ["heart_s0", "skin_s1"], ...options });
  await study.save();
  for (const { step } of study.plan) await study.run(step.id);
  await writeView(study);
  return study;
}

/** The JSON value of a file of the study. */
export async function readStudyJson(disk: Disk, name: string): Promise<unknown> {
  const bytes = await disk.read(`/out/study/toy/${name}`);
  return bytes === undefined ? undefined : JSON.parse(new TextDecoder().decode(bytes));
}
