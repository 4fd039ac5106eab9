import { type DenseArray, dtypeOf, sizeOf, viewAs } from "@/core/arrays.ts";
import { SthelarError } from "@/core/errors.ts";
import { bytesOf, npyHeader, type NpyType, parseNpyHeader } from "./npy_header.ts";

/** Texts of an array in C order. */
export interface TextArray {
  /** The texts, without the zeros that pad them. */
  readonly texts: readonly string[];
  /** Extents; empty for a single text. */
  readonly shape: readonly number[];
  /** `bytes`: one byte a character (NumPy's `S`); `unicode`: four (`U`). */
  readonly encoding: "bytes" | "unicode";
}

/** What an `.npy` file holds; booleans come as 0 and 1. */
export type NpyArray = DenseArray | TextArray;

/**
 * Reads an `.npy` file.
 *
 * @param path For messages.
 * @throws {SthelarError} `CorruptData` or `UnsupportedVersion`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { npyBytes, parseNpy } from "@/formats/npz/mod.ts";
 *
 * const types = { texts: ["Heart", "Skin"], shape: [2], encoding: "unicode" as const };
 * assertEquals(parseNpy(npyBytes(types), "types.npy"), types);
 * ```
 */
export function parseNpy(bytes: Uint8Array, path: string): NpyArray {
  const { type, shape, offset } = parseNpyHeader(bytes, path);
  const expected = sizeOf(shape) * bytesOf(type);
  const values = bytes.subarray(offset);
  if (values.length !== expected) {
    throw new SthelarError("CorruptData", {
      action: `Cannot read "${path}"`,
      found: `${values.length} bytes of values`,
      expected: `${expected} for an array of ${shape.join(" x ") || "one value"}`,
      path,
    });
  }
  if (type.kind === "number") return { data: viewAs(type.dtype, values), shape };
  if (type.kind === "boolean") return { data: values.slice(), shape };
  return { texts: decodeTexts(values, sizeOf(shape), type), shape, encoding: type.kind };
}

/**
 * The content of an `.npy` file.
 *
 * @throws {SthelarError} `InvalidArgument` if the shape does not fit the values, or a text is no ASCII
 *   where a character is a byte.
 */
export function npyBytes(array: NpyArray): Uint8Array<ArrayBuffer> {
  const count = "texts" in array ? array.texts.length : array.data.length;
  if (count !== sizeOf(array.shape)) {
    throw invalid(`${count} values`, `${sizeOf(array.shape)} for the shape [${array.shape}]`);
  }
  if ("texts" in array) return textBytes(array);
  const header = npyHeader({ kind: "number", dtype: dtypeOf(array.data) }, array.shape);
  const { buffer, byteOffset, byteLength } = array.data;
  return joined(header, new Uint8Array(buffer, byteOffset, byteLength));
}

function textBytes({ texts, shape, encoding }: TextArray): Uint8Array<ArrayBuffer> {
  const characters = texts.map((text) => Array.from(text, (c) => c.codePointAt(0) as number));
  const width = Math.max(1, ...characters.map(({ length }) => length));
  const type: NpyType = { kind: encoding, characters: width };
  const values = new Uint8Array(texts.length * bytesOf(type));
  const view = new DataView(values.buffer);
  characters.forEach((points, i) => {
    points.forEach((point, k) => {
      if (encoding === "unicode") view.setUint32(4 * (i * width + k), point, true);
      else if (point < 0x80) values[i * width + k] = point;
      else throw invalid(`the text ${JSON.stringify(texts[i])}`, "ASCII");
    });
  });
  return joined(npyHeader(type, shape), values);
}

function decodeTexts(
  bytes: Uint8Array,
  count: number,
  { kind, characters }: { readonly kind: "bytes" | "unicode"; readonly characters: number },
): string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: count }, (_, i) => {
    let text = "";
    for (let k = i * characters; k < (i + 1) * characters; k++) {
      const point = kind === "bytes" ? bytes[k] : view.getUint32(4 * k, true);
      text += String.fromCodePoint(point > 0x10ffff ? 0xfffd : point);
    }
    return text.replace(/\0+$/, "");
  });
}

function joined(head: Uint8Array, values: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(head.length + values.length);
  bytes.set(head);
  bytes.set(values, head.length);
  return bytes;
}

function invalid(found: string, expected: string): SthelarError {
  return new SthelarError("InvalidArgument", {
    action: "Cannot write an .npy file",
    found,
    expected,
  });
}
