import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { sha256Of } from "./identity.ts";
import { encodeJson, parseJson } from "./manifest.ts";
import { artefactFolder, type SlideFolder } from "./slide_folder.ts";

/** Names of the store's element groups; other nodes (reports) stay out of the store. */
const ELEMENT_GROUPS = ["images", "labels", "points", "shapes", "tables"];

/** Writes the group metadata and the consolidated root of a store; given by `formats/spatialdata`. */
export type RootWriter = (
  disk: Disk,
  root: string,
  attributes: Record<string, unknown>,
) => Promise<void>;

/** What a store is made from. */
export interface StoreContent {
  /** Whether the slide's bundle comes from the simulator. */
  readonly simulated: boolean;
  /** The artefacts that count. */
  readonly artefacts: readonly {
    /** The stage's id. */
    readonly id: string;
    /** The artefact's key. */
    readonly key: string;
    /** The nodes it holds. */
    readonly nodes: readonly string[];
  }[];
}

/**
 * Makes the slide's SpatialData store from its artefacts: files are hard-linked, group metadata
 * is written, the consolidated root last, and the store is swapped in. A store that is already
 * up to date is left alone.
 *
 * @returns Whether the store changed.
 */
export async function assembleStore(
  disk: Disk,
  folder: SlideFolder,
  { simulated, artefacts }: StoreContent,
  writeRoot: RootWriter,
): Promise<boolean> {
  await repairSwap(disk, folder);
  const content = sha256Of(JSON.stringify(artefacts.map(({ id, key }) => [id, key])));
  if (await contentOf(disk, folder.store) === content) return false;
  const next = `${folder.store}.next`;
  await disk.remove(next);
  const columns = new Map<string, string[]>();
  for (const { id, key, nodes } of artefacts) {
    const root = `${artefactFolder(folder, id, key)}/nodes`;
    for (const group of ELEMENT_GROUPS) {
      await linkTree(disk, `${root}/${group}`, `${next}/${group}`);
    }
    collectColumns(nodes, columns);
  }
  for (const [frame, added] of columns) await addColumns(disk, `${next}/${frame}`, added);
  await writeRoot(disk, next, {
    sthelar: {
      slide: folder.slide,
      simulated,
      content,
      stages: Object.fromEntries(artefacts.map(({ id, key }) => [id, key.slice(0, 12)])),
    },
  });
  await swapIn(disk, folder.store, next);
  return true;
}

/** Finishes or undoes a swap that was cut off half-way. */
export async function repairSwap(disk: Disk, { store }: SlideFolder): Promise<void> {
  const previous = `${store}.previous`;
  if (await disk.stat(previous) === undefined) return;
  if (await disk.stat(store) === undefined) await disk.rename(previous, store);
  else await disk.remove(previous);
}

async function swapIn(disk: Disk, store: string, next: string): Promise<void> {
  const previous = `${store}.previous`;
  if (await disk.stat(store) !== undefined) await disk.rename(store, previous);
  await disk.rename(next, store);
  await disk.remove(previous);
}

async function contentOf(disk: Disk, store: string): Promise<string | undefined> {
  const bytes = await disk.read(`${store}/zarr.json`);
  if (bytes === undefined) return undefined;
  const root = parseJson(bytes, `${store}/zarr.json`) as {
    attributes?: { sthelar?: { content?: string } };
  };
  return root.attributes?.sthelar?.content;
}

async function linkTree(disk: Disk, from: string, to: string): Promise<void> {
  for (const name of await disk.list(from)) {
    const stat = await disk.stat(`${from}/${name}`);
    if (stat?.isDirectory) await linkTree(disk, `${from}/${name}`, `${to}/${name}`);
    else await disk.link(`${from}/${name}`, `${to}/${name}`);
  }
}

/** Columns that are fragments, by the data frame they belong to: `tables/t/obs` -> `area`. */
function collectColumns(nodes: readonly string[], columns: Map<string, string[]>): void {
  for (const node of nodes) {
    const match = /^(tables\/[^/]+\/(?:obs|var))\/([^/]+)$/.exec(node);
    if (match === null) continue;
    columns.set(match[1], [...columns.get(match[1]) ?? [], match[2]]);
  }
}

/** Lists added columns in the frame's own metadata. The linked file is replaced, never changed. */
async function addColumns(disk: Disk, frame: string, added: readonly string[]): Promise<void> {
  const path = `${frame}/zarr.json`;
  const bytes = await disk.read(path);
  if (bytes === undefined) {
    throw new SthelarError("PipelineConflict", {
      action: `Cannot add columns ${added.join(", ")} to "${frame}"`,
      found: "no such table in the store",
      remedy: "run the stage that writes the table first",
      path,
    });
  }
  const metadata = parseJson(bytes, path) as { attributes: { "column-order": string[] } };
  metadata.attributes["column-order"].push(...added);
  await disk.remove(path);
  await disk.write(path, encodeJson(metadata));
}
