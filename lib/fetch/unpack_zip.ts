import { crc32 } from "node:zlib";
import { SthelarError } from "@/core/errors.ts";
import { type Progress, silentProgress } from "@/core/progress.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { openZip, type ZipArchive, type ZipEntry } from "@/formats/zip/mod.ts";

/** How an archive is unpacked. */
export interface UnpackOptions {
  /** Told of the bytes written. */
  readonly progress?: Progress;
  /** Stops the work; nothing is left. */
  readonly signal?: AbortSignal;
}

const BLOCK_BYTES = 4 << 20;

/**
 * Unpacks a zip archive into a folder that appears whole, by one rename. A single folder around
 * everything is left out, so are a Mac's side files. Entries are streamed: memory does not grow with
 * their size.
 *
 * @param zipPath Absolute path of the archive.
 * @param folder Absolute path of the folder to be; nothing may be there.
 * @returns How many files were written.
 * @throws {SthelarError} `CorruptData` for a damaged archive or a name that leaves the folder,
 *   `InvalidArgument` if something is in the way, `DiskFailure`.
 */
export async function unpackZip(
  zipPath: string,
  folder: string,
  { progress = silentProgress, signal }: UnpackOptions = {},
): Promise<number> {
  if (await localDisk.stat(folder) !== undefined) {
    throw new SthelarError("InvalidArgument", {
      action: `Cannot unpack "${zipPath}" into "${folder}"`,
      found: "something there",
      remedy: "move it away and run the same command again",
      path: folder,
    });
  }
  const archive = await openZip(localDisk, zipPath);
  const files = [...archive.entries.values()].filter(({ name }) =>
    !name.endsWith("/") && !isSideFile(name)
  );
  if (files.length === 0) throw corrupt(zipPath, "no file in it", "a bundle");
  const top = commonFolder(files);
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const next = `${folder}.unpacking`;
  await localDisk.remove(next);
  try {
    let done = 0;
    for (const entry of files) {
      const target = `${next}/${entry.name.slice(top.length)}`;
      await writeEntry(archive, entry, target, (bytes) => {
        signal?.throwIfAborted();
        progress.update(done += bytes, total, "bytes unpacked");
      });
    }
    await localDisk.rename(next, folder);
  } catch (error) {
    await localDisk.remove(next);
    signal?.throwIfAborted();
    throw error;
  }
  return files.length;
}

function isSideFile(name: string): boolean {
  return name.startsWith("__MACOSX/") || /(^|\/)(\._[^/]*|\.DS_Store)$/.test(name);
}

/** The folder around all files with its slash, empty if there is none. */
function commonFolder(files: readonly ZipEntry[]): string {
  const top = files[0].name.slice(0, files[0].name.indexOf("/") + 1);
  return files.every(({ name }) => name.startsWith(top)) ? top : "";
}

async function writeEntry(
  archive: ZipArchive,
  { name, size, crc32: expected }: ZipEntry,
  target: string,
  report: (bytes: number) => void,
): Promise<void> {
  let checksum = 0;
  await localDisk.writeNative(target, async (path) => {
    using file = await Deno.open(path, { write: true, createNew: true });
    for (let at = 0; at < size; at += BLOCK_BYTES) {
      const block = await archive.readRange(name, at, Math.min(BLOCK_BYTES, size - at));
      checksum = crc32(block, checksum);
      for (let done = 0; done < block.length;) done += await file.write(block.subarray(done));
      report(block.length);
    }
  });
  if (checksum !== expected) {
    throw corrupt(archive.path, `"${name}" with a wrong checksum`, "intact content");
  }
}

function corrupt(path: string, found: string, expected: string): SthelarError {
  return new SthelarError("CorruptData", {
    action: `Cannot unpack "${path}"`,
    found,
    expected,
    remedy: "remove the archive and download it again",
    path,
  });
}
