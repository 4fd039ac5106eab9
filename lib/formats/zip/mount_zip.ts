import type { Disk } from "@/core/disk.ts";
import { zipDisk } from "./zip_disk.ts";
import type { ZipArchive } from "./zip_reader.ts";

/**
 * A disk on which a zip archive is a folder: what lies at or below the archive's path is read from
 * inside of it, everything else is the outer disk.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 * import { mountZip, openZip, zipFolder } from "@/formats/zip/mod.ts";
 *
 * const disk = new MemoryDisk();
 * await disk.write("/a.zarr/zarr.json", new TextEncoder().encode("{}"));
 * await zipFolder(disk, "/a.zarr", "/a.zip");
 * const mounted = mountZip(disk, await openZip(disk, "/a.zip"));
 * assertEquals(await mounted.list("/a.zip/a.zarr"), ["zarr.json"]);
 * assertEquals(await mounted.list("/a.zarr"), ["zarr.json"]);
 * ```
 */
export function mountZip(outer: Disk, archive: ZipArchive): Disk {
  const inner = zipDisk(archive);
  const isInside = (path: string) => path === archive.path || path.startsWith(`${archive.path}/`);
  const at = (path: string): readonly [Disk, string] =>
    isInside(path) ? [inner, path.slice(archive.path.length) || "/"] : [outer, path];
  const on = <T>(path: string, use: (disk: Disk, path: string) => Promise<T>) => use(...at(path));
  return {
    read: (path) => on(path, (disk, name) => disk.read(name)),
    readRange: (path, offset, length) =>
      on(path, (disk, name) => disk.readRange(name, offset, length)),
    list: (path) => on(path, (disk, name) => disk.list(name)),
    stat: (path) => on(path, (disk, name) => disk.stat(name)),
    write: (path, bytes) => on(path, (disk, name) => disk.write(name, bytes)),
    rename: (from, to) => isInside(to) ? inner.rename(from, to) : outer.rename(from, to),
    link: (from, to) => isInside(to) ? inner.link(from, to) : outer.link(from, to),
    makeDirectory: (path) => on(path, (disk, name) => disk.makeDirectory(name)),
    remove: (path) => on(path, (disk, name) => disk.remove(name)),
    writeNative: (path, write) => on(path, (disk, name) => disk.writeNative(name, write)),
  };
}
