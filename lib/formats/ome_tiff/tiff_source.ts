import { messageOf, SthelarError } from "@/core/errors.ts";

/** One open TIFF file: exact reads at a position, one after the other on one handle. */
export class TiffSource implements AsyncDisposable {
  /** The file's path, as it was given. */
  readonly path: string;
  /** Bytes in the file when it was opened. */
  readonly size: number;
  readonly #file: Deno.FsFile;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  private constructor(path: string, size: number, file: Deno.FsFile) {
    this.path = path;
    this.size = size;
    this.#file = file;
  }

  /**
   * Opens a file.
   *
   * @throws {SthelarError} `NotFound`, `DiskFailure`, or `CorruptData` for a folder.
   */
  static async open(path: string): Promise<TiffSource> {
    let file: Deno.FsFile;
    try {
      file = await Deno.open(path);
    } catch (cause) {
      const missing = cause instanceof Deno.errors.NotFound;
      throw new SthelarError(missing ? "NotFound" : "DiskFailure", {
        action: `Cannot open TIFF "${path}"`,
        found: missing ? "no such file" : messageOf(cause),
        path,
        cause,
      });
    }
    const info = await file.stat();
    if (info.isFile) return new TiffSource(path, info.size, file);
    file.close();
    throw new SthelarError("CorruptData", {
      action: `Cannot open TIFF "${path}"`,
      found: "a folder",
      expected: "a file",
      path,
    });
  }

  /**
   * Exactly `length` bytes from `offset`, in a buffer of their own.
   *
   * @param what What lies there, for the error: `the header`, `tag 324`.
   * @throws {SthelarError} `CorruptData` if they lie outside the file, before anything is allocated.
   */
  read(offset: number, length: number, what: string): Promise<Uint8Array<ArrayBuffer>> {
    this.expectInside(offset, length, what);
    const reading = this.#last.then(() => this.#readNow(offset, length, what));
    this.#last = reading.catch(() => {});
    return reading;
  }

  /** Checks that a range lies in the file. */
  expectInside(offset: number, length: number, what: string): void {
    const end = offset + length;
    if (Number.isSafeInteger(offset) && Number.isSafeInteger(end) && end <= this.size) return;
    throw this.corrupt(
      `${what} at bytes ${offset} to ${end}`,
      `no more than the file's ${this.size} bytes`,
      "the file is cut short or damaged: copy it again",
    );
  }

  /** A `CorruptData` error that names the file. */
  corrupt(found: string, expected: string, remedy?: string): SthelarError {
    return this.#error("CorruptData", found, expected, remedy);
  }

  /** An `UnsupportedVersion` error that names the file. */
  unsupported(found: string, expected: string, remedy?: string): SthelarError {
    return this.#error("UnsupportedVersion", found, expected, remedy);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#last;
    this.#file.close();
  }

  async #readNow(offset: number, length: number, what: string) {
    const bytes = new Uint8Array(length);
    try {
      await this.#file.seek(offset, Deno.SeekMode.Start);
      for (let filled = 0; filled < length;) {
        const count = await this.#file.read(bytes.subarray(filled));
        if (count === null) throw this.corrupt(`${filled} bytes of ${what}`, `${length}`);
        filled += count;
      }
    } catch (cause) {
      if (cause instanceof SthelarError) throw cause;
      throw new SthelarError("DiskFailure", {
        action: `Cannot read ${what} of TIFF "${this.path}"`,
        found: this.#closed ? "a file that was closed" : messageOf(cause),
        path: this.path,
        cause,
      });
    }
    return bytes;
  }

  #error(
    tag: "CorruptData" | "UnsupportedVersion",
    found: string,
    expected: string,
    remedy?: string,
  ): SthelarError {
    return new SthelarError(tag, {
      action: `Cannot read TIFF "${this.path}"`,
      found,
      expected,
      path: this.path,
      ...(remedy === undefined ? {} : { remedy }),
    });
  }
}
