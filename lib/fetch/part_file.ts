import { SthelarError } from "@/core/errors.ts";
import { diskFailure } from "@/formats/disk/mod.ts";

/** What the server said of the file whose beginning is on disk. */
export interface PartSource {
  /** Address it comes from. */
  readonly url: string;
  /** Strong ETag or date of change, `undefined` if the server gives neither. */
  readonly validator: string | undefined;
  /** Its whole size in bytes, where the server tells. */
  readonly total: number | undefined;
}

/**
 * The beginning of a file that is being downloaded: `<target>.part`, and beside it what it is the
 * beginning of. Held by one process at a time; kept when the download fails.
 */
export class PartFile {
  readonly #file: Deno.FsFile;
  /** Bytes that are there. */
  size: number;
  /** Bytes of these that an earlier run had brought. */
  kept: number;
  /** What they are the beginning of, `undefined` for none. */
  source: PartSource | undefined;

  private constructor(
    readonly path: string,
    file: Deno.FsFile,
    size: number,
    source: PartSource | undefined,
  ) {
    this.#file = file;
    this.size = size;
    this.kept = size;
    this.source = source;
  }

  /**
   * Opens the part of a target, whose folder must be there.
   *
   * @throws {SthelarError} `PipelineConflict` if another process downloads it, `DiskFailure`.
   */
  static async open(target: string): Promise<PartFile> {
    const path = `${target}.part`;
    return await onDisk(path, async () => {
      const file = await Deno.open(path, { create: true, read: true, write: true });
      try {
        if (!await file.tryLock(true) || !await isAt(file, path)) throw isHeld(target, path);
        const source = await readSource(path);
        const { size } = await file.stat();
        const part = new PartFile(path, file, size, source);
        if (source === undefined && size > 0) await part.#truncate();
        return part;
      } catch (error) {
        file.close();
        throw error;
      }
    });
  }

  /** Starts over, with the beginning of this file. */
  async restart(source: PartSource): Promise<void> {
    await this.#truncate();
    this.source = source;
    await onDisk(
      this.path,
      () => Deno.writeTextFile(sourcePath(this.path), JSON.stringify(source)),
    );
  }

  /** Adds bytes at the end. */
  async append(bytes: Uint8Array): Promise<void> {
    await onDisk(this.path, async () => {
      await this.#file.seek(this.size, Deno.SeekMode.Start);
      for (let at = 0; at < bytes.length;) at += await this.#file.write(bytes.subarray(at));
    });
    this.size += bytes.length;
  }

  /** Makes it the target, by one rename. */
  async moveTo(target: string): Promise<void> {
    await onDisk(this.path, async () => {
      await this.#file.syncData();
      await Deno.rename(this.path, target);
      await removeIfThere(sourcePath(this.path));
    });
  }

  /** Removes it: its bytes are of no use. */
  async discard(): Promise<void> {
    await onDisk(this.path, async () => {
      await removeIfThere(this.path);
      await removeIfThere(sourcePath(this.path));
    });
  }

  async #truncate(): Promise<void> {
    await onDisk(this.path, () => this.#file.truncate(0));
    this.size = 0;
    this.kept = 0;
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/** Whether a file still has its name: whoever held it may just have made it the target. */
async function isAt(file: Deno.FsFile, path: string): Promise<boolean> {
  const there = await Deno.stat(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  });
  return there !== undefined && there.ino === (await file.stat()).ino;
}

function isHeld(target: string, path: string): SthelarError {
  return new SthelarError("PipelineConflict", {
    action: `Cannot download "${target}"`,
    found: "another process that downloads it",
    remedy: "wait until that has finished, or stop it",
    path,
  });
}

function sourcePath(path: string): string {
  return `${path}.json`;
}

/** A record that is damaged counts for nothing: the download starts over. */
async function readSource(path: string): Promise<PartSource | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(sourcePath(path))) as PartSource;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function onDisk<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw diskFailure("write", path, error);
  }
}
