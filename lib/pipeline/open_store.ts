import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { type Manifest, type OpenedStore, readManifest, writeManifest } from "./manifest.ts";
import { elementOf, mountStore, openedFolder } from "./opened_store.ts";
import { ownedNodes, type Pipeline } from "./pipeline.ts";
import { isSlideId, type SlideFolder, slideFolder } from "./slide_folder.ts";

/** How to open a store as a slide. */
export interface OpenStoreOptions {
  /** All stages. */
  readonly pipeline: Pipeline;
  /** The folder of results, absolute. */
  readonly out: string;
  /** The slide's id; by default that of the file's name. */
  readonly as?: string;
  /** Put it in the place of other data of the same slide. */
  readonly force?: boolean;
  /** Where results go. */
  readonly disk: Disk;
}

/** What opening a store came to. */
export interface OpenResult {
  /** The slide's folders. */
  readonly folder: SlideFolder;
  /** What the manifest keeps of the store. */
  readonly opened: OpenedStore;
  /** Whether the slide was opened from the same store before. */
  readonly wasOpen: boolean;
  /** Elements that no stage of this program makes: they are left as they are. */
  readonly unused: readonly string[];
}

/**
 * Registers a store that others made as a slide, to be read in place: where it holds what a stage
 * makes it stands in for that stage.
 *
 * @param path The store: a folder or a zip archive, absolute.
 * @throws {SthelarError} `InvalidArgument` for a name that is no slide's, `PipelineConflict` if the
 *   slide has results of other data, `NotFound` or `CorruptData` if it is no SpatialData store.
 */
export async function openStore(path: string, options: OpenStoreOptions): Promise<OpenResult> {
  const { disk, pipeline } = options;
  const folder = slideFolder(options.out, options.as ?? slideOfStore(path));
  if (path === folder.store || `${path}/`.startsWith(`${folder.store}/`)) throw ownStore(folder);
  const before = await readManifest(disk, folder);
  const mounted = await mountStore(disk, path, pipeline, folder);
  const { record } = mounted;
  checkElements(mounted.root, record);
  const wasOpen = before.opened?.sha256 === record.sha256;
  if (!wasOpen && Object.keys(before.stages).length > 0) {
    if (!options.force) {
      await disk.remove(openedFolder(folder, record));
      throw otherResults(folder, before);
    }
    await disk.remove(folder.store);
  }
  await writeManifest(disk, folder, {
    ...before,
    simulated: record.simulated,
    opened: wasOpen ? { ...before.opened, ...record } : record,
  });
  const known = new Set(
    pipeline.stages.flatMap(ownedNodes).map((node) =>
      mounted.inPlace(elementOf(node)).slice(mounted.root.length + 1)
    ),
  );
  return {
    folder,
    opened: record,
    wasOpen,
    unused: record.elements.filter((element) => !known.has(element)),
  };
}

/**
 * The slide's id in the name of a store, as published: `sdata_heart_s0.zarr.zip` is `heart_s0`.
 *
 * @throws {SthelarError} `InvalidArgument` if the rest of the name is no slide's.
 */
export function slideOfStore(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const id = name.replace(/\.zip$/i, "").replace(/\.zarr$/i, "").replace(/\.sdata$/i, "")
    .replace(/^sdata_/, "");
  if (isSlideId(id)) return id;
  throw new SthelarError("InvalidArgument", {
    action: `Cannot tell the slide's name from "${name}"`,
    found: `"${id}"`,
    expected: "sdata_<slide>.zarr or sdata_<slide>.zarr.zip",
    remedy: "name the slide: deno task open PATH --as NAME",
    path,
  });
}

function checkElements(root: string, { elements, damaged, zarrFormat }: OpenedStore): void {
  if (elements.length > 0) return;
  const [first] = Object.values(damaged);
  throw new SthelarError("CorruptData", {
    action: `Cannot open the store "${root}"`,
    found: first ?? `no element (zarr v${zarrFormat})`,
    expected: "images, labels, points, shapes or tables",
    path: root,
  });
}

function otherResults(
  { slide }: SlideFolder,
  { stages, opened, simulated }: Manifest,
): SthelarError {
  const source = opened === undefined
    ? simulated ? "a simulated miniature" : "its bundle"
    : `"${opened.path}"`;
  return new SthelarError("PipelineConflict", {
    action: `Cannot open a store as slide "${slide}"`,
    found: `results of stages ${Object.keys(stages).join(", ")}, made from ${source}`,
    expected: "a slide without results of other data",
    remedy: "open it under another name with --as NAME, or use --force: those results stay on " +
      "disk and count no more",
  });
}

function ownStore({ slide, store }: SlideFolder): SthelarError {
  return new SthelarError("InvalidArgument", {
    action: `Cannot open "${store}" as slide "${slide}"`,
    found: "the store that this program makes of the slide",
    expected: "a store that others made",
    remedy: "it needs no opening; to work on a copy of it, name that with --as NAME",
    path: store,
  });
}
