import { allocate, type NumericArray } from "@/core/arrays.ts";
import type { FixedTextType, NumericType } from "./stored_type.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Decodes texts of a fixed number of bytes, as numpy's `U` and `S` types store them.
 *
 * @param bytes The records.
 * @param offset First byte of the text in a record.
 * @param stride Bytes of a record.
 * @throws {Error} If the bytes are no text.
 */
export function decodeFixedTexts(
  bytes: Uint8Array,
  type: FixedTextType,
  offset = 0,
  stride = type.bytes,
): string[] {
  const count = stride === 0 ? 0 : bytes.length / stride;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: count }, (_, i) => {
    const start = i * stride + offset;
    if (type.encoding === "bytes") return decodeBytes(bytes.subarray(start, start + type.bytes));
    let text = "";
    for (let at = start; at < start + type.bytes; at += 4) {
      const point = view.getUint32(at, type.encoding === "utf32");
      if (point === 0) break;
      text += String.fromCodePoint(point);
    }
    return text;
  });
}

function decodeBytes(bytes: Uint8Array): string {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return decoder.decode(bytes.subarray(0, end));
}

/** Gathers one number of each record. */
export function decodeNumbers(
  bytes: Uint8Array,
  type: NumericType,
  offset: number,
  stride: number,
): NumericArray {
  const count = bytes.length / stride;
  const gathered = new Uint8Array(count * type.bytes);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < type.bytes; k++) {
      const source = type.bigEndian ? type.bytes - 1 - k : k;
      gathered[i * type.bytes + k] = bytes[i * stride + offset + source];
    }
  }
  const values = allocate(type.dtype, count);
  new Uint8Array(values.buffer).set(gathered);
  return values;
}
