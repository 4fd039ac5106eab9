import type { Disk } from "@/core/disk.ts";
import { messageOf, SthelarError } from "@/core/errors.ts";
import { constants, createGunzip, gunzipSync } from "node:zlib";
import { pipeline, Readable } from "node:stream";

/** Bytes of a file that are read at once. */
const BLOCK = 1 << 20;
/** A first block that unpacks to more is no table: text shrinks to a third or a tenth. */
const MAX_HEAD_BYTES = 1 << 26;
/** A list of 10 million ids is half as long. */
const MAX_TEXT_BYTES = 1 << 28;

/** The start of a text file, and how much of the file it took. */
export interface FileHead {
  /** Decompressed bytes. */
  readonly bytes: Uint8Array;
  /** Whether the file is compressed, whatever its name says. */
  readonly isGzip: boolean;
  /** Bytes of the file that `bytes` were made of. */
  readonly readBytes: number;
  /** Bytes of the file. */
  readonly fileBytes: number;
}

/**
 * Streams the content of a text file that may be compressed with gzip, told by its first bytes.
 * Memory holds a few blocks. Lengths and checksums that gzip keeps are verified: a file that was cut
 * short ends in an error, even where it was cut between two rows.
 *
 * @throws {SthelarError} `NotFound` if there is no file, `CorruptData` if it is cut short or damaged.
 */
export async function* decompressed(disk: Disk, path: string): AsyncGenerator<Uint8Array> {
  const size = await sizeOfFile(disk, path);
  const head = await block(disk, path, 0, Math.min(2, size));
  if (!isGzip(head)) {
    yield* blocks(disk, path, size);
    return;
  }
  const gunzip = createGunzip({ chunkSize: BLOCK });
  const source = Readable.from(blocks(disk, path, size));
  // What goes wrong is thrown by the loop below.
  pipeline(source, gunzip, () => {});
  try {
    for await (const chunk of gunzip) yield chunk as Uint8Array;
  } catch (error) {
    throw error instanceof SthelarError ? error : damaged(path, error);
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}

/**
 * The whole content of a small text file.
 *
 * @throws {SthelarError} `NotFound` if there is no file, `CorruptData` if it is damaged or not small.
 */
export async function decompressedText(disk: Disk, path: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of decompressed(disk, path)) {
    if (text.length + chunk.length > MAX_TEXT_BYTES) throw tooLong(path);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/**
 * The first block of a text file, decompressed as far as it goes.
 *
 * @throws {SthelarError} `NotFound` if there is no file, `CorruptData` if it is no gzip inside.
 */
export async function decompressedHead(disk: Disk, path: string): Promise<FileHead> {
  const fileBytes = await sizeOfFile(disk, path);
  const readBytes = Math.min(BLOCK, fileBytes);
  const bytes = await block(disk, path, 0, readBytes);
  if (!isGzip(bytes)) return { bytes, isGzip: false, readBytes, fileBytes };
  try {
    const head = gunzipSync(bytes, {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: MAX_HEAD_BYTES,
    });
    return { bytes: new Uint8Array(head), isGzip: true, readBytes, fileBytes };
  } catch (error) {
    throw damaged(path, error);
  }
}

function isGzip(head: Uint8Array): boolean {
  return head.length >= 2 && head[0] === 0x1f && head[1] === 0x8b;
}

async function* blocks(disk: Disk, path: string, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < size; at += BLOCK) {
    yield await block(disk, path, at, Math.min(BLOCK, size - at));
  }
}

async function block(disk: Disk, path: string, at: number, length: number) {
  const bytes = await disk.readRange(path, at, length);
  if (bytes !== undefined) return bytes;
  throw absent(path, "no file any more");
}

async function sizeOfFile(disk: Disk, path: string): Promise<number> {
  const stat = await disk.stat(path);
  if (stat !== undefined && !stat.isDirectory) return stat.size;
  throw absent(path, stat === undefined ? "nothing" : "a folder");
}

function absent(path: string, found: string): SthelarError {
  return new SthelarError("NotFound", {
    action: `Cannot read "${path}"`,
    found,
    expected: "a text file",
    path,
  });
}

function tooLong(path: string): SthelarError {
  return new SthelarError("CorruptData", {
    action: `Cannot read "${path}"`,
    found: `more than ${MAX_TEXT_BYTES} bytes of text`,
    expected: "a list of ids or features",
    remedy: "the file is damaged: copy or download it again",
    path,
  });
}

function damaged(path: string, cause: unknown): SthelarError {
  return new SthelarError("CorruptData", {
    action: `Cannot read "${path}"`,
    found: `${messageOf(cause)} in its gzip stream`,
    expected: "a whole file",
    remedy: "the file is cut short or damaged: copy or download it again",
    path,
    cause,
  });
}
