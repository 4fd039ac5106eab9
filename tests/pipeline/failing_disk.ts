import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";

/**
 * A disk that dies at its `k`-th change (write, rename, link, remove): from then on nothing
 * works, as after a kill or on a full disk.
 */
export class FailingDisk implements Disk {
  /** Changes made so far. */
  changes = 0;
  readonly #inner: Disk;
  readonly #failAt: number;

  constructor(inner: Disk, failAt: number) {
    this.#inner = inner;
    this.#failAt = failAt;
  }

  read(path: string) {
    return this.#inner.read(path);
  }
  readRange(path: string, offset: number, length: number) {
    return this.#inner.readRange(path, offset, length);
  }
  list(path: string) {
    return this.#inner.list(path);
  }
  stat(path: string) {
    return this.#inner.stat(path);
  }
  write(path: string, bytes: Uint8Array) {
    return this.#change(path, () => this.#inner.write(path, bytes));
  }
  rename(from: string, to: string) {
    return this.#change(from, () => this.#inner.rename(from, to));
  }
  link(from: string, to: string) {
    return this.#change(to, () => this.#inner.link(from, to));
  }
  makeDirectory(path: string) {
    return this.#change(path, () => this.#inner.makeDirectory(path));
  }
  remove(path: string) {
    return this.#change(path, () => this.#inner.remove(path));
  }
  writeNative(path: string, write: (localPath: string) => Promise<void>) {
    return this.#change(path, () => this.#inner.writeNative(path, write));
  }

  async #change(path: string, action: () => Promise<void>): Promise<void> {
    this.changes++;
    if (this.changes >= this.#failAt) {
      throw new SthelarError("DiskFailure", {
        action: `Cannot write "${path}"`,
        found: "No space left on device",
        path,
      });
    }
    await action();
  }
}
