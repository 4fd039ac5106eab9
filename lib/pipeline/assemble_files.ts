import type { Disk } from "@/core/disk.ts";
import type { StoreContent } from "./assemble.ts";
import { encodeJson, parseJson } from "./manifest.ts";
import { artefactFolder, type SlideFolder } from "./slide_folder.ts";
import { linkTree, repairSwap, swapIn } from "./swap_folder.ts";

/** Kinds of nodes that a SpatialData store has no place for, and that are for others to use. */
const FILE_KINDS = ["models", "patches", "predictions"];

/**
 * Makes `files` beside the slide's store: models, patches and predictions under names that don't change
 * with the keys of the stages. Files are hard-linked, and the folder is swapped in, unless it is up to
 * date; `content.json` tells which artefact each comes from.
 *
 * @returns Whether it changed.
 */
export async function assembleFiles(
  disk: Disk,
  folder: SlideFolder,
  artefacts: StoreContent["artefacts"],
): Promise<boolean> {
  const { files } = folder;
  await repairSwap(disk, files);
  const found = artefacts.flatMap(({ id, key, nodes }) =>
    FILE_KINDS.filter((kind) => nodes.some((node) => node.startsWith(`${kind}/`)))
      .map((kind) => ({ kind, artefact: artefactFolder(folder, id, key) }))
  );
  const content = found.map(({ kind, artefact }) => ({
    kind,
    from: artefact.slice(folder.root.length + 1),
  }));
  const path = `${files}/content.json`, written = await disk.read(path);
  const before = written === undefined ? [] : parseJson(written, path);
  if (JSON.stringify(before) === JSON.stringify(content)) return false;
  const next = `${files}.next`;
  await disk.remove(next);
  for (const { kind, artefact } of found) {
    await linkTree(disk, `${artefact}/nodes/${kind}`, `${next}/${kind}`);
  }
  await disk.write(`${next}/content.json`, encodeJson(content));
  await swapIn(disk, files, next);
  return true;
}
