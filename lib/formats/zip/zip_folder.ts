import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { type Progress, silentProgress } from "@/core/progress.ts";
import { type AppendFile, ZipWriter } from "./zip_writer.ts";

/** How a folder is zipped. */
export interface ZipFolderOptions {
  /** Name of the folder inside the archive; the folder's own by default. */
  readonly rootName?: string;
  /** Told of each file. */
  readonly progress?: Progress;
  /** Stops the work; no archive is left behind. */
  readonly signal?: AbortSignal;
}

/** Files up to this size are read whole, larger ones in parts of this size. */
const PART_BYTES = 16 * 2 ** 20;
const BUFFER_BYTES = 4 * 2 ** 20;

/**
 * Packs a folder, stored (its files are compressed already), with the folder itself as the root inside:
 * `sdata_heart_s0.zarr.zip` unpacks to `sdata_heart_s0.zarr/`. Files come in order of their names, so
 * that equal folders make equal archives.
 *
 * @returns How many files were packed.
 * @throws {SthelarError} `NotFound` if the folder is absent or empty, `Aborted` if stopped.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 * import { openZip, zipFolder } from "@/formats/zip/mod.ts";
 *
 * const disk = new MemoryDisk();
 * await disk.write("/out/a.zarr/zarr.json", new TextEncoder().encode("{}"));
 * await zipFolder(disk, "/out/a.zarr", "/out/a.zarr.zip");
 * const archive = await openZip(disk, "/out/a.zarr.zip");
 * assertEquals([...archive.entries.keys()], ["a.zarr/", "a.zarr/zarr.json"]);
 * ```
 */
export async function zipFolder(
  disk: Disk,
  folder: string,
  zipPath: string,
  options: ZipFolderOptions = {},
): Promise<number> {
  const { progress = silentProgress, signal } = options;
  const rootName = options.rootName ?? folder.slice(folder.lastIndexOf("/") + 1);
  const paths = await pathsBelow(disk, folder);
  const fileCount = paths.filter((path) => !path.endsWith("/")).length;
  if (fileCount === 0) {
    throw new SthelarError("NotFound", {
      action: `Cannot zip "${folder}"`,
      found: "no files",
      expected: "a folder with files",
      path: folder,
    });
  }
  const partial = `${zipPath}.partial`;
  try {
    await disk.writeNative(partial, async (localPath) => {
      using file = await Deno.open(localPath, { write: true, create: true, truncate: true });
      const output = new BufferedFile(file);
      const zip = new ZipWriter(output);
      await zip.addFolder(rootName);
      let done = 0;
      for (const path of paths) {
        if (signal?.aborted) throw new SthelarError("Aborted", { action: `Stopped "${zipPath}"` });
        await addPath(disk, zip, `${folder}/${path}`, `${rootName}/${path}`);
        if (!path.endsWith("/")) progress.update(++done, fileCount, "files");
      }
      await zip.finish();
      await output.flush();
    });
    await disk.rename(partial, zipPath);
  } finally {
    await disk.remove(partial);
  }
  return fileCount;
}

async function addPath(disk: Disk, zip: ZipWriter, path: string, name: string): Promise<void> {
  if (name.endsWith("/")) return await zip.addFolder(name);
  const size = (await disk.stat(path))?.size ?? 0;
  if (size > PART_BYTES) return await zip.addStream(name, fileParts(disk, path, size));
  const content = await disk.read(path);
  if (content === undefined) {
    throw new SthelarError("NotFound", { action: `Cannot zip "${path}"`, found: "nothing", path });
  }
  await zip.add(name, content);
}

async function* fileParts(disk: Disk, path: string, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < size; at += PART_BYTES) {
    const part = await disk.readRange(path, at, Math.min(PART_BYTES, size - at));
    if (part === undefined) {
      throw new SthelarError("NotFound", {
        action: `Cannot zip "${path}"`,
        found: "nothing",
        path,
      });
    }
    yield part;
  }
}

/** Relative paths of all below a folder, folders before what they hold and with a `/` at the end. */
async function pathsBelow(disk: Disk, folder: string): Promise<string[]> {
  const paths: string[] = [];
  const pending = [""];
  while (pending.length > 0) {
    const prefix = pending.pop() as string;
    if (prefix !== "") paths.push(prefix);
    const folders: string[] = [];
    for (
      const name of await disk.list(prefix === "" ? folder : `${folder}/${prefix.slice(0, -1)}`)
    ) {
      const stat = await disk.stat(`${folder}/${prefix}${name}`);
      if (stat?.isDirectory) folders.push(`${prefix}${name}/`);
      else paths.push(`${prefix}${name}`);
    }
    pending.push(...folders.reverse());
  }
  return paths;
}

/** Gathers small appends: a store has tens of thousands of small files. */
class BufferedFile implements AppendFile {
  readonly #buffer = new Uint8Array(BUFFER_BYTES);
  #used = 0;

  constructor(readonly file: Deno.FsFile) {}

  async append(bytes: Uint8Array): Promise<void> {
    if (this.#used + bytes.length > BUFFER_BYTES) await this.flush();
    if (bytes.length > BUFFER_BYTES) return await writeAll(this.file, bytes);
    this.#buffer.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  async flush(): Promise<void> {
    await writeAll(this.file, this.#buffer.subarray(0, this.#used));
    this.#used = 0;
  }
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
}
