import { SthelarError } from "@/core/errors.ts";

/** An axis of an element: channel or space. */
export type Axis = "c" | "z" | "y" | "x";

/** A number for some axes. */
export type AxisValues = { readonly [A in Axis]?: number };

/** A map from an element's own coordinates to a coordinate system, axis by axis. */
export type Transformation =
  | { readonly type: "identity" }
  /** Multiplies; axes that are not named stay. */
  | { readonly type: "scale"; readonly factors: AxisValues }
  /** Adds; axes that are not named stay. */
  | { readonly type: "translation"; readonly offsets: AxisValues }
  | AffineTransformation
  /** The first step is applied first. */
  | { readonly type: "sequence"; readonly steps: readonly Transformation[] };

/** A linear map and a translation between named axes. */
export interface AffineTransformation {
  /** Which transformation. */
  readonly type: "affine";
  /** Axes that the columns stand for. */
  readonly inputAxes: readonly Axis[];
  /** Axes that the rows stand for. */
  readonly outputAxes: readonly Axis[];
  /** A row an output axis: a factor an input axis, then the translation. */
  readonly rows: readonly (readonly number[])[];
}

/** The transformations of an element, by the name of the coordinate system that they lead to. */
export type Transformations = ReadonlyMap<string, Transformation>;

/** Rows `x`, `y` and `0 0 1` of a homogeneous matrix that is applied to columns `x, y, 1`. */
export type Matrix3 = readonly [
  readonly [number, number, number],
  readonly [number, number, number],
  readonly [0, 0, 1],
];

const ORDER: readonly Axis[] = ["x", "y", "z", "c"];
const ONE = ORDER.length;

/** The transformation that changes nothing. */
export const identity: Transformation = { type: "identity" };

/**
 * An affine transformation of x and y.
 *
 * @param rows `[[a, b, tx], [c, d, ty]]`: `x' = a x + b y + tx`, `y' = c x + d y + ty`.
 */
export function affineXY(
  rows: readonly [readonly [number, number, number], readonly [number, number, number]],
): AffineTransformation {
  return { type: "affine", inputAxes: ["x", "y"], outputAxes: ["x", "y"], rows };
}

/**
 * The matrix that a transformation applies to x and y.
 *
 * @throws {SthelarError} `InvalidArgument` if the new x or y depends on z or c.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { toMatrix } from "@/formats/spatialdata/mod.ts";
 *
 * const matrix = toMatrix({
 *   type: "sequence",
 *   steps: [
 *     { type: "scale", factors: { x: 2, y: 3 } },
 *     { type: "translation", offsets: { x: 10 } },
 *   ],
 * });
 * assertEquals(matrix, [[2, 0, 10], [0, 3, 0], [0, 0, 1]]);
 * ```
 */
export function toMatrix(transformation: Transformation): Matrix3 {
  const full = fullMatrix(transformation);
  const [x, y] = [0, 1].map((row) => {
    for (let column = 2; column < ONE; column++) {
      if (full[row][column] !== 0) {
        throw new SthelarError("InvalidArgument", {
          action: "Cannot make a matrix of x and y",
          found: `a new ${ORDER[row]} that depends on ${ORDER[column]}`,
        });
      }
    }
    return [full[row][0], full[row][1], full[row][ONE]] as const;
  });
  return [x, y, [0, 0, 1]];
}

/** The homogeneous matrix over x, y, z, c. */
function fullMatrix(transformation: Transformation): number[][] {
  const matrix: number[][] = Array.from(
    { length: ONE + 1 },
    (_, i) => Array.from({ length: ONE + 1 }, (_, j): number => i === j ? 1 : 0),
  );
  switch (transformation.type) {
    case "identity":
      break;
    case "scale":
      ORDER.forEach((axis, i) => matrix[i][i] = transformation.factors[axis] ?? 1);
      break;
    case "translation":
      ORDER.forEach((axis, i) => matrix[i][ONE] = transformation.offsets[axis] ?? 0);
      break;
    case "affine":
      fillAffine(matrix, transformation);
      break;
    case "sequence":
      return transformation.steps.map(fullMatrix).reduce(
        (done, next) => multiply(next, done),
        matrix,
      );
  }
  return matrix;
}

function fillAffine(
  matrix: number[][],
  { inputAxes, outputAxes, rows }: AffineTransformation,
): void {
  for (const axis of [...inputAxes, ...outputAxes]) matrix[ORDER.indexOf(axis)].fill(0);
  outputAxes.forEach((output, o) => {
    const row = matrix[ORDER.indexOf(output)];
    inputAxes.forEach((input, i) => row[ORDER.indexOf(input)] = rows[o][i]);
    row[ONE] = rows[o][inputAxes.length];
  });
}

function multiply(a: readonly number[][], b: readonly number[][]): number[][] {
  return a.map((row) =>
    row.map((_, j) => row.reduce((sum, value, k) => value === 0 ? sum : sum + value * b[k][j], 0))
  );
}
