import { messageOf, SthelarError } from "@/core/errors.ts";
import { type CodestreamInfo, findCodestream, readCodestreamInfo } from "./jpeg2000_codestream.ts";
import type { TileEncoding, TileSamples } from "./tile_encoding.ts";

interface FrameInfo {
  readonly width: number;
  readonly height: number;
  readonly componentCount: number;
  readonly bitsPerSample: number;
  readonly isSigned: boolean;
}

/** What is used of openjpeg, as compiled to WebAssembly. */
interface OpenJpegDecoder {
  getEncodedBuffer(length: number): Uint8Array;
  decode(): void;
  getFrameInfo(): FrameInfo;
  getDecodedBuffer(): Uint8ClampedArray<ArrayBuffer>;
  delete(): void;
}

interface OpenJpeg {
  readonly J2KDecoder: new () => OpenJpegDecoder;
}

let loading: Promise<OpenJpeg> | undefined;
/** What openjpeg printed since it was last asked to decode. */
let printed: string[] = [];

/**
 * Decodes a JPEG 2000 tile.
 *
 * @returns Interleaved samples, (height, width, samples), the components as stored.
 * @throws {SthelarError} `CorruptData` for a stream that is damaged, cut short or of another size,
 * `UnsupportedVersion` for signed samples and for layouts that the decoder can't give back.
 */
export async function decodeJpeg2000(
  bytes: Uint8Array,
  encoding: TileEncoding,
): Promise<TileSamples> {
  const codestream = findCodestream(bytes);
  const info = readCodestreamInfo(codestream);
  expectReadable(info, encoding);
  const openJpeg = await load();
  const values = runDecoder(openJpeg, codestream, encoding);
  if (encoding.colour === "ycbcr" && !info.subsampled) convertYcbcrInPlace(values);
  return values;
}

function runDecoder(openJpeg: OpenJpeg, codestream: Uint8Array, encoding: TileEncoding) {
  const decoder = new openJpeg.J2KDecoder();
  printed = [];
  try {
    decoder.getEncodedBuffer(codestream.length).set(codestream);
    decoder.decode();
    const failure = printed.find((line) => line.startsWith("[ERROR]"));
    if (failure !== undefined) throw corrupt(failure.slice(8), encoding);
    return copyDecoded(decoder, encoding);
  } catch (cause) {
    // openjpeg leaks what it holds when it fails; a new instance starts with fresh memory.
    loading = undefined;
    if (cause instanceof SthelarError) throw cause;
    throw corrupt(messageOf(cause), encoding, cause);
  } finally {
    decoder.delete();
  }
}

function copyDecoded(decoder: OpenJpegDecoder, encoding: TileEncoding): TileSamples {
  const { bitsPerSample } = decoder.getFrameInfo();
  const decoded = decoder.getDecodedBuffer();
  const length = encoding.width * encoding.height * encoding.samples;
  const storedBytes = bitsPerSample <= 8 ? 1 : 2;
  if (decoded.length !== length * storedBytes) {
    throw corrupt(`${decoded.length} decoded bytes`, encoding);
  }
  // Some builds hand out a view of WebAssembly memory, which the next tile overwrites.
  const isOwn = decoded.byteLength === decoded.buffer.byteLength;
  const buffer = isOwn ? decoded.buffer : decoded.slice().buffer;
  if (storedBytes === 2) return new Uint16Array(buffer, 0, length);
  const values = new Uint8Array(buffer, 0, length);
  return encoding.dtype === "uint8" ? values : Uint16Array.from(values);
}

function load(): Promise<OpenJpeg> {
  return loading ??= (async () => {
    const { default: create } = await import("@cornerstonejs/codec-openjpeg/decodewasmjs");
    const print = (line: string) => {
      printed.push(line);
    };
    return await (create as (options: object) => Promise<OpenJpeg>)({ print, printErr: print });
  })();
}

function expectReadable(info: CodestreamInfo, encoding: TileEncoding): void {
  const { width, height, samples, dtype } = encoding;
  const found = `${info.bits}-bit JPEG 2000 of ${info.width} x ${info.height} x ${info.components}`;
  if (info.width !== width || info.height !== height || info.components !== samples) {
    throw corrupt(found, encoding);
  }
  if (info.signed || info.bits > 16) {
    throw unsupported(`${info.signed ? "signed " : ""}${found}`, "unsigned samples to 16 bits");
  }
  if (info.bits > (dtype === "uint8" ? 8 : 16)) throw corrupt(found, encoding);
  if (samples !== 1 && (samples !== 3 || info.bits > 8)) {
    throw unsupported(found, "1 component, or 3 of 8 bits; store channels as planes of their own");
  }
}

/** ITU-R BT.601, full range, as JFIF has it. */
function convertYcbcrInPlace(values: TileSamples): void {
  for (let i = 0; i < values.length; i += 3) {
    const y = values[i], cb = values[i + 1] - 128, cr = values[i + 2] - 128;
    values[i] = clampToByte(y + 1.402 * cr);
    values[i + 1] = clampToByte(y - 0.344136 * cb - 0.714136 * cr);
    values[i + 2] = clampToByte(y + 1.772 * cb);
  }
}

function clampToByte(value: number): number {
  return Math.max(0, Math.min(255, Math.round(value)));
}

function corrupt(found: string, { width, height, samples }: TileEncoding, cause?: unknown) {
  return new SthelarError("CorruptData", {
    action: "Cannot decode a JPEG 2000 tile",
    found,
    expected: `JPEG 2000 of ${width} x ${height} x ${samples}`,
    cause,
  });
}

function unsupported(found: string, expected: string) {
  return new SthelarError("UnsupportedVersion", {
    action: "Cannot decode a JPEG 2000 tile",
    found,
    expected,
  });
}
