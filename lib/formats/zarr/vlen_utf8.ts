const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Encodes texts as zarr's `vlen-utf8`: a count, then for each text its length in bytes and the bytes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodeVlenUtf8, encodeVlenUtf8 } from "@/formats/zarr/vlen_utf8.ts";
 *
 * assertEquals(decodeVlenUtf8(encodeVlenUtf8(["µm", ""]), 2), ["µm", ""]);
 * ```
 */
export function encodeVlenUtf8(texts: readonly string[]): Uint8Array<ArrayBuffer> {
  const parts = texts.map((text) => encoder.encode(text));
  const bytes = new Uint8Array(parts.reduce((total, part) => total + 4 + part.length, 4));
  const view = new DataView(bytes.buffer);
  view.setUint32(0, parts.length, true);
  let at = 4;
  for (const part of parts) {
    view.setUint32(at, part.length, true);
    bytes.set(part, at + 4);
    at += 4 + part.length;
  }
  return bytes;
}

/**
 * Decodes zarr's `vlen-utf8`.
 *
 * @param count How many texts there must be.
 * @throws {Error} If the bytes hold another number of texts, end early, or are not UTF-8.
 */
export function decodeVlenUtf8(bytes: Uint8Array, count: number): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stored = bytes.length < 4 ? -1 : view.getUint32(0, true);
  if (stored !== count) throw new Error(`${Math.max(stored, 0)} texts where ${count} belong`);
  if (count > bytes.length / 4) throw new Error(`${count} texts in ${bytes.length} bytes`);
  const texts = new Array<string>(count);
  let at = 4;
  for (let i = 0; i < count; i++) {
    const end = at + 4 <= bytes.length ? at + 4 + view.getUint32(at, true) : Infinity;
    if (end > bytes.length) throw new Error(`text ${i} of ${count} runs past the end`);
    texts[i] = decoder.decode(bytes.subarray(at + 4, end));
    at = end;
  }
  return texts;
}
