import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import type { ZipEntry } from "./records.ts";
import type { ZipArchive } from "./zip_reader.ts";

/** Deflated entries up to this size are inflated once for all ranges that are read of them in a row. */
const SMALL_BYTES = 16 * 2 ** 20;

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
  const readPart = partReader(archive);
  const nameOf = (path: string) => path.replace(/^\/+/, "").replace(/\/+$/, "");
  const refuse = (path: string) =>
    Promise.reject(
      new SthelarError("DiskFailure", {
        action: `Cannot write "${path}" of the zip archive "${archive.path}"`,
        found: "an archive that is only read",
        path: archive.path,
      }),
    );
  return {
    read: async (path) => {
      const name = nameOf(path);
      return archive.entries.has(name) ? await archive.read(name) : undefined;
    },
    readRange: async (path, offset, length) => {
      const entry = archive.entries.get(nameOf(path));
      return entry && await readPart(entry, offset, length);
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

/** Reads parts of entries; a small deflated one is kept for the parts that follow. */
function partReader(archive: ZipArchive) {
  let small: { readonly name: string; readonly bytes: Promise<Uint8Array<ArrayBuffer>> } = {
    name: "",
    bytes: Promise.resolve(new Uint8Array()),
  };
  return async ({ name, method, size }: ZipEntry, offset: number, length: number) => {
    if (method === "stored" || size > SMALL_BYTES) {
      return await archive.readRange(name, offset, length);
    }
    if (small.name !== name) small = { name, bytes: archive.read(name) };
    const bytes = await small.bytes;
    if (offset >= 0 && offset + length <= bytes.length) {
      return bytes.slice(offset, offset + length);
    }
    throw new SthelarError("CorruptData", {
      action: `Cannot read bytes ${offset} to ${offset + length} of "${name}"`,
      found: `an entry of ${bytes.length} bytes`,
      path: archive.path,
    });
  };
}

/** Names in each folder, by the folder's path; the root is "". */
function foldersOf(archive: ZipArchive): ReadonlyMap<string, ReadonlySet<string>> {
  const folders = new Map<string, Set<string>>([["", new Set()]]);
  for (const name of archive.entries.keys()) {
    let path = name.endsWith("/") ? name.slice(0, -1) : name;
    if (name.endsWith("/") && !folders.has(path)) folders.set(path, new Set());
    for (let isKnown = false; path !== "" && !isKnown;) {
      const folder = path.slice(0, Math.max(0, path.lastIndexOf("/")));
      const below = folders.get(folder);
      isKnown = below !== undefined;
      folders.set(folder, (below ?? new Set()).add(path.slice(path.lastIndexOf("/") + 1)));
      path = folder;
    }
  }
  return folders;
}
