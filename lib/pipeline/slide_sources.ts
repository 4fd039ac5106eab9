import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { croppedSources, type CropRequest } from "./cropped_bundle.ts";
import type { Manifest } from "./manifest.ts";
import type { MountedStore } from "./opened_store.ts";
import { simulatedFolder } from "./simulated_bundle.ts";
import type { SlideFolder } from "./slide_folder.ts";
import { findSources, type Sources } from "./sources.ts";

/** Where the files of a slide are looked for. */
export interface SourceOptions {
  /** Absolute path of the folder of what users bring. */
  readonly data: string;
  /** Paths named by the user, by source name. */
  readonly sources?: Sources;
  /**
   * Simulates a slide of the catalogue that has no bundle into a folder; without it such a slide is
   * an error, unless its simulated bundle is there.
   */
  readonly simulate?: (folder: string) => Promise<void>;
  /** Works on a rectangle instead of the whole slide. */
  readonly crop?: CropRequest;
}

/**
 * The files that a slide is made from: those that the user names, those of the last time, those under
 * `data`, else simulated ones; cropped if a rectangle is asked for.
 *
 * @param before What the last run kept.
 * @param opened The store that the slide was opened from, if it was.
 * @throws {SthelarError} `InvalidArgument` or `NotFound` if files can't be had.
 */
export async function slideSources(
  disk: Disk,
  folder: SlideFolder,
  before: Manifest,
  opened: MountedStore | undefined,
  options: SourceOptions,
): Promise<Sources> {
  const { data, sources: given = {}, crop } = options;
  const found = await findSources(disk, {
    slide: folder.slide,
    data,
    given,
    remembered: ownSources(before.sources, folder),
    simulate: simulation(disk, folder, options),
    bundleOptional: opened !== undefined,
  });
  if (crop === undefined) return found;
  if (opened !== undefined) throw notCropped(folder, opened);
  return await croppedSources(disk, folder, found, crop);
}

/** Sources that the user brought: a bundle put under `data` later comes before a simulated one. */
function ownSources(sources: Sources, folder: SlideFolder): Sources {
  const simulated = `${simulatedFolder(folder)}/`;
  return Object.fromEntries(
    Object.entries(sources).filter(([, path]) => !`${path}/`.startsWith(simulated)),
  );
}

/** A simulated bundle counts if it is there; else it is made, if that is allowed. */
function simulation(
  disk: Disk,
  folder: SlideFolder,
  { simulate }: SourceOptions,
): () => Promise<string | undefined> {
  return async () => {
    const bundle = simulatedFolder(folder);
    if (await disk.stat(bundle) !== undefined) return bundle;
    if (simulate === undefined) return undefined;
    await simulate(bundle);
    return bundle;
  };
}

function notCropped({ slide }: SlideFolder, { record }: MountedStore): SthelarError {
  return new SthelarError("InvalidArgument", {
    action: `Cannot work on a rectangle of slide "${slide}"`,
    found: `a slide that was opened from "${record.path}"`,
    expected: "a slide that is built from its bundle",
    remedy: "build the rectangle under another name with --bundle DIR",
  });
}
