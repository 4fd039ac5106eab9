import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { type Json, readNode } from "./node_metadata.ts";

/**
 * Writes the metadata of all nodes below `root` into the root's own document, as zarr-python 3 does,
 * so that readers open the store with one request. Call it last.
 *
 * @param root The store's folder, a zarr v3 group.
 * @throws {SthelarError} `NotFound` if the root is no zarr v3 group, `CorruptData` if a document below
 *   is damaged.
 */
export async function consolidateMetadata(disk: Disk, root: string): Promise<void> {
  const document = await readDocument(disk, root);
  if (document?.node_type !== "group") {
    throw new SthelarError("NotFound", {
      action: `Cannot consolidate the metadata of "${root}"`,
      expected: "a zarr v3 group",
      path: root,
    });
  }
  const metadata: Record<string, Json> = {};
  for (const [path, below] of await documentsBelow(disk, root)) {
    metadata[path] = below.node_type === "group"
      ? { ...below, consolidated_metadata: inline({}) }
      : below;
  }
  const text = JSON.stringify({ ...document, consolidated_metadata: inline(metadata) }, null, 2);
  await disk.write(`${root}/zarr.json`, new TextEncoder().encode(text));
}

function inline(metadata: Json): Json {
  return { kind: "inline", must_understand: false, metadata };
}

/** All documents below the root, by path, parents before children. */
async function documentsBelow(disk: Disk, root: string): Promise<[string, Json][]> {
  const found: [string, Json][] = [];
  let level = [""];
  while (level.length > 0) {
    const next: string[] = [];
    for (const group of level) {
      for (const name of await disk.list(`${root}${group && `/${group}`}`)) {
        const path = group === "" ? name : `${group}/${name}`;
        const document = name === "zarr.json"
          ? undefined
          : await readDocument(disk, `${root}/${path}`);
        if (document === undefined) continue;
        found.push([path, document]);
        if (document.node_type === "group") next.push(path);
      }
    }
    level = next;
  }
  return found;
}

async function readDocument(disk: Disk, path: string): Promise<Json | undefined> {
  const node = await readNode(disk, path);
  return node?.zarrFormat === 3 ? node.document : undefined;
}
