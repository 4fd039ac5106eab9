import { type ReduceOptions, reshape, sum } from "./broadcast.ts";
import { less } from "./compare.ts";
import { add, clip, div, log, mul, sqrt, square, sub, where } from "./elementwise.ts";
import { matmul } from "./linear.ts";
import type { Tensor, Vjp } from "./tape.ts";
import { misfit, requireFloat, type Shape } from "./tensor_type.ts";

/** Euclidean norm over axes (all by default); its gradient at 0 is not finite. */
export function norm(
  x: Tensor,
  axes?: number | readonly number[],
  options?: ReduceOptions,
): Tensor {
  return sqrt(sum(square(x), axes, options));
}

/**
 * Cosine of the angle between `a` and `b` along an axis; 0, with gradient 0, where one of them is
 * shorter than 1e-8 (as PyTorch's `cosine_similarity`).
 */
export function cosineSimilarity(
  a: Tensor,
  b: Tensor,
  axis: number,
  options?: ReduceOptions,
): Tensor {
  const length = (x: Tensor) =>
    sqrt(clip(sum(square(x), axis, options), 1e-16, Number.POSITIVE_INFINITY));
  return div(sum(mul(a, b), axis, options), mul(length(a), length(b)));
}

/**
 * Sum of each column, `(1, columns)`, as a product with ones: several times faster than
 * {@link sum} for tens to hundreds of columns.
 *
 * @param x `(rows, columns)`.
 */
export function columnSums(x: Tensor): Tensor {
  if (x.rank !== 2) throw misfit("columnSums", [x], "two axes");
  const [rows] = x.shape;
  const ones = x.tape.literal(new Array<number>(rows).fill(1), x.dtype);
  return matmul(reshape(ones, [1, rows]), x);
}

/** What {@link batchNorm} makes. */
export interface BatchNorm {
  readonly output: Tensor;
  /** Mean of each column, `(1, columns)`: for a running average. */
  readonly mean: Tensor;
  /** Variance of each column, divided by the number of rows, `(1, columns)`. */
  readonly variance: Tensor;
}

/**
 * Normalises each column by its mean and variance over the rows of the batch.
 *
 * @param x `(rows, columns)`.
 * @param scale `(1, columns)` or `(columns)`.
 * @param shift `(1, columns)` or `(columns)`.
 */
export function batchNorm(x: Tensor, scale: Tensor, shift: Tensor, epsilon = 1e-5): BatchNorm {
  const share = 1 / x.shape[0];
  const columnMean = mul(columnSums(x), share);
  const centred = sub(x, columnMean);
  const variance = mul(columnSums(square(centred)), share);
  const inverse = div(1, sqrt(add(variance, epsilon)));
  const normal = mul(centred, inverse);
  const output = x.tape.emit({
    operation: "batchNorm",
    onnx: "Add",
    inputs: [mul(normal, scale), shift],
    shape: x.shape,
    sources: [x, scale, shift],
    differentiation: batchNormGradients(normal, mul(inverse, scale), scale.shape, shift.shape),
  });
  return { output, mean: columnMean, variance };
}

/** Written out, as that takes half of the operations of differentiating each. */
function batchNormGradients(
  normal: Tensor,
  factor: Tensor,
  scaleShape: Shape,
  shiftShape: Shape,
): readonly Vjp[] {
  const sums = new Map<Tensor, { readonly byScale: Tensor; readonly byShift: Tensor }>();
  const sumsOf = (gradient: Tensor) => {
    const known = sums.get(gradient);
    if (known !== undefined) return known;
    const found = { byScale: columnSums(mul(gradient, normal)), byShift: columnSums(gradient) };
    sums.set(gradient, found);
    return found;
  };
  const share = 1 / normal.shape[0];
  return [
    (gradient) => {
      const { byScale, byShift } = sumsOf(gradient);
      const level = sub(gradient, mul(byShift, share));
      return mul(sub(level, mul(normal, mul(byScale, share))), factor);
    },
    (gradient) => reshape(sumsOf(gradient).byScale, scaleShape),
    (gradient) => reshape(sumsOf(gradient).byShift, shiftShape),
  ];
}

/** Stirling's series is used from here on. */
const LARGE = 12;
/** Below it, `lgamma(x) = lgamma(x + SHIFT) − log(x (x + 1) … (x + SHIFT − 1))`. */
const SHIFT = 6;

/**
 * Logarithm of the gamma function for `x > 0`, which ONNX lacks: Stirling's series with three
 * terms, above a shift. Its error is below 3e-9 in float64; in float32 that of rounding.
 */
export function lgamma(x: Tensor): Tensor {
  requireFloat("lgamma", x);
  const small = less(x, LARGE);
  const base = where(small, x, 1);
  let product = base;
  for (let i = 1; i < SHIFT; i++) product = mul(product, add(base, i));
  const argument = where(small, add(x, SHIFT), x);
  return sub(stirling(argument), where(small, log(product), 0));
}

function stirling(u: Tensor): Tensor {
  const inverse = div(1, u);
  const inverseSquare = square(inverse);
  const series = mul(
    inverse,
    add(1 / 12, mul(inverseSquare, add(-1 / 360, mul(inverseSquare, 1 / 1260)))),
  );
  const leading = sub(mul(sub(u, 0.5), log(u)), u);
  return add(add(leading, 0.5 * Math.log(2 * Math.PI)), series);
}
