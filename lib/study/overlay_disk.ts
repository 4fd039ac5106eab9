import type { Disk } from "@/core/disk.ts";
import { MemoryDisk } from "@/formats/disk/mod.ts";

/**
 * A disk that is read only: what is written to it stays in memory and is gone with it. So a slide
 * that is opened for a study is never changed, not even its manifest.
 *
 * @param inner The disk that is read.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 * import { overlayDisk } from "@/study/overlay_disk.ts";
 *
 * const disk = new MemoryDisk();
 * await overlayDisk(disk).write("/a", Uint8Array.of(1));
 * assertEquals(await disk.read("/a"), undefined);
 * ```
 */
export function overlayDisk(inner: Disk): Disk {
  const memory = new MemoryDisk();
  return {
    read: async (path) => await memory.read(path) ?? await inner.read(path),
    readRange: async (path, offset, length) =>
      await memory.readRange(path, offset, length) ?? await inner.readRange(path, offset, length),
    stat: async (path) => await memory.stat(path) ?? await inner.stat(path),
    list: async (path) =>
      [...new Set([...await memory.list(path), ...await inner.list(path)])].sort(),
    write: (path, bytes) => memory.write(path, bytes),
    rename: (from, to) => memory.rename(from, to),
    link: async (from, to) => {
      const bytes = await memory.read(from) ?? await inner.read(from);
      if (bytes !== undefined) await memory.write(to, bytes);
    },
    makeDirectory: () => memory.makeDirectory(),
    remove: (path) => memory.remove(path),
    writeNative: (path, write) => memory.writeNative(path, write),
  };
}
