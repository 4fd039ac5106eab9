import { SthelarError } from "@/core/errors.ts";

/** What a JPEG 2000 codestream's SIZ segment says. */
export interface CodestreamInfo {
  readonly width: number;
  readonly height: number;
  readonly components: number;
  /** Bits of the widest component. */
  readonly bits: number;
  readonly signed: boolean;
  /** Some component is stored at a lower resolution. */
  readonly subsampled: boolean;
}

const SOC = 0xff4f, SIZ = 0xff51;
const BOX_SIGNATURE = 0x6a502020, BOX_CODESTREAM = 0x6a703263;

/** The codestream itself: what is inside the `jp2c` box where a tile is a whole JP2 file. */
export function findCodestream(bytes: Uint8Array): Uint8Array {
  const view = viewOf(bytes);
  if (bytes.length < 12 || view.getUint32(4) !== BOX_SIGNATURE) return bytes;
  for (let at = 0; at + 8 <= bytes.length;) {
    const shortBytes = view.getUint32(at);
    const isLong = shortBytes === 1 && at + 16 <= bytes.length;
    const headBytes = isLong ? 16 : 8;
    const boxBytes = isLong ? Number(view.getBigUint64(at + 8)) : shortBytes;
    const end = shortBytes === 0 ? bytes.length : at + boxBytes;
    if (end > bytes.length || end < at + headBytes) break;
    if (view.getUint32(at + 4) === BOX_CODESTREAM) return bytes.subarray(at + headBytes, end);
    at = end;
  }
  throw corrupt("a JP2 file whose codestream is missing or cut short");
}

/**
 * Reads the SIZ segment, so that a stream of another size is refused before it is decoded.
 *
 * @throws {SthelarError} `CorruptData` for anything but the start of a codestream.
 */
export function readCodestreamInfo(bytes: Uint8Array): CodestreamInfo {
  const view = viewOf(bytes);
  if (bytes.length < 45 || view.getUint16(0) !== SOC || view.getUint16(2) !== SIZ) {
    throw corrupt("no JPEG 2000 start");
  }
  const components = view.getUint16(40);
  if (components === 0 || 42 + 3 * components > bytes.length) {
    throw corrupt(`${components} components in ${bytes.length} bytes`);
  }
  let bits = 0, signed = false, subsampled = false;
  for (let c = 0; c < components; c++) {
    const precision = bytes[42 + 3 * c];
    bits = Math.max(bits, (precision & 0x7f) + 1);
    signed ||= (precision & 0x80) !== 0;
    subsampled ||= bytes[43 + 3 * c] !== 1 || bytes[44 + 3 * c] !== 1;
  }
  return {
    width: view.getUint32(8) - view.getUint32(16),
    height: view.getUint32(12) - view.getUint32(20),
    components,
    bits,
    signed,
    subsampled,
  };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function corrupt(found: string) {
  return new SthelarError("CorruptData", {
    action: "Cannot decode a JPEG 2000 tile",
    found,
    expected: "a JPEG 2000 codestream",
  });
}
