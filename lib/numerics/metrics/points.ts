import type { DenseArray } from "@/core/arrays.ts";
import { invalid } from "./labels.ts";

/** Points of rows, one after another. */
export interface Points {
  readonly values: Float32Array | Float64Array;
  readonly rows: number;
  readonly dimensions: number;
}

/** Coordinates of rows, `(n_rows, n_dimensions)`. */
export type Coordinates = DenseArray<Float32Array> | DenseArray<Float64Array>;

/**
 * Some rows of an array, copied, or all rows, which are not.
 *
 * @param chosen Which rows; all by default.
 * @throws {SthelarError} `InvalidArgument` for no rows, another number of axes or of values, or a value
 * that is not finite.
 */
export function pointsOf(action: string, array: Coordinates, chosen?: Int32Array): Points {
  const { data, shape: [rows, dimensions] } = array;
  if (array.shape.length !== 2 || data.length !== rows * dimensions) {
    throw invalid(action, `${data.length} values of shape [${array.shape}]`, "(n_rows, n_columns)");
  }
  if (data.length === 0) throw invalid(action, "no values", "one or more");
  let place = 0;
  while (place < data.length && data[place] - data[place] === 0) place++;
  if (place < data.length) {
    const [row, column] = [Math.floor(place / dimensions), place % dimensions];
    throw invalid(action, `${data[place]} in row ${row}, column ${column}`, "finite values");
  }
  if (chosen === undefined) return { values: data, rows, dimensions };
  const size = chosen.length * dimensions;
  const values = data instanceof Float32Array ? new Float32Array(size) : new Float64Array(size);
  chosen.forEach((row, i) =>
    values.set(data.subarray(row * dimensions, (row + 1) * dimensions), i * dimensions)
  );
  return { values, rows: chosen.length, dimensions };
}

/** The square of the distance of two points: four sums side by side, which a processor works on at once. */
export function squaredDistance({ values, dimensions }: Points, i: number, j: number): number {
  let p = i * dimensions, q = j * dimensions;
  const end = p + dimensions;
  let a = 0, b = 0, c = 0, d = 0;
  for (; p + 3 < end; p += 4, q += 4) {
    const w = values[p] - values[q];
    const x = values[p + 1] - values[q + 1];
    const y = values[p + 2] - values[q + 2];
    const z = values[p + 3] - values[q + 3];
    a += w * w;
    b += x * x;
    c += y * y;
    d += z * z;
  }
  for (; p < end; p++, q++) {
    const w = values[p] - values[q];
    a += w * w;
  }
  return a + b + (c + d);
}
