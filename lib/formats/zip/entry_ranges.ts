import { EntryCursor, type EntrySource } from "./entry_cursor.ts";
import type { ZipEntry } from "./records.ts";

/** Reads parts of entries; the deflated entry that was read last stays open. */
export class EntryRanges {
  readonly #source: EntrySource;
  readonly #startOf: (entry: ZipEntry) => Promise<number>;
  #cursor: EntryCursor | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** @param startOf Where the content of an entry begins in the archive. */
  constructor(source: EntrySource, startOf: (entry: ZipEntry) => Promise<number>) {
    this.#source = source;
    this.#startOf = startOf;
  }

  /** Reads a part; see `readRange` of an archive. */
  async read(entry: ZipEntry, offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    if (offset < 0 || length < 0 || offset + length > entry.size) {
      const range = `bytes ${offset} to ${offset + length} of "${entry.name}"`;
      throw this.#source.corrupt(`no ${range}`, `${entry.size} bytes`);
    }
    if (entry.method === "stored") {
      return await this.#source.bytes(await this.#startOf(entry) + offset, length);
    }
    const result = this.#last.then(() => this.#readOn(entry, offset, length));
    this.#last = result.catch(() => this.#cursor = undefined);
    return await result;
  }

  async #readOn(
    entry: ZipEntry,
    offset: number,
    length: number,
  ): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#cursor?.entry !== entry || this.#cursor.position > offset) {
      await this.#cursor?.close();
      this.#cursor = new EntryCursor(this.#source, entry, await this.#startOf(entry));
    }
    const bytes = await this.#cursor.read(offset, length);
    if (this.#cursor.position === entry.size) this.#cursor = undefined;
    return bytes;
  }
}
