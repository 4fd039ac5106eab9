import { messageOf, SthelarError } from "@/core/errors.ts";
import { Buffer } from "node:buffer";
import { crc32, createDeflateRaw, type DeflateRaw, deflateRaw } from "node:zlib";
import { promisify } from "node:util";
import {
  centralHeader,
  dataDescriptor,
  endRecords,
  localHeader,
  type ZipEntry,
  type ZipMethod,
} from "./records.ts";

/** A file that only grows. */
export interface AppendFile {
  /** Adds bytes at its end; they may be reused when the promise has resolved. */
  append(bytes: Uint8Array): Promise<void>;
}

/** How an entry is written. */
export interface ZipEntryOptions {
  /** `stored` by default. */
  readonly method?: ZipMethod;
  /** Level of deflate, 1 (fast, the default) to 9. */
  readonly level?: number;
}

const deflate = promisify(deflateRaw) as (
  bytes: Uint8Array,
  options: { readonly level: number },
) => Promise<Uint8Array>;

/**
 * Writes a zip archive to a file that only grows, entry after entry, of any number and size. Equal
 * content makes equal archives: there are no dates.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 * import { openZip, ZipWriter } from "@/formats/zip/mod.ts";
 *
 * const parts: Uint8Array[] = [];
 * const zip = new ZipWriter({ append: async (bytes) => void parts.push(bytes.slice()) });
 * await zip.add("a/hello.txt", new TextEncoder().encode("hello"), { method: "deflate" });
 * await zip.finish();
 *
 * const disk = new MemoryDisk();
 * await disk.write("/a.zip", new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer()));
 * const archive = await openZip(disk, "/a.zip");
 * assertEquals(new TextDecoder().decode(await archive.read("a/hello.txt")), "hello");
 * ```
 */
export class ZipWriter {
  readonly #file: AppendFile;
  readonly #central: Uint8Array[] = [];
  readonly #names = new Set<string>();
  #offset = 0;
  #busy = false;

  /** @param file Where the archive goes. */
  constructor(file: AppendFile) {
    this.#file = file;
  }

  /** Bytes written so far. */
  get offset(): number {
    return this.#offset;
  }

  /**
   * Adds an entry whose content is in memory.
   *
   * @throws {SthelarError} `InvalidArgument` if the name is unsafe or taken.
   */
  async add(name: string, content: Uint8Array, options: ZipEntryOptions = {}): Promise<void> {
    const { method = "stored", level = 1 } = options;
    this.#begin(name);
    const bytes = method === "stored" ? content : await deflate(content, { level });
    const entry: ZipEntry = {
      name,
      method,
      crc32: crc32(content),
      size: content.length,
      compressedSize: bytes.length,
      offset: this.#offset,
    };
    await this.#append(localHeader(entry, false));
    await this.#append(bytes);
    this.#end(entry, false);
  }

  /** Adds a folder. */
  async addFolder(name: string): Promise<void> {
    await this.add(name.endsWith("/") ? name : `${name}/`, new Uint8Array());
  }

  /**
   * Adds an entry whose content comes in parts and is never in memory whole.
   *
   * @throws {SthelarError} `InvalidArgument` if the name is unsafe or taken.
   */
  async addStream(
    name: string,
    content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    options: ZipEntryOptions = {},
  ): Promise<void> {
    const { method = "stored", level = 1 } = options;
    this.#begin(name);
    const offset = this.#offset;
    const blank: ZipEntry = { name, method, crc32: 0, size: 0, compressedSize: 0, offset };
    await this.#append(localHeader(blank, true));
    const start = this.#offset;
    const count = { crc32: 0, size: 0 };
    const counted = countParts(content, count);
    const parts = method === "stored" ? counted : deflateParts(counted, level);
    for await (const part of parts) await this.#append(part);
    const entry: ZipEntry = { ...blank, ...count, compressedSize: this.#offset - start };
    await this.#append(dataDescriptor(entry));
    this.#end(entry, true);
  }

  /** Writes the central directory; the archive is then complete. */
  async finish(): Promise<void> {
    const start = this.#offset;
    for (const header of this.#central) await this.#append(header);
    await this.#append(endRecords(this.#central.length, start, this.#offset - start));
  }

  #begin(name: string): void {
    const fault = this.#busy
      ? "an entry that is still being written"
      : this.#names.has(name)
      ? "an entry of this name"
      : nameFault(name);
    if (fault !== undefined) {
      throw new SthelarError("InvalidArgument", {
        action: `Cannot add "${name}" to the zip archive`,
        found: fault,
      });
    }
    this.#names.add(name);
    this.#busy = true;
  }

  #end(entry: ZipEntry, streamed: boolean): void {
    this.#central.push(centralHeader(entry, streamed));
    this.#busy = false;
  }

  async #append(bytes: Uint8Array): Promise<void> {
    if (bytes.length === 0) return;
    await this.#file.append(bytes);
    this.#offset += bytes.length;
  }
}

/** Deeper than any store, shallow enough to be unpacked. */
const MAX_DEPTH = 256;

/** What makes a name unsafe to unpack, `undefined` if nothing does. */
export function nameFault(name: string): string | undefined {
  if (name === "" || name === "/") return "an empty name";
  if (name.startsWith("/") || /^[A-Za-z]:/.test(name)) return "an absolute path";
  if (name.includes("\\") || name.includes("\0")) return "a backslash or NUL in the name";
  const parts = (name.endsWith("/") ? name.slice(0, -1) : name).split("/");
  if (parts.some((part) => part === ".." || part === "." || part === "")) {
    return 'a path with "..", "." or an empty part';
  }
  if (parts.length > MAX_DEPTH) return `a path of ${parts.length} folders`;
  return new TextEncoder().encode(name).length > 0xffff ? "a name that is too long" : undefined;
}

async function* countParts(
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  count: { crc32: number; size: number },
): AsyncGenerator<Uint8Array> {
  for await (const part of content) {
    count.crc32 = crc32(part, count.crc32);
    count.size += part.length;
    yield part;
  }
}

async function* deflateParts(
  content: AsyncIterable<Uint8Array>,
  level: number,
): AsyncGenerator<Uint8Array> {
  const stream = createDeflateRaw({ level });
  const feeding = feed(stream, content);
  feeding.catch((error) => stream.destroy(new Error(messageOf(error))));
  try {
    for await (const part of stream) yield new Uint8Array(part as Buffer);
  } finally {
    await feeding;
  }
}

async function feed(stream: DeflateRaw, content: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const part of content) {
    await new Promise<void>((resolve, reject) => {
      stream.write(part, (error) => error ? reject(error) : resolve());
    });
  }
  stream.end();
}
