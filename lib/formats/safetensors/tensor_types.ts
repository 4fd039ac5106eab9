import { allocate, type NumericArray, type NumericDType, viewAs } from "@/core/arrays.ts";

/** How the values of one of the format's types are read. */
interface TensorType {
  /** Bytes of a value. */
  readonly width: number;
  /** An array of the values; a view of the bytes where it can be. */
  readonly decode: (bytes: Uint8Array) => NumericArray;
}

const same = (dtype: NumericDType, width: number): TensorType => ({
  width,
  decode: (bytes) => viewAs(dtype, bytes),
});

/** The types that are read, by their names in the format. */
export const TENSOR_TYPES: ReadonlyMap<string, TensorType> = new Map([
  ["F64", same("float64", 8)],
  ["I64", same("int64", 8)],
  ["U64", same("uint64", 8)],
  ["F32", same("float32", 4)],
  ["I32", same("int32", 4)],
  ["U32", same("uint32", 4)],
  ["F16", { width: 2, decode: (bytes) => decodeHalves(bytes, halfOf) }],
  ["BF16", { width: 2, decode: (bytes) => decodeHalves(bytes, brainHalfOf) }],
  ["I16", same("int16", 2)],
  ["U16", same("uint16", 2)],
  ["I8", same("int8", 1)],
  ["U8", same("uint8", 1)],
  ["BOOL", same("uint8", 1)],
]);

/** The number types that are written, by their names in the format, in the order of their tensors. */
export const WRITTEN_TYPES: ReadonlyMap<NumericDType, string> = new Map([
  ["uint64", "U64"],
  ["int64", "I64"],
  ["float64", "F64"],
  ["float32", "F32"],
  ["uint32", "U32"],
  ["int32", "I32"],
  ["uint16", "U16"],
  ["int16", "I16"],
  ["int8", "I8"],
  ["uint8", "U8"],
]);

function decodeHalves(bytes: Uint8Array, valueOf: (bits: number) => number): NumericArray {
  const halves = viewAs("uint16", bytes) as Uint16Array;
  const values = allocate("float32", halves.length) as Float32Array;
  for (let i = 0; i < halves.length; i++) values[i] = valueOf(halves[i]);
  return values;
}

/** IEEE 754's half precision: 1 bit of sign, 5 of exponent, 10 of fraction. */
function halfOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = bits >> 10 & 0x1f, fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const WORD = new Uint32Array(1);
const FLOAT = new Float32Array(WORD.buffer);

/** The upper half of a float32. */
function brainHalfOf(bits: number): number {
  WORD[0] = bits << 16;
  return FLOAT[0];
}
