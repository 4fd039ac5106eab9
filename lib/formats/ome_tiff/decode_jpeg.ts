import { messageOf, SthelarError } from "@/core/errors.ts";
import type { TileEncoding } from "./tile_encoding.ts";

const SOI = 0xd8, EOI = 0xd9, SOS = 0xda, APP0 = 0xe0, APP14 = 0xee, APP15 = 0xef;
/** An Adobe segment with transform 0: the three components are RGB. */
const ADOBE_RGB = Uint8Array.of(
  ...[0xff, APP14, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, 0],
);

/**
 * Decodes a JPEG tile, with the tables that its file keeps apart.
 *
 * Colours come out as `tifffile.imread` gives them: YCbCr as RGB; components of a photometric RGB
 * image as stored, unless a JFIF segment says that they are YCbCr.
 *
 * @returns Interleaved samples, (height, width, samples).
 * @throws {SthelarError} `CorruptData` for a stream that is damaged or of another size.
 */
export async function decodeJpeg(
  bytes: Uint8Array,
  encoding: TileEncoding,
): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height, samples } = encoding;
  const stream = completeStream(bytes, encoding);
  const { default: sharp } = await import("sharp");
  try {
    const image = sharp(stream, { failOn: "warning", limitInputPixels: width * height });
    const grey = samples === 1 ? image.toColourspace("b-w") : image;
    const { data, info } = await grey.raw().toBuffer({ resolveWithObject: true });
    if (info.channels !== samples || data.length !== width * height * samples) {
      throw corrupt(`${info.width} x ${info.height} x ${info.channels} values`, encoding);
    }
    return new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.length);
  } catch (cause) {
    if (cause instanceof SthelarError) throw cause;
    throw corrupt(messageOf(cause).trim().replaceAll("\n", "; "), encoding, cause);
  }
}

/** One stream from tables and tile, with the marker that tells libjpeg what the colours are. */
function completeStream(tile: Uint8Array, encoding: TileEncoding): Uint8Array {
  const parts: Uint8Array[] = [Uint8Array.of(0xff, SOI)];
  const isJfif = String.fromCharCode(...tile.subarray(6, 10)) === "JFIF";
  const forceRgb = encoding.colour === "rgb" && !isJfif;
  if (forceRgb) parts.push(ADOBE_RGB);
  if (encoding.jpegTables !== undefined) {
    collectSegments(encoding.jpegTables, encoding, forceRgb, parts);
  }
  const body = collectSegments(tile, encoding, forceRgb, parts);
  parts.push(tile.subarray(body));
  const stream = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    stream.set(part, at);
    at += part.length;
  }
  return stream;
}

/** Collects header segments; returns where the scan starts (or the tables end). */
function collectSegments(
  bytes: Uint8Array,
  encoding: TileEncoding,
  dropColourMarkers: boolean,
  parts: Uint8Array[],
): number {
  if (bytes[0] !== 0xff || bytes[1] !== SOI) throw corrupt("no JPEG start marker", encoding);
  let at = 2;
  while (at + 4 <= bytes.length) {
    const marker = bytes[at + 1];
    if (bytes[at] !== 0xff) throw corrupt(`byte ${bytes[at]} in place of a marker`, encoding);
    if (marker === SOS || marker === EOI) return at;
    if (marker === 0xff) {
      at++;
      continue;
    }
    const end = at + 2 + ((bytes[at + 2] << 8) | bytes[at + 3]);
    if (end > bytes.length) break;
    if (isFrame(marker)) expectFrame(bytes.subarray(at + 4, end), encoding);
    const isColourMarker = marker === APP0 || marker === APP14;
    const isApplication = marker >= APP0 && marker <= APP15;
    if (isColourMarker ? !dropColourMarkers : !isApplication) parts.push(bytes.subarray(at, end));
    at = end;
  }
  if (bytes[at] === 0xff && bytes[at + 1] === EOI) return at;
  throw corrupt(`the end of its header after ${bytes.length} bytes`, encoding);
}

/** SOF0 to SOF15, without the markers between them that are no frames (DHT, JPG, DAC). */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

function expectFrame(frame: Uint8Array, encoding: TileEncoding): void {
  const [precision] = frame;
  const height = (frame[1] << 8) | frame[2];
  const width = (frame[3] << 8) | frame[4];
  const found = `${precision}-bit JPEG of ${width} x ${height} x ${frame[5]}`;
  if (precision !== 8 && (precision === 12 || precision === 16)) {
    throw new SthelarError("UnsupportedVersion", {
      action: "Cannot decode a JPEG tile",
      found,
      expected: "8-bit",
    });
  }
  const agrees = width === encoding.width && height === encoding.height &&
    frame[5] === encoding.samples;
  if (!agrees) throw corrupt(found, encoding);
}

function corrupt(found: string, { width, height, samples }: TileEncoding, cause?: unknown) {
  return new SthelarError("CorruptData", {
    action: "Cannot decode a JPEG tile",
    found,
    expected: `a JPEG of ${width} x ${height} x ${samples}`,
    cause,
  });
}
