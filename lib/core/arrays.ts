/** The typed arrays that the formats store. */
export type NumericArray =
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

const CONSTRUCTORS = {
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  float32: Float32Array,
  float64: Float64Array,
} as const;

/** The names that numpy and zarr give to the number types. */
export type NumericDType = keyof typeof CONSTRUCTORS;

/** The number types, by name. */
export const NUMERIC_DTYPES = Object.keys(CONSTRUCTORS) as readonly NumericDType[];

/**
 * The name of an array's number type.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { dtypeOf } from "@/core/arrays.ts";
 *
 * assertEquals(dtypeOf(new BigInt64Array(1)), "int64");
 * ```
 */
export function dtypeOf(array: NumericArray): NumericDType {
  for (const dtype of NUMERIC_DTYPES) if (array instanceof CONSTRUCTORS[dtype]) return dtype;
  throw new TypeError(`Cannot name the number type of ${Object.prototype.toString.call(array)}`);
}

/** A zeroed array of `length` values of type `dtype`. */
export function allocate(dtype: NumericDType, length: number): NumericArray {
  return new CONSTRUCTORS[dtype](length);
}

/** An array of type `dtype` over bytes (copied if they are not aligned for it). */
export function viewAs(dtype: NumericDType, bytes: Uint8Array): NumericArray {
  const constructor = CONSTRUCTORS[dtype];
  const width = constructor.BYTES_PER_ELEMENT;
  const aligned = bytes.byteOffset % width === 0 ? bytes : bytes.slice();
  return new constructor(
    aligned.buffer as ArrayBuffer,
    aligned.byteOffset,
    aligned.byteLength / width,
  );
}

/** Bytes of one value of type `dtype`. */
export function bytesPerValue(dtype: NumericDType): number {
  return CONSTRUCTORS[dtype].BYTES_PER_ELEMENT;
}

/** How many values an array of this shape holds. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}

/** A dense array in C order. */
export interface DenseArray<A extends NumericArray = NumericArray> {
  /** `sizeOf(shape)` values, last axis fastest. */
  readonly data: A;
  /** Extents, slowest axis first. */
  readonly shape: readonly number[];
}
