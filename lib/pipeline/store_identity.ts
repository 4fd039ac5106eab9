import { createHash } from "node:crypto";
import type { Disk } from "@/core/disk.ts";
import type { LocatedStore } from "./locate_store.ts";

/** What tells one state of a store from another. */
export interface StoreIdentity {
  /**
   * Hash over every file of the store. In a zip: name, size and CRC-32. In a folder: name and size, and
   * the content of zarr's metadata.
   */
  readonly sha256: string;
  /** Changes when the store may have changed; quick to find. */
  readonly stamp: string;
}

const METADATA = /(^|\/)(zarr\.json|\.zgroup|\.zarray|\.zattrs|\.zmetadata|zmetadata)$/;
/** The root, its kinds, their elements. */
const STAMP_DEPTH = 2;

/**
 * Identifies a store by its content. Moving or copying it does not change its identity, another
 * element, array or attribute does.
 *
 * @param known What was found the last time: kept where the stamp is the same.
 */
export async function identifyStore(
  disk: Disk,
  path: string,
  store: LocatedStore,
  known?: StoreIdentity,
): Promise<StoreIdentity> {
  const stamp = store.archive === undefined
    ? await folderStamp(disk, store.root)
    : await fileStamp(disk, path);
  if (known?.stamp === stamp) return { stamp, sha256: known.sha256 };
  const lines = store.archive === undefined
    ? await folderLines(store.disk, store.root)
    : archiveLines(store, path);
  return { stamp, sha256: hashLines(lines) };
}

async function fileStamp(disk: Disk, path: string): Promise<string> {
  const stat = await disk.stat(path);
  return `${stat?.size} ${stat?.modifiedMs} ${stat?.inode}`;
}

/** Sizes and times of the metadata of the store, its kinds and elements. */
async function folderStamp(disk: Disk, root: string): Promise<string> {
  const lines: string[] = [];
  let level = [root];
  for (let depth = 0; depth <= STAMP_DEPTH; depth++) {
    const below: string[] = [];
    for (const folder of level) {
      for (const name of await disk.list(folder)) {
        const path = `${folder}/${name}`;
        const stat = await disk.stat(path);
        if (stat?.isDirectory) below.push(path);
        else if (stat !== undefined) {
          lines.push(`${path.slice(root.length)} ${stat.size} ${stat.modifiedMs} ${stat.inode}`);
        }
      }
    }
    level = below;
  }
  return hashLines(lines);
}

async function folderLines(disk: Disk, root: string): Promise<string[]> {
  const lines: string[] = [];
  const pending = [root];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    for (const name of await disk.list(folder)) {
      const path = `${folder}/${name}`;
      const stat = await disk.stat(path);
      if (stat?.isDirectory) pending.push(path);
      else if (METADATA.test(name)) {
        const bytes = await disk.read(path) ?? new Uint8Array();
        const sha256 = createHash("sha256").update(bytes).digest("hex");
        lines.push(`${path.slice(root.length)} ${sha256}`);
      } else lines.push(`${path.slice(root.length)} ${stat?.size}`);
    }
  }
  return lines;
}

function archiveLines({ root, archive }: LocatedStore, path: string): string[] {
  const prefix = `${root.slice(path.length + 1)}/`.replace(/^\/$/, "");
  const lines: string[] = [];
  for (const { name, size, crc32 } of archive!.entries.values()) {
    if (!name.startsWith(prefix) || name.endsWith("/")) continue;
    lines.push(`${name.slice(prefix.length)} ${size} ${crc32}`);
  }
  return lines;
}

function hashLines(lines: readonly string[]): string {
  const hash = createHash("sha256");
  for (const line of lines.toSorted()) hash.update(`${line}\n`);
  return hash.digest("hex");
}
