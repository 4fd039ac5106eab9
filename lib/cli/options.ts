import { isAbsolute, resolve } from "node:path";
import { SthelarError } from "@/core/errors.ts";
import type { Limits } from "@/core/stage.ts";
import { parseParamTexts } from "@/pipeline/plan.ts";
import { Slide, type SlideOptions } from "@/pipeline/slide.ts";
import { pipeline } from "@/pipeline/sthelar.ts";
import type { Arguments, OptionSpecs } from "./arguments.ts";

/** Options of every command that opens a slide. */
export const SLIDE_OPTIONS = {
  bundle: { type: "string", value: "DIR", doc: "the Xenium bundle (default data/xenium/<slide>)" },
  he: {
    type: "string",
    value: "FILE",
    doc: "the H&E image (default *he_image.ome.tif beside the bundle)",
  },
  "he-alignment": {
    type: "string",
    value: "CSV",
    doc: "its alignment by Xenium Explorer; without one the H&E is taken as registered",
  },
  predictions: {
    type: "string",
    value: "H5",
    doc: "nuclei that CellViT predicted on the patches " +
      "(default instance_map_predictions_<slide>.h5 beside the bundle)",
  },
  reference: {
    type: "string",
    value: "PATH",
    doc: "the single-cell reference (default data/references/<its name>.h5ad)",
  },
  decisions: {
    type: "string",
    value: "DIR",
    doc: "what you decided of clusters (default data/decisions/<slide>)",
  },
  roi: { type: "string", value: "X,Y,W,H", doc: "only this rectangle of the slide, um" },
  out: { type: "string", value: "DIR", doc: "where results go (default out)" },
  data: { type: "string", value: "DIR", doc: "what you bring (default data)" },
  param: {
    type: "string",
    multiple: true,
    value: "STAGE.NAME=VALUE",
    doc: "set a stage's parameter; may be repeated",
  },
  memory: {
    type: "string",
    value: "GB",
    doc: "memory to stay within (default 3/4 of what is free)",
  },
  threads: { type: "string", value: "N", doc: "threads (default every core)" },
} as const satisfies OptionSpecs;

/** Options that choose stages. */
export const SELECTION_OPTIONS = {
  from: { type: "string", value: "STAGE", doc: "first stage, as in 1-02 or 1-2" },
  until: { type: "string", value: "STAGE", doc: "last stage; a chapter, as in 1, means all of it" },
  only: { type: "string", value: "STAGE", doc: "one stage or chapter" },
  force: { type: "boolean", doc: "compute again what is there" },
} as const satisfies OptionSpecs;

/** Absolute path of what the user wrote, from the folder where the command was given. */
export function userPath(text: string): string {
  if (isAbsolute(text)) return resolve(text);
  return resolve(Deno.env.get("INIT_CWD") ?? Deno.cwd(), text);
}

/** The folder of results. */
export function outFolder({ values }: Arguments): string {
  return values.out === undefined ? resolve("out") : userPath(values.out);
}

/** Opens the slide that the arguments speak of. */
export function openSlide(
  id: string,
  args: Arguments,
  options: Pick<SlideOptions, "progress" | "signal" | "simulate" | "crop">,
): Promise<Slide> {
  const { values, lists } = args;
  const limits = parseLimits(args);
  return Slide.open(id, {
    pipeline,
    out: outFolder(args),
    data: values.data === undefined ? resolve("data") : userPath(values.data),
    sources: givenSources(args),
    params: parseParamTexts(pipeline, lists.param ?? []),
    ...(limits === undefined ? {} : { limits }),
    ...options,
  });
}

/** The files that the user named, by source. */
function givenSources({ values }: Arguments): Record<string, string> {
  const given: Record<string, string> = {};
  for (const name of ["bundle", "he", "he-alignment", "predictions", "reference", "decisions"]) {
    if (values[name] !== undefined) given[name] = userPath(values[name]);
  }
  return given;
}

/** The options that a stage's own process needs to plan the same. */
export function childArguments(args: Arguments, { limits, sources }: Slide): string[] {
  const { values, lists } = args;
  return [
    ...Object.entries(sources).map(([name, path]) => `--${name}=${path}`),
    `--out=${outFolder(args)}`,
    ...(values.data === undefined ? [] : [`--data=${userPath(values.data)}`]),
    ...(lists.param ?? []).map((text) => `--param=${text}`),
    `--memory=${limits.memoryBytes / 1e9}`,
    `--threads=${limits.threads}`,
  ];
}

/** Memory and threads that the user asks for, `undefined` if nothing is said. */
export function parseLimits({ values }: Pick<Arguments, "values">): Limits | undefined {
  if (values.memory === undefined && values.threads === undefined) return undefined;
  const gigabytes = positive("memory", values.memory);
  return {
    memoryBytes: gigabytes === undefined
      ? Math.round(Deno.systemMemoryInfo().available * 0.75)
      : Math.round(gigabytes * 1e9),
    threads: threadCount(values.threads),
  };
}

/** Threads to use: as many as the user says, or every core. */
export function threadCount(text: string | undefined): number {
  return Math.ceil(positive("threads", text) ?? navigator.hardwareConcurrency);
}

function positive(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new SthelarError("InvalidArgument", {
    action: `Cannot use --${name}`,
    found: `"${text}"`,
    expected: "a number above 0",
  });
}
