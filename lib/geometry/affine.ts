import { SthelarError } from "@/core/errors.ts";
import type { MultiPolygons } from "@/core/polygons.ts";

/** `[a, b, c, d, e, f]`: x' = a x + b y + c, y' = d x + e y + f. */
export type AffineCoefficients = readonly [number, number, number, number, number, number];

/**
 * An invertible map of the plane from one coordinate system to another; it composes only where
 * the systems meet.
 */
export interface Affine<From extends string = string, To extends string = string> {
  /** Coordinate system of the argument, as in `he_pixel`. */
  readonly from: From;
  /** Coordinate system of the result. */
  readonly to: To;
  /** The map. */
  readonly coefficients: AffineCoefficients;
}

/**
 * Makes a map from its six coefficients.
 *
 * @param from Coordinate system of the argument.
 * @param to Coordinate system of the result.
 * @param coefficients The map.
 * @throws {SthelarError} `InvalidArgument` if a number is not finite or the map flattens the plane.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { affine, applyAffine } from "@/geometry/affine.ts";
 *
 * const toPixel = affine("micron", "pixel", [2, 0, 10, 0, 2, 20]);
 * assertEquals(applyAffine(toPixel, 1, 1), [12, 22]);
 * ```
 */
export function affine<From extends string, To extends string>(
  from: From,
  to: To,
  coefficients: AffineCoefficients,
): Affine<From, To> {
  const [a, b, , d, e] = coefficients;
  const size = Math.hypot(a, b) * Math.hypot(d, e);
  if (!coefficients.every(Number.isFinite) || !(Math.abs(a * e - b * d) > 1e-12 * size)) {
    throw new SthelarError("InvalidArgument", {
      action: `Cannot map "${from}" to "${to}"`,
      found: `the coefficients ${coefficients.join(", ")}`,
      expected: "six finite numbers whose determinant is not 0",
    });
  }
  return { from, to, coefficients };
}

/**
 * Makes a map from a 3 x 3 homogeneous matrix, as in a Xenium `imagealignment.csv`.
 *
 * @param rows Three rows of three numbers, the last `0, 0, 1`.
 * @throws {SthelarError} `InvalidArgument` if it is no such matrix or flattens the plane.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { affineFromMatrix, applyAffine } from "@/geometry/affine.ts";
 *
 * const map = affineFromMatrix("he_pixel", "global", [[0, 1, 5], [-1, 0, 6], [0, 0, 1]]);
 * assertEquals(applyAffine(map, 1, 2), [7, 5]);
 * ```
 */
export function affineFromMatrix<From extends string, To extends string>(
  from: From,
  to: To,
  rows: readonly (readonly number[])[],
): Affine<From, To> {
  const last = rows.at(2) ?? [];
  if (rows.length !== 3 || rows.some((row) => row.length !== 3) || last.join() !== "0,0,1") {
    throw new SthelarError("InvalidArgument", {
      action: `Cannot map "${from}" to "${to}"`,
      found: `the rows ${rows.map((row) => `[${row.join(", ")}]`).join(" ")}`,
      expected: "three rows of three numbers, the last 0, 0, 1",
    });
  }
  const [[a, b, c], [d, e, f]] = rows;
  return affine(from, to, [a, b, c, d, e, f]);
}

/**
 * Makes the map that multiplies both coordinates by `factor`.
 *
 * @param factor Units of `to` in one unit of `from`: 1 / 0.2125 from microns to pixels.
 * @throws {SthelarError} `InvalidArgument` if the factor is 0 or not finite.
 */
export function scaling<From extends string, To extends string>(
  from: From,
  to: To,
  factor: number,
): Affine<From, To> {
  return affine(from, to, [factor, 0, 0, 0, factor, 0]);
}

/**
 * Applies one map after another.
 *
 * @param first The map that is applied first.
 * @param second The map that is applied to its result.
 * @throws {SthelarError} `InvalidArgument` if `first` does not lead to where `second` starts.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { affine, applyAffine, composeAffine, scaling } from "@/geometry/affine.ts";
 *
 * const shift = affine("he_pixel", "global", [1, 0, 100, 0, 1, 0]);
 * const toMicron = composeAffine(shift, scaling("global", "micron", 0.5));
 * assertEquals(applyAffine(toMicron, 0, 8), [50, 4]);
 * ```
 */
export function composeAffine<A extends string, B extends string, C extends string>(
  first: Affine<A, B>,
  second: Affine<NoInfer<B>, C>,
): Affine<A, C> {
  if (first.to !== second.from) {
    throw new SthelarError("InvalidArgument", {
      action: `Cannot compose two maps to get from "${first.from}" to "${second.to}"`,
      found: `one that ends in "${first.to}" and one that starts in "${second.from}"`,
      expected: "the same coordinate system",
    });
  }
  const [a, b, c, d, e, f] = first.coefficients;
  const [p, q, r, s, t, u] = second.coefficients;
  return affine(first.from, second.to, [
    p * a + q * d,
    p * b + q * e,
    p * c + q * f + r,
    s * a + t * d,
    s * b + t * e,
    s * c + t * f + u,
  ]);
}

/**
 * The map that leads back.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { affine, applyAffine, invertAffine } from "@/geometry/affine.ts";
 *
 * const map = affine("he_pixel", "global", [0, 2, 1, -2, 0, 3]);
 * assertEquals(applyAffine(invertAffine(map), 5, 1), [1, 2]);
 * ```
 */
export function invertAffine<From extends string, To extends string>(
  map: Affine<From, To>,
): Affine<To, From> {
  const [a, b, c, d, e, f] = map.coefficients;
  const det = a * e - b * d;
  return affine(map.to, map.from, [
    e / det,
    -b / det,
    (b * f - c * e) / det,
    -d / det,
    a / det,
    (c * d - a * f) / det,
  ]);
}

/** The image of one point. */
export function applyAffine(map: Affine, x: number, y: number): [number, number] {
  const [a, b, c, d, e, f] = map.coefficients;
  return [a * x + b * y + c, d * x + e * y + f];
}

/**
 * The images of many points.
 *
 * @param xy `x0, y0, x1, y1, …`
 * @returns The same layout, a new array.
 */
export function applyAffineToAll(map: Affine, xy: Float64Array): Float64Array {
  const [a, b, c, d, e, f] = map.coefficients;
  const result = new Float64Array(xy.length);
  for (let i = 0; i < xy.length; i += 2) {
    const x = xy[i], y = xy[i + 1];
    result[i] = a * x + b * y + c;
    result[i + 1] = d * x + e * y + f;
  }
  return result;
}

/**
 * The images of points whose coordinates lie in two arrays.
 *
 * @param xs X of the points.
 * @param ys Y of the points.
 * @param out Receives the images if it has room for them; the result is a part of it then.
 * @returns X and y of the images.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { applyAffineToColumns, scaling } from "@/geometry/affine.ts";
 *
 * const toPixel = scaling("micron", "pixel", 4);
 * const [x, y] = applyAffineToColumns(toPixel, Float32Array.of(1, 2), Float32Array.of(3, 4));
 * assertEquals([x, y], [Float64Array.of(4, 8), Float64Array.of(12, 16)]);
 * ```
 */
export function applyAffineToColumns(
  map: Affine,
  xs: Float32Array | Float64Array,
  ys: Float32Array | Float64Array,
  out: readonly [Float64Array, Float64Array] = [new Float64Array(0), new Float64Array(0)],
): [Float64Array, Float64Array] {
  const [a, b, c, d, e, f] = map.coefficients;
  const [imageX, imageY] = out.map((values) =>
    values.length < xs.length ? new Float64Array(xs.length) : values.subarray(0, xs.length)
  );
  for (let i = 0; i < xs.length; i++) {
    const x = xs[i], y = ys[i];
    imageX[i] = a * x + b * y + c;
    imageY[i] = d * x + e * y + f;
  }
  return [imageX, imageY];
}

/** The images of polygons; their offsets are shared with the argument. */
export function transformPolygons(map: Affine, polygons: MultiPolygons): MultiPolygons {
  return { ...polygons, xy: applyAffineToAll(map, polygons.xy) };
}

/** By how much a map multiplies areas; negative if it mirrors. */
export function determinant(map: Affine): number {
  const [a, b, , d, e] = map.coefficients;
  return a * e - b * d;
}
