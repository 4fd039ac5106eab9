import { SthelarError } from "@/core/errors.ts";

/** What is used of openjpeg, as compiled to WebAssembly. */
interface OpenJpegEncoder {
  getDecodedBuffer(frame: object): Uint8Array;
  setDecompositions(levels: number): void;
  setQuality(lossless: boolean, quality: number): void;
  encode(): void;
  getEncodedBuffer(): Uint8Array;
  delete(): void;
}

interface OpenJpeg {
  readonly J2KEncoder: new () => OpenJpegEncoder;
}

let loading: Promise<OpenJpeg> | undefined;
const DECOMPOSITIONS = 5;

/**
 * Encodes samples as a lossless JPEG 2000 codestream (reversible 5/3 wavelet).
 *
 * @param samples One or three components, interleaved, (height, width, samples).
 */
export async function encodeJpeg2000(
  samples: Uint8Array | Uint16Array,
  width: number,
  height: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const { J2KEncoder } = await load();
  const encoder = new J2KEncoder();
  try {
    const componentCount = samples.length / (width * height);
    encoder.getDecodedBuffer({
      width,
      height,
      bitsPerSample: samples.BYTES_PER_ELEMENT * 8,
      componentCount,
      isSigned: false,
      isUsingColorTransform: componentCount === 3,
    }).set(new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength));
    const shorter = Math.min(width, height);
    encoder.setDecompositions(Math.min(DECOMPOSITIONS, Math.floor(Math.log2(shorter))));
    encoder.setQuality(true, 0);
    encoder.encode();
    const encoded = new Uint8Array(encoder.getEncodedBuffer());
    if (encoded[0] === 0xff && encoded[1] === 0x4f) return encoded;
    throw new SthelarError("CorruptData", {
      action: `Cannot encode a JPEG 2000 tile of ${width} x ${height}`,
      found: `${encoded.length} bytes that are no codestream`,
    });
  } finally {
    encoder.delete();
  }
}

function load(): Promise<OpenJpeg> {
  return loading ??= (async () => {
    const { default: create } = await import("@cornerstonejs/codec-openjpeg/wasmjs");
    const silent = { print() {}, printErr() {} };
    return await (create as (options: object) => Promise<OpenJpeg>)(silent);
  })();
}
