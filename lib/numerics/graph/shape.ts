import type { Tensor } from "./tape.ts";
import { misfit, normalAxes, type Shape, shapeText } from "./tensor_type.ts";

/**
 * Axes in another order.
 *
 * @param order The axis of `x` that becomes each axis of the result; the last two swapped by default.
 */
export function transpose(x: Tensor, order: readonly number[] = lastTwoSwapped(x)): Tensor {
  const sorted = normalAxes("transpose", x, order);
  if (sorted.length !== x.rank) {
    throw misfit("transpose", [x], `${x.rank} axes`, `axes ${shapeText(order)}`);
  }
  const axes = order.map((axis) => axis < 0 ? axis + x.rank : axis);
  const inverse = axes.map((_, axis) => axes.indexOf(axis));
  return x.tape.emit({
    operation: "transpose",
    onnx: "Transpose",
    inputs: [x],
    shape: axes.map((axis) => x.shape[axis]),
    attributes: { perm: axes },
    differentiation: [(gradient) => transpose(gradient, inverse)],
  });
}

function lastTwoSwapped(x: Tensor): number[] {
  if (x.rank < 2) throw misfit("transpose", [x], "at least two axes");
  const axes = Array.from({ length: x.rank }, (_, axis) => axis);
  return [...axes.slice(0, -2), x.rank - 1, x.rank - 2];
}

/** The part of `x` from `start` (inclusive) to `end` (exclusive) along an axis. */
export function slice(x: Tensor, axis: number, start: number, end: number): Tensor {
  const [along] = normalAxes("slice", x, axis);
  const extent = x.shape[along];
  if (
    !(Number.isSafeInteger(start) && Number.isSafeInteger(end) && 0 <= start && start < end &&
      end <= extent)
  ) {
    throw misfit("slice", [x], `a part of 0 to ${extent}`, `${start} to ${end} of axis ${axis}`);
  }
  if (end - start === extent) return x;
  const literal = (value: number) => x.tape.literal([value], "int64");
  return x.tape.emit({
    operation: "slice",
    onnx: "Slice",
    inputs: [x, literal(start), literal(end), literal(along)],
    shape: x.shape.map((full, i) => i === along ? end - start : full),
    differentiation: [
      (gradient) => pad(gradient, along, start, extent - end),
      undefined,
      undefined,
      undefined,
    ],
  });
}

/** Adds zeros along an axis, before and after. */
export function pad(x: Tensor, axis: number, before: number, after: number): Tensor {
  const [along] = normalAxes("pad", x, axis);
  const extent = x.shape[along];
  const pads = [before, after].flatMap((count) => x.shape.map((_, i) => i === along ? count : 0));
  return x.tape.emit({
    operation: "pad",
    onnx: "Pad",
    inputs: [x, x.tape.literal(pads, "int64")],
    shape: x.shape.map((full, i) => i === along ? before + full + after : full),
    differentiation: [(gradient) => slice(gradient, along, before, before + extent), undefined],
  });
}

/** Tensors one after another along an axis; their other extents are equal. */
export function concat(tensors: readonly Tensor[], axis: number): Tensor {
  if (tensors.length === 0) throw misfit("concat", [], "at least one tensor", "none");
  const [first] = tensors;
  const [along] = normalAxes("concat", first, axis);
  const others = (shape: Shape) => shapeText(shape.map((extent, i) => i === along ? 0 : extent));
  if (tensors.some((x) => x.dtype !== first.dtype || others(x.shape) !== others(first.shape))) {
    throw misfit("concat", tensors, `one type, and equal extents but for axis ${along}`);
  }
  const ends: number[] = [];
  for (const { shape } of tensors) ends.push((ends.at(-1) ?? 0) + shape[along]);
  const total = ends[ends.length - 1];
  return first.tape.emit({
    operation: "concat",
    onnx: "Concat",
    inputs: tensors,
    shape: first.shape.map((extent, i) => i === along ? total : extent),
    attributes: { axis: along },
    differentiation: tensors.map(({ shape }, i) => (gradient) =>
      slice(gradient, along, ends[i] - shape[along], ends[i])
    ),
  });
}
