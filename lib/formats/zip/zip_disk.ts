import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import type { ZipArchive } from "./zip_reader.ts";

/**
 * A read-only disk over a zip archive: `/a/b` is the entry `a/b`. With it a `.zarr.zip` is read
 * without unpacking it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 * import { openZip, zipDisk, zipFolder } from "@/formats/zip/mod.ts";
 *
 * const disk = new MemoryDisk();
 * await disk.write("/a.zarr/zarr.json", new TextEncoder().encode("{}"));
 * await zipFolder(disk, "/a.zarr", "/a.zip");
 * const inside = zipDisk(await openZip(disk, "/a.zip"));
 * assertEquals(await inside.list("/a.zarr"), ["zarr.json"]);
 * ```
 */
export function zipDisk(archive: ZipArchive): Disk {
  const folders = foldersOf(archive);
  const refuse = (path: string) =>
    Promise.reject(
      new SthelarError("DiskFailure", {
        action: `Cannot write "${path}" of the zip archive "${archive.path}"`,
        found: "an archive that is only read",
        path: archive.path,
      }),
    );
  const nameOf = (path: string) => path.replace(/^\/+/, "").replace(/\/+$/, "");
  const read = async (path: string) => {
    const name = nameOf(path);
    return archive.entries.has(name) ? await archive.read(name) : undefined;
  };
  return {
    read,
    readRange: async (path, offset, length) => {
      const bytes = await read(path);
      if (bytes === undefined || (offset >= 0 && offset + length <= bytes.length)) {
        return bytes?.slice(offset, offset + length);
      }
      throw new SthelarError("CorruptData", {
        action: `Cannot read bytes ${offset} to ${offset + length} of "${path}"`,
        found: `an entry of ${bytes.length} bytes`,
        path: archive.path,
      });
    },
    list: (path) => Promise.resolve([...(folders.get(nameOf(path)) ?? [])].sort()),
    stat: (path) => {
      const entry = archive.entries.get(nameOf(path));
      const isDirectory = folders.has(nameOf(path));
      if (entry === undefined && !isDirectory) return Promise.resolve(undefined);
      return Promise.resolve({ size: entry?.size ?? 0, modifiedMs: 0, inode: 0, isDirectory });
    },
    write: refuse,
    rename: refuse,
    link: refuse,
    makeDirectory: refuse,
    remove: refuse,
    writeNative: refuse,
  };
}

/** Names in each folder, by the folder's path; the root is "". */
function foldersOf(archive: ZipArchive): ReadonlyMap<string, ReadonlySet<string>> {
  const folders = new Map<string, Set<string>>([["", new Set()]]);
  for (const name of archive.entries.keys()) {
    const parts = name.split("/").filter((part) => part !== "");
    const depth = name.endsWith("/") ? parts.length : parts.length - 1;
    for (let i = 0; i < parts.length; i++) {
      const folder = parts.slice(0, i).join("/");
      folders.set(folder, (folders.get(folder) ?? new Set()).add(parts[i]));
    }
    const own = parts.slice(0, depth).join("/");
    if (!folders.has(own)) folders.set(own, new Set());
  }
  return folders;
}
