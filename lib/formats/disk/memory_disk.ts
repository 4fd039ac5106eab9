import type { Disk, FileStat } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";

/**
 * A disk in memory, for tests and for small stores that need no folder.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 *
 * const disk = new MemoryDisk();
 * await disk.write("/a/b.txt", new TextEncoder().encode("hello"));
 * assertEquals(await disk.list("/a"), ["b.txt"]);
 * ```
 */
export class MemoryDisk implements Disk {
  /** Content by absolute path. */
  readonly files: Map<string, Uint8Array<ArrayBuffer>> = new Map();

  /** @inheritdoc */
  read(path: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return Promise.resolve(this.files.get(path)?.slice());
  }

  /** @inheritdoc */
  readRange(
    path: string,
    offset: number,
    length: number,
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const bytes = this.files.get(path);
    if (bytes !== undefined && (offset < 0 || length < 0 || offset + length > bytes.length)) {
      return Promise.reject(
        new SthelarError("CorruptData", {
          action: `Cannot read bytes ${offset} to ${offset + length} of "${path}"`,
          found: `a file of ${bytes.length} bytes`,
          path,
        }),
      );
    }
    return Promise.resolve(bytes?.slice(offset, offset + length));
  }

  /** @inheritdoc */
  write(path: string, bytes: Uint8Array): Promise<void> {
    this.files.set(path, new Uint8Array(bytes));
    return Promise.resolve();
  }

  /** @inheritdoc */
  rename(from: string, to: string): Promise<void> {
    const moved = this.#below(from);
    if (moved.length === 0) return Promise.reject(missing("rename", from));
    if (!this.files.has(from) && this.#below(to).length > 0) {
      return Promise.reject(
        new SthelarError("DiskFailure", {
          action: `Cannot rename "${from}" to "${to}"`,
          found: "a folder with content",
          expected: "nothing there",
          path: to,
        }),
      );
    }
    for (const path of moved) {
      this.files.set(to + path.slice(from.length), this.files.get(path)!);
      this.files.delete(path);
    }
    return Promise.resolve();
  }

  /** @inheritdoc */
  link(from: string, to: string): Promise<void> {
    const bytes = this.files.get(from);
    if (bytes === undefined) return Promise.reject(missing("link", from));
    this.files.set(to, bytes);
    return Promise.resolve();
  }

  /** Folders exist where there are files, so there is nothing to do. */
  makeDirectory(): Promise<void> {
    return Promise.resolve();
  }

  /** @inheritdoc */
  remove(path: string): Promise<void> {
    for (const below of this.#below(path)) this.files.delete(below);
    return Promise.resolve();
  }

  /** @inheritdoc */
  list(path: string): Promise<string[]> {
    const names = this.#below(path)
      .filter((below) => below !== path)
      .map((below) => below.slice(path.length + 1).split("/")[0]);
    return Promise.resolve([...new Set(names)].sort());
  }

  /** @inheritdoc */
  stat(path: string): Promise<FileStat | undefined> {
    const bytes = this.files.get(path);
    const isDirectory = bytes === undefined && this.#below(path).length > 0;
    if (bytes === undefined && !isDirectory) return Promise.resolve(undefined);
    return Promise.resolve({ size: bytes?.length ?? 0, modifiedMs: 0, inode: 0, isDirectory });
  }

  /** Writes to a temporary file first, since a native library needs a real one. */
  async writeNative(path: string, write: (localPath: string) => Promise<void>): Promise<void> {
    const folder = await Deno.makeTempDir();
    try {
      const local = `${folder}/${path.slice(path.lastIndexOf("/") + 1)}`;
      await write(local);
      this.files.set(path, await Deno.readFile(local));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  }

  #below(path: string): string[] {
    return [...this.files.keys()].filter((key) => key === path || key.startsWith(`${path}/`));
  }
}

function missing(verb: string, path: string): SthelarError {
  return new SthelarError("NotFound", {
    action: `Cannot ${verb} "${path}"`,
    found: "nothing",
    path,
  });
}
