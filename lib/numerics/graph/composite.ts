import { type ReduceOptions, sum } from "./broadcast.ts";
import { less } from "./compare.ts";
import { add, clip, div, log, mul, sqrt, square, sub, where } from "./elementwise.ts";
import { mean } from "./reduce.ts";
import type { Tensor } from "./tape.ts";
import { requireFloat } from "./tensor_type.ts";

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
  const columnMean = mean(x, 0, { keepDims: true });
  const centred = sub(x, columnMean);
  const variance = mean(square(centred), 0, { keepDims: true });
  const normal = div(centred, sqrt(add(variance, epsilon)));
  return { output: add(mul(normal, scale), shift), mean: columnMean, variance };
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
