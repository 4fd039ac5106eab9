import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";

const MAGIC = 0xfd2fb528;
const CONTENT_SIZE_BYTES = [0, 2, 4, 8] as const;
const DICTIONARY_ID_BYTES = [0, 1, 2, 4] as const;
const RLE_BLOCK = 1;

/**
 * Compresses bytes into one zstd frame that holds its content size and a checksum.
 *
 * The size is what decoders before numcodecs 0.16 insist on; the checksum finds flipped bits.
 * The call is synchronous: Deno 2.9 runs the asynchronous one on the same thread, and throws what
 * that one should reject with.
 *
 * @param level 1 (fast) to 22 (small); 0 is the library's own default.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { compressZstd, decompressZstd } from "@/formats/zarr/zstd.ts";
 *
 * const bytes = new Uint8Array(1000).fill(7);
 * assertEquals(decompressZstd(compressZstd(bytes, 1)), bytes);
 * ```
 */
export function compressZstd(bytes: Uint8Array, level: number): Uint8Array<ArrayBuffer> {
  const frame = zstdCompressSync(bytes, {
    params: {
      [constants.ZSTD_c_compressionLevel]: level,
      [constants.ZSTD_c_checksumFlag]: 1,
    },
  });
  return withContentSize(frame, bytes.length);
}

/**
 * Decompresses zstd frames.
 *
 * @param maxBytes The most that the content may hold.
 * @throws {Error} If the frames are cut short, are damaged, or hold more than `maxBytes`.
 */
export function decompressZstd(bytes: Uint8Array, maxBytes?: number): Uint8Array<ArrayBuffer> {
  checkFrames(bytes);
  const content = zstdDecompressSync(
    bytes,
    maxBytes === undefined ? {} : { maxOutputLength: Math.max(1, maxBytes) },
  );
  // zlib hands out a view on a larger buffer, and codecs read the whole buffer.
  return new Uint8Array(content);
}

/** Adds the content size to the frame header if the encoder left it out. */
function withContentSize(frame: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const descriptor = frame[4];
  const alreadyThere = descriptor >> 6 !== 0 || (descriptor & 0x20) !== 0;
  if (alreadyThere || size > 0xffffffff) return new Uint8Array(frame);
  const result = new Uint8Array(frame.length + 4);
  result.set(frame.subarray(0, 6));
  result[4] = descriptor | 0x80;
  new DataView(result.buffer).setUint32(6, size, true);
  result.set(frame.subarray(6), 10);
  return result;
}

/** Node's decoder accepts a frame whose end is missing, so the frames are walked first. */
function checkFrames(bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length || at === 0;) at = frameEnd(bytes, at);
}

/** Where the frame that starts at `start` ends (RFC 8878, section 3.1). */
function frameEnd(bytes: Uint8Array, start: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const need = (end: number) => {
    if (end > bytes.length) throw new Error(`zstd frame cut short at byte ${bytes.length}`);
  };
  need(start + 8);
  const magic = view.getUint32(start, true);
  if (magic >>> 4 === 0x184d2a5) {
    const end = start + 8 + view.getUint32(start + 4, true);
    need(end);
    return end;
  }
  if (magic !== MAGIC) throw new Error(`no zstd frame at byte ${start}`);
  const descriptor = bytes[start + 4];
  const singleSegment = (descriptor >> 5) & 1;
  const sizeBytes = CONTENT_SIZE_BYTES[descriptor >> 6] || singleSegment;
  let at = start + 5 + (1 - singleSegment) + DICTIONARY_ID_BYTES[descriptor & 3] + sizeBytes;
  for (let last = 0; last === 0;) {
    need(at + 3);
    const header = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);
    last = header & 1;
    at += 3 + (((header >> 1) & 3) === RLE_BLOCK ? 1 : header >>> 3);
  }
  const end = at + ((descriptor >> 2) & 1) * 4;
  need(end);
  return end;
}
