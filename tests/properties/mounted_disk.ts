import { localDisk, MemoryDisk } from "@/formats/disk/mod.ts";

/** A disk in memory in which one folder is the machine's own: results in memory, a bundle on disk. */
export class MountedDisk extends MemoryDisk {
  readonly #folder: string;

  /** @param folder Absolute path of the machine's folder, which is only read. */
  constructor(folder: string) {
    super();
    this.#folder = folder;
  }

  override read(path: string) {
    return this.#isMounted(path) ? localDisk.read(path) : super.read(path);
  }
  override readRange(path: string, offset: number, length: number) {
    return this.#isMounted(path)
      ? localDisk.readRange(path, offset, length)
      : super.readRange(path, offset, length);
  }
  override list(path: string) {
    return this.#isMounted(path) ? localDisk.list(path) : super.list(path);
  }
  override stat(path: string) {
    return this.#isMounted(path) ? localDisk.stat(path) : super.stat(path);
  }

  /** A disk with the same content, which changes on its own. */
  clone(): MountedDisk {
    const copy = new MountedDisk(this.#folder);
    for (const [path, bytes] of this.files) copy.files.set(path, bytes);
    return copy;
  }

  #isMounted(path: string): boolean {
    return path === this.#folder || path.startsWith(`${this.#folder}/`);
  }
}
