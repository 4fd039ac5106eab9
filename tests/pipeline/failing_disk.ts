import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";

/**
 * What happens at the `k`-th change of the disk:
 * - `dead`: it is refused, and nothing works from then on, as after a kill;
 * - `short`: it is done in part (half of a file, half of a folder's removal), then nothing works;
 * - `after`: it is done whole, then nothing works, as when a process dies just after a rename;
 * - `full`: it is done in part, and nothing can be written from then on, but renamed and removed;
 * - `once`: it is refused, everything after it works.
 */
export const FAILURES = ["dead", "short", "after", "full", "once"] as const;

/** A kind of failure. */
export type Failure = typeof FAILURES[number];

/** What changes a disk. */
type Change = "write" | "rename" | "link" | "makeDirectory" | "remove" | "writeNative";

/** A disk that fails at its `k`-th change (write, rename, link, remove). */
export class FailingDisk implements Disk {
  /** Changes made so far. */
  changes = 0;
  readonly #inner: Disk;
  readonly #failAt: number;
  readonly #failure: Failure;

  constructor(inner: Disk, failAt: number, failure: Failure = "dead") {
    this.#inner = inner;
    this.#failAt = failAt;
    this.#failure = failure;
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
    return this.#change("write", path, () => this.#inner.write(path, bytes), () => {
      return this.#inner.write(path, bytes.subarray(0, bytes.length >> 1));
    });
  }
  rename(from: string, to: string) {
    return this.#change("rename", from, () => this.#inner.rename(from, to));
  }
  link(from: string, to: string) {
    const copyHalf = async () => {
      const bytes = await this.#inner.read(from);
      if (bytes !== undefined) await this.#inner.write(to, bytes.subarray(0, bytes.length >> 1));
    };
    return this.#change("link", to, () => this.#inner.link(from, to), copyHalf);
  }
  makeDirectory(path: string) {
    return this.#change("makeDirectory", path, () => this.#inner.makeDirectory(path));
  }
  remove(path: string) {
    const removeHalf = async () => {
      const names = await this.#inner.list(path);
      for (const name of names.slice(0, names.length >> 1)) {
        await this.#inner.remove(`${path}/${name}`);
      }
    };
    return this.#change("remove", path, () => this.#inner.remove(path), removeHalf);
  }
  writeNative(path: string, write: (localPath: string) => Promise<void>) {
    const whole = () => this.#inner.writeNative(path, write);
    return this.#change("writeNative", path, whole, async () => {
      await whole();
      const bytes = await this.#inner.read(path);
      if (bytes !== undefined) await this.#inner.write(path, bytes.subarray(0, bytes.length >> 1));
    });
  }

  async #change(
    change: Change,
    path: string,
    whole: () => Promise<void>,
    inPart: () => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    const now = ++this.changes;
    if (now < this.#failAt || (now > this.#failAt && this.#failure === "once")) {
      return await whole();
    }
    const takesNoSpace = change === "rename" || change === "remove";
    if (this.#failure === "full" && takesNoSpace) return await whole();
    if (now === this.#failAt) {
      if (this.#failure === "short" || this.#failure === "full") await inPart();
      if (this.#failure === "after") await whole();
    }
    throw new SthelarError("DiskFailure", {
      action: `Cannot write "${path}"`,
      found: "No space left on device",
      path,
    });
  }
}
