import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { ELEMENT_KINDS, writeStoreRoot } from "@/formats/spatialdata/mod.ts";
import { readRowRecords } from "@/formats/spatialdata/stage_elements.ts";
import type { Fact } from "@/core/stage.ts";
import { sha256Of } from "./identity.ts";
import { encodeJson, parseJson } from "./manifest.ts";
import { type CopiedTable, copyOpenedTables } from "./copy_opened_tables.ts";
import type { MountedStore } from "./opened_store.ts";
import { artefactFolder, type SlideFolder } from "./slide_folder.ts";
import { linkTree, repairSwap, swapIn } from "./swap_folder.ts";

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
    /** What its stage found out about the slide. */
    readonly facts: Readonly<Record<string, Fact>>;
  }[];
  /** The store that the slide was opened from: a table of it that gets new parts is copied. */
  readonly opened?: MountedStore;
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
  { simulated, artefacts, opened }: StoreContent,
): Promise<boolean> {
  await repairSwap(disk, folder.store);
  const content = sha256Of(JSON.stringify([
    ...artefacts.map(({ id, key }) => [id, key]),
    ...(opened === undefined ? [] : [["opened", opened.record.sha256]]),
  ]));
  if (await contentOf(disk, folder.store) === content) return false;
  const next = `${folder.store}.next`;
  await disk.remove(next);
  const nodes = artefacts.flatMap((artefact) => artefact.nodes);
  const copied = opened === undefined ? [] : await copyOpenedTables(disk, next, opened, nodes);
  await checkRows(disk, folder, artefacts, copied);
  const columns = new Map<string, string[]>();
  for (const { id, key, nodes } of artefacts) {
    const root = `${artefactFolder(folder, id, key)}/nodes`;
    for (const group of ELEMENT_KINDS) {
      await linkTree(disk, `${root}/${group}`, `${next}/${group}`);
    }
    collectColumns(nodes, columns);
  }
  for (const [frame, added] of columns) await addColumns(disk, `${next}/${frame}`, added);
  await writeStoreRoot(disk, next, {
    sthelar: {
      slide: folder.slide,
      simulated,
      content,
      ...(opened === undefined ? {} : { opened: opened.record.path }),
      ...Object.assign({}, ...artefacts.map(({ facts }) => facts)),
      stages: Object.fromEntries(artefacts.map(({ id, key }) => [id, key.slice(0, 12)])),
    },
  });
  await swapIn(disk, folder.store, next);
  return true;
}

/** Refuses parts of a table that are for other rows than the table's own. */
async function checkRows(
  disk: Disk,
  folder: SlideFolder,
  artefacts: StoreContent["artefacts"],
  copied: readonly CopiedTable[],
): Promise<void> {
  const first = new Map<string, { stage: string; part: string; sha256: string }>();
  for (const { table, sha256 } of copied) {
    first.set(table, { stage: "of the opened store", part: "obs", sha256 });
  }
  for (const { id, key } of artefacts) {
    const root = `${artefactFolder(folder, id, key)}/nodes`;
    for (const { table, part, sha256 } of await readRowRecords(disk, root)) {
      const other = first.get(table);
      if (other === undefined) first.set(table, { stage: id, part, sha256 });
      else if (other.sha256 !== sha256) {
        throw new SthelarError("IdMismatch", {
          action: `Cannot put "${part}" of stage ${id} into table "${table}"`,
          found: "values for other rows",
          expected: `the rows of "${other.part}", which stage ${other.stage} wrote, in their order`,
          remedy: `run the stage again: deno task stage ${id} ${folder.slide} --force`,
        });
      }
    }
  }
}

async function contentOf(disk: Disk, store: string): Promise<string | undefined> {
  const bytes = await disk.read(`${store}/zarr.json`);
  if (bytes === undefined) return undefined;
  const root = parseJson(bytes, `${store}/zarr.json`) as {
    attributes?: { sthelar?: { content?: string } };
  };
  return root.attributes?.sthelar?.content;
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
