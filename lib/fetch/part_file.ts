import { createHash } from "node:crypto";
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

const BLOCK_BYTES = 4 << 20;

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
      if (!await file.tryLock(true)) {
        file.close();
        throw new SthelarError("PipelineConflict", {
          action: `Cannot download "${target}"`,
          found: "another process that downloads it",
          remedy: "wait until that has finished, or stop it",
          path,
        });
      }
      const source = await readSource(path);
      const { size } = await file.stat();
      const part = new PartFile(path, file, size, source);
      if (source === undefined && size > 0) await part.#truncate();
      return part;
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

  /** The hash of all bytes, hexadecimal. */
  async hash(
    algorithm: "sha256" | "md5",
    report: (bytes: number) => void,
    signal: AbortSignal | undefined,
  ): Promise<string> {
    return await onDisk(this.path, () => hashOfFile(this.#file, algorithm, report, signal));
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

/**
 * The hash of a file, hexadecimal, read in blocks.
 *
 * @param report Told of the bytes read.
 */
export async function hashOfFile(
  file: Deno.FsFile,
  algorithm: "sha256" | "md5",
  report: (bytes: number) => void,
  signal: AbortSignal | undefined,
): Promise<string> {
  const hash = createHash(algorithm);
  const block = new Uint8Array(BLOCK_BYTES);
  await file.seek(0, Deno.SeekMode.Start);
  for (let done = 0;;) {
    signal?.throwIfAborted();
    const count = await file.read(block);
    if (count === null) return hash.digest("hex");
    hash.update(block.subarray(0, count));
    report(done += count);
  }
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
    if (!(error instanceof Error) || error instanceof DOMException) throw error;
    throw diskFailure("write", path, error);
  }
}
