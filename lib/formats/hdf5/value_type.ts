import type { NumericDType } from "@/core/arrays.ts";
import type { Metadata } from "h5wasm/node";

/** Type of the values of a dataset, or of a field of its records. */
export type Hdf5DType = NumericDType | "bool" | "string" | "records";

/** HDF5's numbers for the classes of types. */
export const TYPE_CLASS = {
  integer: 0,
  float: 1,
  string: 3,
  compound: 6,
  enum: 8,
  array: 10,
} as const;

/**
 * Names a stored type.
 *
 * @returns `undefined` for a type that is not read (references, bit fields, float16).
 */
export function valueTypeOf(metadata: Metadata): Hdf5DType | undefined {
  const { type, size, signed } = metadata;
  if (type === TYPE_CLASS.string) return "string";
  if (type === TYPE_CLASS.compound) return "records";
  if (type === TYPE_CLASS.array && metadata.array_type) return valueTypeOf(metadata.array_type);
  if (type === TYPE_CLASS.enum) {
    const members = metadata.enum_type?.members ?? {};
    const isBoolean = Object.keys(members).length === 2 && members.FALSE === 0 &&
      members.TRUE === 1;
    return isBoolean && size === 1 ? "bool" : integer(size, signed);
  }
  if (type === TYPE_CLASS.integer) return integer(size, signed);
  if (type === TYPE_CLASS.float) return size === 4 ? "float32" : size === 8 ? "float64" : undefined;
  return undefined;
}

/**
 * Makes the library decode texts as UTF-8: old writers stored UTF-8 and declared ASCII.
 *
 * @param metadata Changed in place; the library decodes by it.
 */
export function decodeAsUtf8InPlace(metadata: Metadata): void {
  if (metadata.type === TYPE_CLASS.string) metadata.cset = 1;
  for (const member of metadata.compound_type?.members ?? []) decodeAsUtf8InPlace(member);
}

function integer(size: number, signed: boolean): NumericDType | undefined {
  const bits = 8 * size;
  return [8, 16, 32, 64].includes(bits)
    ? `${signed ? "int" : "uint"}${bits}` as NumericDType
    : undefined;
}
