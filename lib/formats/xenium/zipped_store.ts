import type { Disk } from "@/core/disk.ts";
import { openGroup, type ZarrGroup } from "../zarr/mod.ts";
import { mountZip, openZip } from "../zip/mod.ts";

/**
 * Opens the zarr store in a zip archive without unpacking it. Errors name the archive and the node:
 * `cells.zarr.zip/cell_id/0.0`.
 *
 * @throws {SthelarError} `NotFound` if there is no archive, `CorruptData` if it is damaged.
 */
export async function openZippedStore(disk: Disk, path: string): Promise<ZarrGroup> {
  const archive = await openZip(disk, path);
  return await openGroup(mountZip(disk, archive), path + folderOfStore(archive.entries.keys()));
}

/** The store may lie in a folder of the archive: the one of the topmost metadata. */
function folderOfStore(names: Iterable<string>): string {
  let top: string | undefined;
  for (const name of names) {
    if (!/(^|\/)(\.zgroup|zarr\.json)$/.test(name)) continue;
    if (top === undefined || name.split("/").length < top.split("/").length) top = name;
  }
  const slash = top?.lastIndexOf("/") ?? -1;
  return top === undefined || slash < 0 ? "" : `/${top.slice(0, slash)}`;
}
