import { bytesPerValue, NUMERIC_DTYPES, type NumericDType } from "@/core/arrays.ts";

/** One field of a structured type. */
export interface RecordField {
  /** The field's name. */
  readonly name: string;
  /** First byte of the field in a record. */
  readonly offset: number;
  /** What it holds. */
  readonly type: NumericType | FixedTextType;
}

/** A number type. */
export interface NumericType {
  readonly kind: "numeric";
  readonly dtype: NumericDType;
  readonly bigEndian: boolean;
  readonly bytes: number;
}

/** Texts of a fixed number of bytes, padded with zeros. */
export interface FixedTextType {
  readonly kind: "text";
  readonly encoding: "utf32" | "utf32-big" | "bytes";
  readonly bytes: number;
}

/** The value types that are read, as the metadata of zarr v2 and v3 spell them. */
export type StoredType =
  | NumericType
  | FixedTextType
  | { readonly kind: "float16" }
  | { readonly kind: "bool" }
  | { readonly kind: "string" }
  | { readonly kind: "records"; readonly fields: readonly RecordField[]; readonly bytes: number };

const NUMPY_NAMES: Readonly<Record<string, NumericDType>> = {
  i1: "int8",
  i2: "int16",
  i4: "int32",
  i8: "int64",
  u1: "uint8",
  u2: "uint16",
  u4: "uint32",
  u8: "uint64",
  f4: "float32",
  f8: "float64",
};

/**
 * Reads the `dtype` of zarr v2: numpy's spelling, or a list of fields.
 *
 * @returns `undefined` for a type that is not read.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseTypeV2 } from "@/formats/zarr/stored_type.ts";
 *
 * assertEquals(parseTypeV2("<U3"), { kind: "text", encoding: "utf32", bytes: 12 });
 * ```
 */
export function parseTypeV2(dtype: unknown): StoredType | undefined {
  if (Array.isArray(dtype)) {
    return records(dtype.map((field) => [field?.[0], parseTypeV2(field?.[1])]));
  }
  if (dtype === "|O") return { kind: "string" };
  const match = /^([<>|])([biufSU])(\d{1,9})$/.exec(String(dtype));
  if (match === null) return undefined;
  const [, order, letter, digits] = match;
  const name = `${letter}${digits}`;
  if (name === "b1") return { kind: "bool" };
  if (name === "f2") return { kind: "float16" };
  if (letter === "S") return { kind: "text", encoding: "bytes", bytes: Number(digits) };
  if (letter === "U") {
    const encoding = order === ">" ? "utf32-big" : "utf32";
    return { kind: "text", encoding, bytes: 4 * Number(digits) };
  }
  return name in NUMPY_NAMES ? numeric(NUMPY_NAMES[name], order === ">") : undefined;
}

/**
 * Reads the `data_type` of zarr v3: a name, or a name with a configuration.
 *
 * @returns `undefined` for a type that is not read.
 */
export function parseTypeV3(dataType: unknown): StoredType | undefined {
  if (typeof dataType === "string") {
    if (dataType === "bool") return { kind: "bool" };
    if (dataType === "string") return { kind: "string" };
    if (dataType === "float16") return { kind: "float16" };
    const isNumeric = NUMERIC_DTYPES.includes(dataType as NumericDType);
    return isNumeric ? numeric(dataType as NumericDType, false) : undefined;
  }
  const { name, configuration } = (dataType ?? {}) as {
    name?: unknown;
    configuration?: { length_bytes?: unknown; fields?: unknown };
  };
  const bytes = configuration?.length_bytes;
  if (Number.isSafeInteger(bytes) && (bytes as number) >= 0) {
    if (name === "fixed_length_utf32") return fixedText("utf32", bytes as number);
    if (name === "null_terminated_bytes") return fixedText("bytes", bytes as number);
  }
  if (name === "structured" && Array.isArray(configuration?.fields)) {
    return records(configuration.fields.map((field) => [field?.[0], parseTypeV3(field?.[1])]));
  }
  return undefined;
}

function numeric(dtype: NumericDType, bigEndian: boolean): NumericType {
  return { kind: "numeric", dtype, bigEndian, bytes: bytesPerValue(dtype) };
}

function fixedText(encoding: "utf32" | "bytes", bytes: number): FixedTextType {
  return { kind: "text", encoding, bytes };
}

function records(
  members: readonly (readonly [name: unknown, type: StoredType | undefined])[],
): StoredType | undefined {
  const fields: RecordField[] = [];
  let offset = 0;
  for (const [name, type] of members) {
    const flat = type?.kind === "bool" ? numeric("uint8", false) : type;
    if (flat === undefined || (flat.kind !== "numeric" && flat.kind !== "text")) return undefined;
    fields.push({ name: String(name), offset, type: flat });
    offset += flat.bytes;
  }
  return { kind: "records", fields, bytes: offset };
}
