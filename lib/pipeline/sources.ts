import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { didYouMean } from "@/core/nearest.ts";
import { catalogueSlide, catalogueSlides, rejectedSlides } from "./catalogue.ts";
import { findReference } from "./references.ts";

/** The user's files, by name: absolute paths. */
export type Sources = Readonly<Record<string, string>>;

/** What is known of where a slide's files are. */
export interface SourceRequest {
  /** The slide's id. */
  readonly slide: string;
  /** Folder of what users bring, absolute: `data`. */
  readonly data: string;
  /** Absolute paths that were named this time. */
  readonly given: Sources;
  /** Absolute paths that were used the last time. */
  readonly remembered: Sources;
  /** The simulated bundle of a slide of the catalogue that has none, if it may be had. */
  readonly simulate: () => Promise<string | undefined>;
  /** Whether the slide also works without a bundle: it was opened from a store. */
  readonly bundleOptional?: boolean;
}

/**
 * Finds a slide's files: named now, used before, or under `data/xenium/<slide>`, its single-cell
 * reference under `data/references`, and what a person decided under `data/decisions/<slide>`.
 *
 * @returns Sources that are there; `bundle` always is, unless it is optional.
 * @throws {SthelarError} `InvalidArgument` for a slide that nobody knows, `NotFound` for missing files.
 */
export async function findSources(disk: Disk, request: SourceRequest): Promise<Sources> {
  const { slide, given } = request;
  const decisions = `${request.data}/decisions/${slide}`;
  const sources = { ...without(request.remembered, decisions), ...given };
  for (const [name, path] of Object.entries(sources)) {
    if (await disk.stat(path) === undefined) throw sourceIsGone(name, path, name in given);
  }
  const found = sources.bundle ?? await findBundle(disk, `${request.data}/xenium/${slide}`);
  const bundle = found === undefined && request.bundleOptional
    ? undefined
    : found ?? await simulatedBundle(request);
  const reference = sources.reference ?? await findReference(disk, request.data, slide, bundle);
  return {
    ...bundle === undefined ? {} : { bundle },
    ...bundle === undefined || sources.he !== undefined ? {} : await findHe(disk, bundle),
    ...bundle === undefined ? {} : await findPredictions(disk, slide, bundle),
    ...reference === undefined ? {} : { reference },
    ...await disk.stat(decisions) === undefined ? {} : { decisions },
    ...sources,
  };
}

/** Sources but for one at this place, which may come and go. */
function without(sources: Sources, place: string): Sources {
  return Object.fromEntries(Object.entries(sources).filter(([, path]) => path !== place));
}

async function simulatedBundle(request: SourceRequest): Promise<string> {
  const isPublished = catalogueSlide(request.slide) !== undefined;
  const bundle = isPublished ? await request.simulate() : undefined;
  if (bundle === undefined) throw noBundle(request);
  return bundle;
}

/** The H&E that 10x delivers beside a bundle, and its alignment. */
async function findHe(disk: Disk, bundle: string): Promise<Sources> {
  for (const folder of [bundle, bundle.slice(0, bundle.lastIndexOf("/"))]) {
    const names = (await disk.list(folder)).filter((name) => !name.startsWith("._"));
    const images = names.filter((name) => /he_image\.ome\.tiff?$/.test(name));
    if (images.length !== 1) continue;
    const csv = images[0].replace(/\.ome\.tiff?$/, "alignment.csv");
    return {
      he: `${folder}/${images[0]}`,
      ...(names.includes(csv) ? { "he-alignment": `${folder}/${csv}` } : {}),
    };
  }
  return {};
}

/** The nuclei that CellViT predicted, under the name that they were published by. */
async function findPredictions(disk: Disk, slide: string, bundle: string): Promise<Sources> {
  for (const folder of [bundle, bundle.slice(0, bundle.lastIndexOf("/"))]) {
    const predictions = `${folder}/instance_map_predictions_${slide}.h5`;
    if (await disk.stat(predictions) !== undefined) return { predictions };
  }
  return {};
}

/** The folder itself or the one below it that holds `experiment.xenium`. */
async function findBundle(disk: Disk, folder: string): Promise<string | undefined> {
  const candidates = [folder, ...(await disk.list(folder)).map((name) => `${folder}/${name}`)];
  for (const candidate of candidates) {
    if (await disk.stat(`${candidate}/experiment.xenium`) !== undefined) return candidate;
  }
  return undefined;
}

function sourceIsGone(name: string, path: string, isGiven: boolean): SthelarError {
  return new SthelarError(isGiven ? "InvalidArgument" : "NotFound", {
    action: `Cannot use "${path}" as ${name}`,
    found: "nothing there",
    remedy: isGiven ? "check the path" : `name its new place with --${name}`,
    path,
  });
}

function noBundle({ slide, data }: SourceRequest): SthelarError {
  const published = catalogueSlide(slide);
  if (published !== undefined) {
    return new SthelarError("NotFound", {
      action: `Cannot build slide "${slide}"`,
      found: `no bundle in "${data}/xenium/${slide}"`,
      expected: `the files of 10x's public data set "${published.sourcePage}"`,
      remedy: `put them there, or name their folder with --bundle DIR; without them ` +
        `"deno task build-slide ${slide}" builds a simulated miniature`,
      path: `${data}/xenium/${slide}`,
    });
  }
  const rejected = rejectedSlides.find(({ id }) => id === slide);
  if (rejected !== undefined) {
    return new SthelarError("InvalidArgument", {
      action: `Cannot build slide "${slide}"`,
      found: `a slide that the data set leaves out: ${rejected.reason}`,
      remedy: "to build it all the same, name its bundle with --bundle DIR",
    });
  }
  return new SthelarError("InvalidArgument", {
    action: `Cannot build slide "${slide}"`,
    found: "no slide of that name",
    remedy: `${didYouMean(slide, catalogueSlides.map(({ id }) => id))} For a slide of your own ` +
      `name its bundle with --bundle DIR`,
  });
}
