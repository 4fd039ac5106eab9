import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";

/**
 * Lets `write` fill a folder that appears under its name by one rename, whole.
 *
 * @param folder Absolute path; nothing may be there yet.
 * @param write Fills the folder whose path it is given.
 * @throws {SthelarError} `InvalidArgument` if something is there.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 * import { writeWholeFolder } from "@/pipeline/whole_folder.ts";
 *
 * const disk = new MemoryDisk();
 * await writeWholeFolder(disk, "/a", (folder) => disk.write(`${folder}/x`, Uint8Array.of(1)));
 * assertEquals(await disk.list("/a"), ["x"]);
 * ```
 */
export async function writeWholeFolder<T>(
  disk: Disk,
  folder: string,
  write: (folder: string) => Promise<T>,
): Promise<T> {
  if (await disk.stat(folder) !== undefined) {
    throw new SthelarError("InvalidArgument", {
      action: `Cannot write into "${folder}"`,
      found: "something there",
      expected: "a folder that does not exist yet",
      path: folder,
    });
  }
  const next = `${folder}.next`;
  await disk.remove(next);
  const result = await write(next);
  await disk.rename(next, folder);
  return result;
}
