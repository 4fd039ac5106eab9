import { bytesPerValue, type NumericDType, sizeOf } from "@/core/arrays.ts";
import { type ErrorTag, SthelarError } from "@/core/errors.ts";

/*
 * | version | length of the header | its encoding |
 * |---------|----------------------|--------------|
 * | 1.0     | 16 bits              | latin-1      |
 * | 2.0     | 32 bits              | latin-1      |
 * | 3.0     | 32 bits              | UTF-8        |
 *
 * The header is a Python dict with `descr`, `fortran_order` and `shape`, padded with spaces and a line
 * feed to a multiple of 64 bytes. 1.0 is written: NumPy does unless the header is very long.
 */

/** How the values of an array are stored. */
export type NpyType =
  | { readonly kind: "number"; readonly dtype: NumericDType }
  | { readonly kind: "boolean" }
  /** `bytes`: one byte a character (`S`); `unicode`: four (`U`). */
  | { readonly kind: "bytes" | "unicode"; readonly characters: number };

/** What the header of an `.npy` file says. */
export interface NpyHeader {
  readonly type: NpyType;
  /** Extents; empty for a single value. */
  readonly shape: readonly number[];
  /** Where the values begin. */
  readonly offset: number;
}

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
const ALIGNMENT = 64;
const PREFIX_BYTES = 10;
/** Longer than any header; what a header may take is read before its length is known. */
export const MAX_HEADER_BYTES = 4096;

const CODES: Readonly<Record<NumericDType, string>> = {
  int8: "|i1",
  int16: "<i2",
  int32: "<i4",
  int64: "<i8",
  uint8: "|u1",
  uint16: "<u2",
  uint32: "<u4",
  uint64: "<u8",
  float32: "<f4",
  float64: "<f8",
};
const DTYPES = new Map(Object.entries(CODES).map(([dtype, code]) => [code, dtype as NumericDType]));

/** Bytes of one value. */
export function bytesOf(type: NpyType): number {
  if (type.kind === "number") return bytesPerValue(type.dtype);
  if (type.kind === "boolean") return 1;
  return type.kind === "bytes" ? type.characters : 4 * type.characters;
}

/**
 * Reads the header of an `.npy` file.
 *
 * @param bytes Its first bytes: all, or at least {@link MAX_HEADER_BYTES}.
 * @param path For messages.
 * @throws {SthelarError} `CorruptData` for what is no such file, `UnsupportedVersion` for objects,
 *   records, big-endian numbers and arrays in Fortran order.
 */
export function parseNpyHeader(bytes: Uint8Array, path: string): NpyHeader {
  const fail = (tag: ErrorTag, found: string, expected: string, remedy?: string): never => {
    const action = `Cannot read "${path}"`;
    throw new SthelarError(tag, {
      action,
      found,
      expected,
      path,
      ...remedy === undefined ? {} : { remedy },
    });
  };
  if (bytes.length < PREFIX_BYTES + 2 || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    fail("CorruptData", `${bytes.length} bytes without the signature of NumPy`, "an .npy file");
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const major = bytes[6];
  if (major < 1 || major > 3) fail("UnsupportedVersion", `version ${major}`, "version 1, 2 or 3");
  const start = major === 1 ? PREFIX_BYTES : PREFIX_BYTES + 2;
  const offset = start + (major === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (offset > bytes.length) fail("CorruptData", "a header that is cut short", "a whole one");
  const text = new TextDecoder().decode(bytes.subarray(start, offset)).trim();
  const descr = /'descr':\s*'([^']*)'/.exec(text)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(text)?.[1];
  const shapeText = /'shape':\s*\(([\d,\sL]*)\)/.exec(text)?.[1];
  if (order === undefined || shapeText === undefined || !text.startsWith("{")) {
    return fail("CorruptData", `the header ${JSON.stringify(text.slice(0, 80))}`, "NumPy's");
  }
  const type = descr === undefined ? undefined : typeOf(descr);
  if (type === undefined) {
    return fail(
      "UnsupportedVersion",
      `the type ${descr ?? "of records"}`,
      "little-endian numbers, booleans or texts",
    );
  }
  const shape = [...shapeText.matchAll(/\d+/g)].map(([digits]) => Number(digits));
  if (!Number.isSafeInteger(sizeOf(shape) * bytesOf(type))) {
    fail("CorruptData", `an array of ${shape.join(" x ")}`, "one that fits a disk");
  }
  if (order === "True" && shape.filter((extent) => extent > 1).length > 1) {
    fail(
      "UnsupportedVersion",
      "an array in Fortran order",
      "C order",
      "store np.ascontiguousarray of it",
    );
  }
  return { type, shape, offset };
}

function typeOf(descr: string): NpyType | undefined {
  const dtype = DTYPES.get(descr) ?? DTYPES.get(descr.replace(/^[<=]/, "|"));
  if (dtype !== undefined) return { kind: "number", dtype };
  if (descr === "|b1") return { kind: "boolean" };
  const text = /^[|<]([SU])(\d{1,9})$/.exec(descr);
  if (text === null) return undefined;
  return { kind: text[1] === "S" ? "bytes" : "unicode", characters: Number(text[2]) };
}

/** The header of an `.npy` file, as NumPy writes it. */
export function npyHeader(type: NpyType, shape: readonly number[]): Uint8Array<ArrayBuffer> {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
  const dict = `{'descr': '${codeOf(type)}', 'fortran_order': False, 'shape': ${tuple}, }`;
  // NumPy leaves room for the first extent to grow.
  const growth = shape.length === 0 ? 0 : Math.max(0, 21 - String(shape[0]).length);
  const unpadded = PREFIX_BYTES + dict.length + growth + 1;
  const total = Math.ceil(unpadded / ALIGNMENT) * ALIGNMENT;
  const bytes = new Uint8Array(total).fill(0x20);
  bytes.set(MAGIC);
  bytes.set([1, 0, (total - PREFIX_BYTES) & 0xff, (total - PREFIX_BYTES) >> 8], MAGIC.length);
  bytes.set(new TextEncoder().encode(dict), PREFIX_BYTES);
  bytes[total - 1] = 0x0a;
  return bytes;
}

function codeOf(type: NpyType): string {
  if (type.kind === "number") return CODES[type.dtype];
  if (type.kind === "boolean") return "|b1";
  return `${type.kind === "bytes" ? "|S" : "<U"}${type.characters}`;
}
