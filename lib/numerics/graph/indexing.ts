import { broadcastTo, reshape } from "./broadcast.ts";
import { cast } from "./compare.ts";
import type { Tensor } from "./tape.ts";
import { type DType, misfit, normalAxes } from "./tensor_type.ts";

/**
 * Rows of `x` by their number.
 *
 * @param x `(rows, …)`.
 * @param indices int32 or int64, `(n)`; a number outside `x` fails when the program runs.
 * @returns `(n, …)`.
 */
export function gather(x: Tensor, indices: Tensor): Tensor {
  requireIndices("gather", indices);
  if (x.rank < 1 || indices.rank !== 1) throw misfit("gather", [x, indices], "rows, and one axis");
  return x.tape.emit({
    operation: "gather",
    onnx: "Gather",
    inputs: [x, indices],
    shape: [indices.shape[0], ...x.shape.slice(1)],
    dtype: x.dtype,
    attributes: { axis: 0 },
    differentiation: [(gradient) => scatterAdd(gradient, indices, x.shape[0]), undefined],
  });
}

/**
 * Zeros, with each row of `updates` added at its place; rows of one place add up in order.
 *
 * @param updates `(n, …)`.
 * @param indices int32 or int64, `(n)`.
 * @returns `(rows, …)`.
 */
export function scatterAdd(updates: Tensor, indices: Tensor, rows: number): Tensor {
  requireIndices("scatterAdd", indices);
  if (indices.rank !== 1 || updates.shape[0] !== indices.shape[0]) {
    throw misfit("scatterAdd", [updates, indices], "as many rows as indices");
  }
  const shape = [rows, ...updates.shape.slice(1)];
  const column = reshape(indices, [indices.shape[0], ...updates.shape.slice(1).map(() => 1)]);
  const zeros = broadcastTo(updates.tape.literal(0, updates.dtype), shape);
  return updates.tape.emit({
    operation: "scatterAdd",
    onnx: "ScatterElements",
    inputs: [zeros, broadcastTo(column, updates.shape), updates],
    shape,
    attributes: { axis: 0, reduction: "add" },
    differentiation: [undefined, undefined, (gradient) => gather(gradient, indices)],
  });
}

/** Options of {@link topK}. */
export interface TopKOptions {
  /** The axis (default the last). */
  readonly axis?: number;
  /** The largest (default) or the smallest. */
  readonly largest?: boolean;
}

/**
 * The `k` largest or smallest values along an axis, sorted; of equal ones the first. Has no
 * gradient.
 *
 * @returns Values, and their places as int64.
 */
export function topK(
  x: Tensor,
  k: number,
  { axis = -1, largest = true }: TopKOptions = {},
): { readonly values: Tensor; readonly indices: Tensor } {
  const [along] = normalAxes("topK", x, axis);
  if (!Number.isSafeInteger(k) || k < 1 || k > x.shape[along]) {
    throw misfit("topK", [x], `k from 1 to ${x.shape[along]}`, `k ${k}`);
  }
  const shape = x.shape.map((extent, i) => i === along ? k : extent);
  const [values, indices] = x.tape.emitMany({
    operation: "topK",
    onnx: "TopK",
    inputs: [x, x.tape.literal([k], "int64")],
    attributes: { axis: along, largest: largest ? 1 : 0, sorted: 1 },
    differentiation: "refused",
  }, [{ shape, dtype: x.dtype }, { shape, dtype: "int64" }]);
  return { values, indices };
}

/**
 * A row of zeros with a one at each index (a negative one counts from the back; the row of an index
 * beyond `depth` stays zero).
 *
 * @param indices int32 or int64.
 * @returns `(…indices, depth)`.
 */
export function oneHot(indices: Tensor, depth: number, dtype: DType = "float32"): Tensor {
  requireIndices("oneHot", indices);
  const { tape } = indices;
  return tape.emit({
    operation: "oneHot",
    onnx: "OneHot",
    inputs: [
      cast(indices, "int64"),
      tape.literal([depth], "int64"),
      tape.literal([0, 1], dtype),
    ],
    shape: [...indices.shape, depth],
    dtype,
    attributes: { axis: -1 },
    differentiation: "constant",
  });
}

function requireIndices(operation: string, indices: Tensor): void {
  if (indices.dtype !== "int64" && indices.dtype !== "int32") {
    throw misfit(operation, [indices], "int32 or int64 indices");
  }
}
