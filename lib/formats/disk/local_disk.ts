import { statfsSync } from "node:fs";
import type { Disk, FileStat } from "@/core/disk.ts";
import { messageOf, SthelarError } from "@/core/errors.ts";

/**
 * The machine's own disk.
 *
 * @example A missing file is `undefined`, not an error
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { localDisk } from "@/formats/disk/mod.ts";
 *
 * assertEquals(await localDisk.read("/nowhere/at/all"), undefined);
 * ```
 */
export const localDisk: Disk = {
  read: (path) => unlessMissing("read", path, () => Deno.readFile(path)),

  readRange: (path, offset, length) =>
    unlessMissing("read", path, async () => {
      using file = await Deno.open(path);
      return await readExactly(file, path, offset, length);
    }),

  write: (path, bytes) =>
    guard("write", path, async () => {
      await withFolder(path, () => Deno.writeFile(path, bytes));
    }, bytes.length),

  rename: (from, to) => guard(`rename to "${to}"`, from, () => Deno.rename(from, to)),

  link: (from, to) =>
    guard(`link to "${to}"`, from, () => withFolder(to, () => linkOrCopy(from, to))),

  makeDirectory: (path) => guard("create", path, () => Deno.mkdir(path, { recursive: true })),

  remove: async (path) => {
    await unlessMissing("remove", path, () => Deno.remove(path, { recursive: true }));
  },

  list: async (path) => {
    const names = await unlessMissing("list", path, async () => {
      const entries: string[] = [];
      for await (const entry of Deno.readDir(path)) entries.push(entry.name);
      return entries.sort();
    });
    return names ?? [];
  },

  stat: (path) =>
    unlessMissing("stat", path, async (): Promise<FileStat> => {
      const info = await Deno.stat(path);
      return {
        size: info.size,
        modifiedMs: info.mtime?.getTime() ?? 0,
        inode: info.ino ?? 0,
        isDirectory: info.isDirectory,
      };
    }),

  writeNative: (path, write) => guard("write", path, () => withFolder(path, () => write(path))),
};

async function readExactly(
  file: Deno.FsFile,
  path: string,
  offset: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const { size } = await file.stat();
  if (offset < 0 || length < 0 || offset + length > size) {
    throw new SthelarError("CorruptData", {
      action: `Cannot read bytes ${offset} to ${offset + length} of "${path}"`,
      found: `a file of ${size} bytes`,
      expected: `at least ${offset + length} bytes`,
      remedy: "the file is cut short or damaged: copy or download it again",
      path,
    });
  }
  await file.seek(offset, Deno.SeekMode.Start);
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const count = await file.read(bytes.subarray(at));
    if (count === null) throw new Error(`the file ended at byte ${offset + at} while it was read`);
    at += count;
  }
  return bytes;
}

/** Runs `action`; if the folder of `path` is missing, creates it and tries once more. */
async function withFolder<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    return await action();
  }
}

/** Some file systems have no hard links (FAT, some network shares): there it copies. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await Deno.link(from, to);
  } catch (error) {
    const code = (error as { code?: string }).code;
    if (code !== "EPERM" && code !== "EXDEV" && code !== "ENOTSUP" && code !== "EMLINK") {
      throw error;
    }
    await Deno.copyFile(from, to);
  }
}

async function unlessMissing<T>(
  verb: string,
  path: string,
  action: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return undefined;
    }
    throw diskFailure(verb, path, error);
  }
}

async function guard<T>(
  verb: string,
  path: string,
  action: () => Promise<T>,
  bytes?: number,
): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw diskFailure(verb, path, error, bytes);
  }
}

/**
 * What the disk refused, as an error that names the path; of a full disk it tells what is free.
 *
 * @param verb What was being done, as in `write`.
 * @param cause What was thrown; a `SthelarError` is returned as it is.
 * @param bytes How much was to be written, where that is known.
 */
export function diskFailure(
  verb: string,
  path: string,
  cause: unknown,
  bytes?: number,
): SthelarError {
  if (cause instanceof SthelarError) return cause;
  const message = messageOf(cause);
  const full = (cause as { code?: string }).code === "ENOSPC" ||
    /no space|disk full/i.test(message);
  return new SthelarError("DiskFailure", {
    action: `Cannot ${verb} "${path}"`,
    found: full ? `${message} (${describeSpace(path, bytes)})` : message,
    remedy: full
      ? "free some space and run the same command again: finished stages are kept"
      : "check that the folder exists, is yours to write and has space, then run again",
    path,
    cause,
  });
}

/** `338 kB to write, 12 kB free`. */
function describeSpace(path: string, bytes: number | undefined): string {
  const kilobytes = (count: number) => `${Math.ceil(count / 1000)} kB`;
  const needed = bytes === undefined ? [] : [`${kilobytes(bytes)} to write`];
  return [...needed, `${kilobytes(freeBytes(path))} free`].join(", ");
}

/** Free space where `path` lies, which itself need not be there. */
function freeBytes(path: string): number {
  for (let folder = path; folder !== ""; folder = folder.slice(0, folder.lastIndexOf("/"))) {
    try {
      const { bavail, bsize } = statfsSync(folder);
      return bavail * bsize;
    } catch (error) {
      if ((error as { code?: string }).code !== "ENOENT") break;
    }
  }
  return 0;
}
