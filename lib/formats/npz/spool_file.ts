import { messageOf, SthelarError } from "@/core/errors.ts";

const BUFFER_BYTES = 2 ** 20;

/** Numbers that wait on disk until they are read once, in the order in which they were written. */
export class SpoolFile implements Disposable {
  readonly #path: string;
  readonly #file: Deno.FsFile;
  readonly #buffer = new Int32Array(BUFFER_BYTES / 4);
  #used = 0;
  /** Numbers that were written. */
  length = 0;

  /** @param path A new file; it is removed in the end. */
  constructor(path: string) {
    this.#path = path;
    this.#file = guard(
      path,
      () => Deno.openSync(path, { read: true, write: true, createNew: true }),
    );
  }

  /** Adds one number. */
  push(value: number): void {
    if (this.#used === this.#buffer.length) this.#flush();
    this.#buffer[this.#used++] = value;
    this.length++;
  }

  /** Reads all numbers, block by block; a block is overwritten by the next. */
  *blocks(): Generator<Int32Array<ArrayBuffer>> {
    this.#flush();
    guard(this.#path, () => this.#file.seekSync(0, Deno.SeekMode.Start));
    for (let left = this.length; left > 0;) {
      const count = Math.min(left, this.#buffer.length);
      const bytes = new Uint8Array(this.#buffer.buffer, 0, 4 * count);
      for (let at = 0; at < bytes.length;) {
        const read = guard(this.#path, () => this.#file.readSync(bytes.subarray(at)));
        if (read === null) throw failed(this.#path, "fewer bytes than were written");
        at += read;
      }
      yield this.#buffer.subarray(0, count);
      left -= count;
    }
  }

  [Symbol.dispose](): void {
    this.#file.close();
    Deno.removeSync(this.#path);
  }

  #flush(): void {
    const bytes = new Uint8Array(this.#buffer.buffer, 0, 4 * this.#used);
    for (let at = 0; at < bytes.length;) {
      at += guard(this.#path, () => this.#file.writeSync(bytes.subarray(at)));
    }
    this.#used = 0;
  }
}

function guard<T>(path: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    throw failed(path, messageOf(cause), cause);
  }
}

function failed(path: string, found: string, cause?: unknown): SthelarError {
  return new SthelarError("DiskFailure", {
    action: `Cannot keep the parts of a sparse matrix in "${path}"`,
    found,
    remedy: "check the free space, or name another folder for them",
    path,
    cause,
  });
}
