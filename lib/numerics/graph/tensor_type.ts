import { SthelarError } from "@/core/errors.ts";

/** The number types of tensors. */
export type DType = "float32" | "float64" | "int32" | "int64" | "bool";

/** Extents, slowest axis first; `[]` is a scalar. */
export type Shape = readonly number[];

/** Values of a tensor, last axis fastest; bool as bytes 0 and 1. */
export type TensorData =
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>
  | Int32Array<ArrayBuffer>
  | BigInt64Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>;

const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
} as const;

/** A zeroed array of `length` values. */
export function allocateTensor(dtype: DType, length: number): TensorData {
  return new ARRAYS[dtype](length);
}

/** Tells whether `data` is the array type that holds `dtype`. */
export function holds(dtype: DType, data: unknown): data is TensorData {
  return data instanceof ARRAYS[dtype];
}

/** Bytes of one value. */
export function bytesPerElement(dtype: DType): number {
  return ARRAYS[dtype].BYTES_PER_ELEMENT;
}

/** An array of `dtype` with these values. */
export function arrayOf(dtype: DType, values: readonly number[]): TensorData {
  if (dtype === "int64") return BigInt64Array.from(values, (value) => BigInt(value));
  return ARRAYS[dtype].from(values);
}

/** What a tensor is to those who check it. */
export interface TensorType {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** The error of an operation that does not fit its arguments. */
export function misfit(
  operation: string,
  inputs: readonly TensorType[],
  expected: string,
  found = inputs.map(({ shape, dtype }) => `${dtype} ${shapeText(shape)}`).join(" and "),
): SthelarError {
  const names = inputs.map(({ name }) => `"${name}"`).join(" and ");
  return new SthelarError("InvalidArgument", {
    action: `Cannot build ${operation}${names && ` of ${names}`}`,
    found,
    expected,
  });
}

/** A shape as errors write it. */
export function shapeText(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/** Tells whether two shapes are equal. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((extent, axis) => extent === b[axis]);
}

/** The shape of two that are broadcast together, or undefined where they don't fit. */
export function broadcastShape(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length);
  const shape = Array.from({ length: rank }, (_, axis) => {
    const x = a[a.length - rank + axis] ?? 1;
    const y = b[b.length - rank + axis] ?? 1;
    return x === y || y === 1 ? x : x === 1 ? y : Number.NaN;
  });
  return shape.some(Number.isNaN) ? undefined : shape;
}

/** Axes counted from the front; negative ones count from the back. */
export function normalAxes(
  operation: string,
  { name, shape, dtype }: TensorType,
  axes: number | readonly number[] | undefined,
): number[] {
  const rank = shape.length;
  const all = Array.from({ length: rank }, (_, axis) => axis);
  if (axes === undefined) return all;
  const wanted = (typeof axes === "number" ? [axes] : axes).map((a) => a < 0 ? a + rank : a);
  if (wanted.some((axis) => !all.includes(axis)) || new Set(wanted).size < wanted.length) {
    const found = `axes ${shapeText([axes].flat())} of ${shapeText(shape)}`;
    const expected = `distinct axes from ${-rank} to ${rank - 1}`;
    throw misfit(operation, [{ name, shape, dtype }], expected, found);
  }
  return wanted.toSorted((a, b) => a - b);
}

/** Refuses anything but floating-point tensors. */
export function requireFloat(operation: string, ...inputs: readonly TensorType[]): void {
  if (!inputs.every(({ dtype }) => dtype === "float32" || dtype === "float64")) {
    throw misfit(operation, inputs, "float32 or float64");
  }
}
