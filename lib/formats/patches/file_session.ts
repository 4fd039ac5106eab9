import type { Disk } from "@/core/disk.ts";
import { messageOf, SthelarError } from "@/core/errors.ts";

/** A file that is written piece by piece; it appears on its disk when it is closed. */
export class FileSession {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  readonly #release: (failure?: Error) => void;
  readonly #written: Promise<void>;
  #isOpen = true;

  private constructor(
    path: string,
    file: Deno.FsFile,
    release: (failure?: Error) => void,
    written: Promise<void>,
  ) {
    this.#path = path;
    this.#file = file;
    this.#release = release;
    this.#written = written;
  }

  /**
   * Opens a new file.
   *
   * @throws {SthelarError} `DiskFailure`.
   */
  static open(disk: Disk, path: string): Promise<FileSession> {
    return new Promise((resolve, reject) => {
      const written: Promise<void> = disk.writeNative(path, async (localPath) => {
        const file = await Deno.open(localPath, { write: true, create: true, truncate: true });
        await new Promise<void>((release, fail) => {
          const end = (failure?: Error) => failure === undefined ? release() : fail(failure);
          resolve(new FileSession(path, file, end, written));
        });
      });
      written.catch(reject);
    });
  }

  /** Adds bytes at the end; they may be reused when the promise has resolved. */
  async append(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length;) at += await this.#file.write(bytes.subarray(at));
    } catch (cause) {
      throw new SthelarError("DiskFailure", {
        action: `Cannot write "${this.#path}"`,
        found: messageOf(cause),
        remedy: "check the free space",
        path: this.#path,
        cause,
      });
    }
  }

  /** Writes at the start of the file, over what is there. */
  async writeAtStart(bytes: Uint8Array): Promise<void> {
    await this.#file.seek(0, Deno.SeekMode.Start);
    await this.append(bytes);
  }

  /** Completes the file. */
  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#file.close();
    this.#release();
    await this.#written;
  }

  /** Gives the file up. */
  async discard(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#file.close();
    this.#release(new Error("given up"));
    await this.#written.catch(() => {
      // That it was given up is what was wanted.
    });
  }
}
