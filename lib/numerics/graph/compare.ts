import { asTensors, type Operand, type Tensor } from "./tape.ts";
import { broadcastShape, type DType, misfit } from "./tensor_type.ts";

// Piecewise constant: their derivative is zero wherever it exists, so gradients stop here.

/** `a > b`, as bool. */
export function greater(a: Operand, b: Operand): Tensor {
  return comparison("greater", "Greater", a, b);
}

/** `a >= b`, as bool. */
export function greaterOrEqual(a: Operand, b: Operand): Tensor {
  return comparison("greaterOrEqual", "GreaterOrEqual", a, b);
}

/** `a < b`, as bool. */
export function less(a: Operand, b: Operand): Tensor {
  return comparison("less", "Less", a, b);
}

/** `a <= b`, as bool. */
export function lessOrEqual(a: Operand, b: Operand): Tensor {
  return comparison("lessOrEqual", "LessOrEqual", a, b);
}

/** `a == b`, as bool. */
export function equal(a: Operand, b: Operand): Tensor {
  return comparison("equal", "Equal", a, b);
}

/** True where both are. */
export function both(a: Tensor, b: Tensor): Tensor {
  if (a.dtype !== "bool" || b.dtype !== "bool") throw misfit("both", [a, b], "bool");
  return comparison("both", "And", a, b);
}

function comparison(operation: string, onnx: string, a: Operand, b: Operand): Tensor {
  const [x, y] = asTensors(operation, a, b);
  const shape = broadcastShape(x.shape, y.shape);
  if (shape === undefined || x.dtype !== y.dtype) {
    throw misfit(operation, [x, y], "one type, and shapes that broadcast");
  }
  const inputs = [x, y];
  return x.tape.emit({
    operation,
    onnx,
    inputs,
    shape,
    dtype: "bool",
    differentiation: "constant",
  });
}

/** −1, 0 or 1. */
export function sign(x: Tensor): Tensor {
  return x.tape.emit({
    operation: "sign",
    onnx: "Sign",
    inputs: [x],
    shape: x.shape,
    differentiation: "constant",
  });
}

const ONNX_TYPES: Readonly<Record<DType, number>> = {
  float32: 1,
  int32: 6,
  int64: 7,
  bool: 9,
  float64: 11,
};

/** The values in another number type; gradients pass between floating-point types only. */
export function cast(x: Tensor, dtype: DType): Tensor {
  if (x.dtype === dtype) return x;
  const float = [x.dtype, dtype].every((type) => type.startsWith("float"));
  return x.tape.emit({
    operation: "cast",
    onnx: "Cast",
    inputs: [x],
    shape: x.shape,
    dtype,
    attributes: { to: ONNX_TYPES[dtype] },
    differentiation: float ? [(gradient) => cast(gradient, x.dtype)] : "constant",
  });
}
