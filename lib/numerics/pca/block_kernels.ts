import type { RowBlock } from "./row_block.ts";

/** How columns are scaled, and where values are cut. */
export interface Scaling {
  readonly mean: Float64Array<ArrayBuffer>;
  readonly std: Float64Array<ArrayBuffer>;
  /** Scaled values are cut to `[-clip, clip]`. */
  readonly clip: number;
}

/** Sums over the rows of a block, by column. */
export interface ColumnSums {
  readonly sums: Float64Array<ArrayBuffer>;
  readonly squares: Float64Array<ArrayBuffer>;
}

/** How many axes are projected on at a time: their sums stay in registers. */
const STRIP = 5;

/** Sums of values and of their squares. */
export function sumColumns({ columns, values, indices }: RowBlock): ColumnSums {
  const [sums, squares] = [new Float64Array(columns), new Float64Array(columns)];
  for (let k = 0; k < values.length; k++) {
    const value = values[k];
    const column = indices[k];
    sums[column] += value;
    squares[column] += value * value;
  }
  return { sums, squares };
}

/** What a value becomes. */
export function scaled(value: number, column: number, { mean, std, clip }: Scaling): number {
  return Math.max(-clip, Math.min(clip, (value - mean[column]) / std[column]));
}

/** Replaces values by how much they are above a zero of their column, both scaled and cut. */
export function scaleInto({ columns, values, indices }: RowBlock, scaling: Scaling): void {
  const { mean, std, clip } = scaling;
  const zero = Float64Array.from({ length: columns }, (_, column) => scaled(0, column, scaling));
  for (let k = 0; k < values.length; k++) {
    const column = indices[k];
    const value = (values[k] - mean[column]) / std[column];
    values[k] = (value > clip ? clip : value < -clip ? -clip : value) - zero[column];
  }
}

/** The upper triangle of `SᵀS`, row by row, for the rows `S` of a block. */
export function gram({ columns, values, indices, indptr }: RowBlock): Float64Array<ArrayBuffer> {
  const triangle = new Float64Array(columns * (columns + 1) / 2);
  for (let row = 0; row + 1 < indptr.length; row++) {
    const end = indptr[row + 1];
    for (let a = indptr[row]; a < end; a++) {
      const value = values[a];
      const base = triangleRow(indices[a], columns);
      for (let b = a; b < end; b++) triangle[base + indices[b]] += value * values[b];
    }
  }
  return triangle;
}

/** Where row `row` of an upper triangle would have its column 0. */
export function triangleRow(row: number, columns: number): number {
  return row * columns - row * (row + 1) / 2;
}

/** `Sᵀ(S v)` for the rows `S` of a block. */
export function gramTimes(
  { columns, values, indices, indptr }: RowBlock,
  vector: Float64Array,
): Float64Array<ArrayBuffer> {
  const result = new Float64Array(columns);
  for (let row = 0; row + 1 < indptr.length; row++) {
    const [start, end] = [indptr[row], indptr[row + 1]];
    let dot = 0;
    for (let k = start; k < end; k++) dot += values[k] * vector[indices[k]];
    for (let k = start; k < end; k++) result[indices[k]] += values[k] * dot;
  }
  return result;
}

/**
 * `S A - 1 oᵀ` for the rows `S` of a block.
 *
 * @param axes `A`, each axis after the other, `(n_axes, n_columns)`.
 * @param offset `o`, one value for each axis.
 * @returns `(n_rows, n_axes)`
 */
export function project(
  { columns, values, indices, indptr }: RowBlock,
  axes: Float64Array,
  offset: Float64Array,
): Float32Array<ArrayBuffer> {
  const count = offset.length;
  const strips = cutStrips(axes, columns, count);
  const scores = new Float32Array((indptr.length - 1) * count);
  const sums = new Float64Array(strips.length * STRIP);
  for (let row = 0; row + 1 < indptr.length; row++) {
    const [start, end] = [indptr[row], indptr[row + 1]];
    for (let s = 0; s < strips.length; s++) {
      const strip = strips[s];
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      let s4 = 0;
      for (let k = start; k < end; k++) {
        const value = values[k];
        const at = indices[k] * STRIP;
        s0 += value * strip[at];
        s1 += value * strip[at + 1];
        s2 += value * strip[at + 2];
        s3 += value * strip[at + 3];
        s4 += value * strip[at + 4];
      }
      const to = s * STRIP;
      sums[to] = s0;
      sums[to + 1] = s1;
      sums[to + 2] = s2;
      sums[to + 3] = s3;
      sums[to + 4] = s4;
    }
    for (let axis = 0; axis < count; axis++) scores[row * count + axis] = sums[axis] - offset[axis];
  }
  return scores;
}

/** Axes, a few together, `(n_columns, STRIP)` each; the last is filled up with zeros. */
function cutStrips(axes: Float64Array, columns: number, count: number): Float64Array[] {
  return Array.from({ length: Math.ceil(count / STRIP) }, (_, s) => {
    const strip = new Float64Array(columns * STRIP);
    for (let axis = s * STRIP; axis < Math.min(count, (s + 1) * STRIP); axis++) {
      for (let column = 0; column < columns; column++) {
        strip[column * STRIP + axis - s * STRIP] = axes[axis * columns + column];
      }
    }
    return strip;
  });
}
