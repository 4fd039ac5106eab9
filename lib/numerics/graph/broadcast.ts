import type { Tensor } from "./tape.ts";
import {
  broadcastShape,
  misfit,
  normalAxes,
  requireFloat,
  sameShape,
  type Shape,
  shapeText,
} from "./tensor_type.ts";
import { sizeOf } from "@/core/arrays.ts";

/** The same values in another shape. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  if (sizeOf(shape) !== x.size) {
    throw misfit("reshape", [x], `a shape of ${x.size} values`, shapeText(shape));
  }
  return x.tape.emit({
    operation: "reshape",
    onnx: "Reshape",
    inputs: [x, x.tape.literal(shape, "int64")],
    shape,
    differentiation: [(gradient) => reshape(gradient, x.shape), undefined],
  });
}

/** Repeats `x` along axes of extent 1, and along new leading axes, to fill `shape`. */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const common = broadcastShape(x.shape, shape);
  if (common === undefined || !sameShape(common, shape)) {
    throw misfit("broadcastTo", [x], `a shape that broadcasts to ${shapeText(shape)}`);
  }
  return x.tape.emit({
    operation: "broadcastTo",
    onnx: "Expand",
    inputs: [x, x.tape.literal(shape, "int64")],
    shape,
    differentiation: [(gradient) => sumTo(gradient, x.shape), undefined],
  });
}

/** Options of a reduction. */
export interface ReduceOptions {
  /** Keeps the reduced axes with extent 1, so that the result broadcasts (default false). */
  readonly keepDims?: boolean;
}

/**
 * Sums over axes.
 *
 * @param axes Axes (negative ones count from the back); all by default.
 */
export function sum(
  x: Tensor,
  axes?: number | readonly number[],
  { keepDims = false }: ReduceOptions = {},
): Tensor {
  requireFloat("sum", x);
  const reduced = normalAxes("sum", x, axes);
  if (reduced.length === 0) return x;
  const kept = x.shape.map((extent, axis) => reduced.includes(axis) ? 1 : extent);
  return x.tape.emit({
    operation: "sum",
    onnx: "ReduceSum",
    inputs: [x, x.tape.literal(reduced, "int64")],
    shape: keepDims ? kept : x.shape.filter((_, axis) => !reduced.includes(axis)),
    attributes: { keepdims: keepDims ? 1 : 0 },
    differentiation: [(gradient) => broadcastTo(reshape(gradient, kept), x.shape), undefined],
  });
}

/** Undoes a broadcast in a gradient: sums over the axes that were repeated. */
export function sumTo(gradient: Tensor, shape: Shape): Tensor {
  const lead = gradient.rank - shape.length;
  const repeated = gradient.shape.flatMap((extent, axis) =>
    axis < lead || (shape[axis - lead] === 1 && extent !== 1) ? [axis] : []
  );
  if (repeated.length === 0) return gradient;
  return reshape(sum(gradient, repeated, { keepDims: true }), shape);
}

/** The tensor that `x` repeats, if the result of an operation has `shape` without repeating it. */
export function unexpanded(x: Tensor, other: Shape, shape: Shape): Tensor {
  const node = x.tape.producer(x);
  if (node?.operation !== "broadcastTo") return x;
  const source = node.inputs[0];
  const without = broadcastShape(source.shape, other);
  return without !== undefined && sameShape(without, shape) ? source : x;
}
