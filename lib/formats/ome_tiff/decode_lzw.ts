import { SthelarError } from "@/core/errors.ts";

const CLEAR = 256;
const END = 257;
const FIRST_CODE = 258;
const MAX_CODES = 4096;

/**
 * Undoes TIFF's LZW (compression 5): codes of 9 to 12 bits, highest bit first, each width left one
 * code early. TIFF 6.0, section 13.
 *
 * @param length Bytes that come out; what follows them is not read.
 * @throws {SthelarError} `CorruptData` for a code that cannot be, or too few bytes.
 */
export function decodeLzw(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(length);
  // The text of a code from 258 on stands in `out` already: the code before it and one more byte.
  const starts = new Int32Array(MAX_CODES);
  const lengths = new Int32Array(MAX_CODES);
  let next = FIRST_CODE, width = 9, filled = 0;
  let previousStart = 0, previousLength = 0;
  let bits = 0, bitCount = 0, at = 0;
  while (filled < length) {
    while (bitCount < width) {
      if (at === bytes.length) throw corrupt(`an end after ${filled} bytes`, `${length} bytes`);
      bits = ((bits << 8) | bytes[at++]) & 0xffffff;
      bitCount += 8;
    }
    bitCount -= width;
    const code = (bits >> bitCount) & ((1 << width) - 1);
    if (code === CLEAR) {
      next = FIRST_CODE;
      width = 9;
      previousLength = 0;
      continue;
    }
    if (code === END) throw corrupt(`the end code after ${filled} bytes`, `${length} bytes`);
    if (previousLength > 0 && next < MAX_CODES) {
      starts[next] = previousStart;
      lengths[next++] = previousLength + 1;
    }
    if (code >= next) throw corrupt(`code ${code}`, `a code below ${next}`);
    const start = filled;
    if (code < CLEAR) out[filled++] = code;
    else {
      const end = Math.min(length, filled + lengths[code]);
      // Byte by byte: the newest code's text runs into what is being written.
      for (let from = starts[code]; filled < end;) out[filled++] = out[from++];
    }
    previousStart = start;
    previousLength = filled - start;
    if (next >= (1 << width) - 1 && width < 12) width++;
  }
  return out;
}

function corrupt(found: string, expected: string) {
  return new SthelarError("CorruptData", { action: "Cannot undo LZW", found, expected });
}
