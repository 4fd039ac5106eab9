import { broadcastTo, type ReduceOptions, reshape, sum } from "./broadcast.ts";
import { cast, equal } from "./compare.ts";
import { div, exp, log, mul, neg, sub } from "./elementwise.ts";
import type { Tensor } from "./tape.ts";
import { normalAxes, requireFloat } from "./tensor_type.ts";

/** Mean over axes (all by default). */
export function mean(
  x: Tensor,
  axes?: number | readonly number[],
  options?: ReduceOptions,
): Tensor {
  const total = sum(x, axes, options);
  return mul(total, total.size / x.size);
}

/** Largest value over axes (all by default); equal ones share the gradient. */
export function max(x: Tensor, axes?: number | readonly number[], options?: ReduceOptions): Tensor {
  return extreme("max", "ReduceMax", x, axes, options);
}

/** Smallest value over axes (all by default); equal ones share the gradient. */
export function min(x: Tensor, axes?: number | readonly number[], options?: ReduceOptions): Tensor {
  return extreme("min", "ReduceMin", x, axes, options);
}

/** Softmax along an axis (the last by default). */
export function softmax(x: Tensor, axis = -1): Tensor {
  requireFloat("softmax", x);
  const [along] = normalAxes("softmax", x, axis);
  return x.tape.emit({
    operation: "softmax",
    onnx: "Softmax",
    inputs: [x],
    shape: x.shape,
    attributes: { axis: along },
    differentiation: [(gradient, y) => {
      const total = sum(mul(gradient, y), along, { keepDims: true });
      return mul(y, sub(gradient, total));
    }],
  });
}

/** Logarithm of the softmax along an axis (the last by default). */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  requireFloat("logSoftmax", x);
  const [along] = normalAxes("logSoftmax", x, axis);
  return x.tape.emit({
    operation: "logSoftmax",
    onnx: "LogSoftmax",
    inputs: [x],
    shape: x.shape,
    attributes: { axis: along },
    differentiation: [
      (gradient, y) => sub(gradient, mul(exp(y), sum(gradient, along, { keepDims: true }))),
    ],
  });
}

/** `log Σ e^x` along an axis (the last by default), without overflow. */
export function logSumExp(x: Tensor, axis = -1, { keepDims = false }: ReduceOptions = {}): Tensor {
  const top = max(x, axis, { keepDims: true });
  const shifted = log(sum(exp(sub(x, top)), axis, { keepDims: true }));
  const result = sub(shifted, neg(top));
  const [along] = normalAxes("logSumExp", x, axis);
  return keepDims ? result : reshape(result, x.shape.filter((_, i) => i !== along));
}

/** Place of the largest value along an axis (the last by default), int64; the first of equals. */
export function argMax(x: Tensor, axis = -1): Tensor {
  return argExtreme("argMax", "ArgMax", x, axis);
}

/** Place of the smallest value along an axis (the last by default), int64; the first of equals. */
export function argMin(x: Tensor, axis = -1): Tensor {
  return argExtreme("argMin", "ArgMin", x, axis);
}

function argExtreme(operation: string, onnx: string, x: Tensor, axis: number): Tensor {
  const [along] = normalAxes(operation, x, axis);
  return x.tape.emit({
    operation,
    onnx,
    inputs: [x],
    shape: x.shape.filter((_, i) => i !== along),
    dtype: "int64",
    attributes: { axis: along, keepdims: 0 },
    differentiation: "constant",
  });
}

function extreme(
  operation: string,
  onnx: string,
  x: Tensor,
  axes: number | readonly number[] | undefined,
  { keepDims = false }: ReduceOptions = {},
): Tensor {
  requireFloat(operation, x);
  const reduced = normalAxes(operation, x, axes);
  if (reduced.length === 0) return x;
  const kept = x.shape.map((extent, axis) => reduced.includes(axis) ? 1 : extent);
  return x.tape.emit({
    operation,
    onnx,
    inputs: [x, x.tape.literal(reduced, "int64")],
    shape: keepDims ? kept : x.shape.filter((_, axis) => !reduced.includes(axis)),
    attributes: { keepdims: keepDims ? 1 : 0 },
    differentiation: [(gradient, output) => {
      const chosen = cast(equal(x, reshape(output, kept)), x.dtype);
      const share = div(reshape(gradient, kept), sum(chosen, reduced, { keepDims: true }));
      return mul(chosen, broadcastTo(share, x.shape));
    }, undefined],
  });
}
