import { messageOf } from "@/core/errors.ts";
import { crc32 } from "node:zlib";
import type { ZipEntry } from "./records.ts";

/** The archive's file, as far as a cursor needs it. */
export interface EntrySource {
  /** Bytes of the archive. */
  bytes(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
  /** The error of a damaged archive. */
  corrupt(found: string, expected: string, cause?: unknown): Error;
}

const PART_BYTES = 2 ** 20;

/**
 * Reads the content of a deflated entry forwards, part by part: an entry of gigabytes takes a few
 * megabytes of memory. The size and the checksum are checked when the end is reached.
 */
export class EntryCursor {
  readonly entry: ZipEntry;
  readonly #source: EntrySource;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #part = new Uint8Array();
  #position = 0;
  #crc = 0;

  /** @param start Where the packed content begins in the archive. */
  constructor(source: EntrySource, entry: ZipEntry, start: number) {
    this.entry = entry;
    this.#source = source;
    this.#reader = packedContent(source, entry, start)
      .pipeThrough(new DecompressionStream("deflate-raw"))
      .getReader();
  }

  /** Where the next byte comes from, in the content. */
  get position(): number {
    return this.#position;
  }

  /** Gives up what is still to come. */
  async close(): Promise<void> {
    await this.#reader.cancel().catch(() => {});
  }

  /**
   * Reads on.
   *
   * @param offset Not before {@link position}; what lies between is passed over.
   * @throws {SthelarError} `CorruptData` if the entry is damaged.
   */
  async read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>> {
    const result = new Uint8Array(length);
    while (this.#position < offset + length) {
      if (this.#part.length === 0) await this.#fetch();
      const skip = Math.min(this.#part.length, Math.max(0, offset - this.#position));
      const take = Math.min(this.#part.length, offset + length - this.#position);
      if (skip < take) {
        result.set(this.#part.subarray(skip, take), this.#position + skip - offset);
      }
      this.#part = this.#part.subarray(take);
      this.#position += take;
    }
    if (this.#position === this.entry.size) await this.#checkEnd();
    return result;
  }

  async #fetch(): Promise<void> {
    const part = await this.#next();
    if (part === undefined) throw this.#damaged(`${this.#position} bytes`);
    this.#part = part;
    this.#crc = crc32(part, this.#crc);
  }

  async #checkEnd(): Promise<void> {
    const isWhole = this.#part.length === 0 && await this.#next() === undefined;
    if (!isWhole || this.#crc !== this.entry.crc32) throw this.#damaged("a wrong checksum");
  }

  async #next(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    try {
      const { value } = await this.#reader.read();
      return value === undefined ? undefined : new Uint8Array(value);
    } catch (cause) {
      throw this.#damaged(messageOf(cause), cause);
    }
  }

  #damaged(found: string, cause?: unknown): Error {
    const { name, size } = this.entry;
    return this.#source.corrupt(`"${name}" with ${found}`, `${size} intact bytes`, cause);
  }
}

function packedContent(
  source: EntrySource,
  { compressedSize }: ZipEntry,
  start: number,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0;
  return new ReadableStream({
    async pull(controller) {
      const length = Math.min(PART_BYTES, compressedSize - at);
      if (length === 0) return controller.close();
      controller.enqueue(await source.bytes(start + at, length));
      at += length;
    },
  });
}
