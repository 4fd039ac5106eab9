import { constants, crc32, deflateSync } from "node:zlib";

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const RGB_8_BIT = [8, 2, 0, 0, 0];
/** Each pixel less the one above it: of the filters that which costs least, and small on tissue. */
const FILTER_UP = 2;
/** Differences of pixels hardly repeat: without a search for repeats files are smaller, and as fast. */
const DEFLATE = { level: 1, strategy: constants.Z_RLE } as const;

/**
 * The content of a PNG file of 8-bit red, green and blue; equal pictures give equal bytes.
 *
 * @param rgb Interleaved, `(height, width, 3)`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { decodePng, encodePng } from "@/formats/patches/mod.ts";
 *
 * const rgb = Uint8Array.of(255, 0, 0, 0, 128, 9);
 * const png = encodePng(rgb, 2, 1);
 * assertEquals(await decodePng(png, { width: 2, height: 1, path: "a.png" }), rgb);
 * ```
 */
export function encodePng(
  rgb: Uint8Array,
  width: number,
  height: number,
): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set(RGB_8_BIT, 8);
  const data = deflateSync(filterRows(rgb, 3 * width, height), DEFLATE);
  const chunks = [
    chunk("IHDR", header),
    chunk("IDAT", data),
    chunk("IEND", new Uint8Array()),
  ];
  const size = chunks.reduce((sum, { length }) => sum + length, SIGNATURE.length);
  const png = new Uint8Array(size);
  png.set(SIGNATURE);
  let at = SIGNATURE.length;
  for (const part of chunks) {
    png.set(part, at);
    at += part.length;
  }
  return png;
}

function filterRows(rgb: Uint8Array, rowBytes: number, height: number): Uint8Array {
  const filtered = new Uint8Array((rowBytes + 1) * height);
  for (let y = 0; y < height; y++) {
    const to = y * (rowBytes + 1) + 1, from = y * rowBytes;
    filtered[to - 1] = FILTER_UP;
    if (y === 0) {
      filtered.set(rgb.subarray(0, rowBytes), to);
      continue;
    }
    const above = from - rowBytes;
    for (let i = 0; i < rowBytes; i++) filtered[to + i] = rgb[from + i] - rgb[above + i];
  }
  return filtered;
}

function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = type.charCodeAt(i);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}
