import { allocate, dtypeOf, type NumericArray } from "@/core/arrays.ts";
import type { MultiPolygons } from "@/core/polygons.ts";
import type { SparseMatrix } from "@/core/sparse.ts";

/**
 * Values of some rows.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { takeValues } from "@/stages/take_cells.ts";
 *
 * assertEquals(takeValues(Int32Array.of(5, 6, 7), Int32Array.of(2, 0)), Int32Array.of(7, 5));
 * ```
 */
export function takeValues<A extends Int32Array | Float64Array>(values: A, rows: Int32Array): A {
  const taken = allocate(dtypeOf(values), rows.length) as A;
  for (let i = 0; i < rows.length; i++) taken[i] = values[rows[i]];
  return taken;
}

/** Columns of a matrix of counts that are kept. */
export interface KeptColumns {
  /** Which, rising. */
  readonly columns: Int32Array;
  /** What the values of each are divided by; nothing by default. */
  readonly divisors?: Float64Array;
}

/**
 * Some rows, in any order, and some columns of a matrix; zeros are not stored.
 *
 * @param matrix `(n_cells, n_features)`, CSR.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { takeCounts } from "@/stages/take_cells.ts";
 *
 * const [data, indices, indptr] = [[7, 8, 9], [0, 2, 1], [0, 2, 3]].map((list) =>
 *   Int32Array.from(list)
 * );
 * const matrix = { format: "csr" as const, shape: [2, 3] as const, data, indices, indptr };
 * const taken = takeCounts(matrix, Int32Array.of(1, 0), { columns: Int32Array.of(1, 2) });
 * assertEquals(taken.data, Int32Array.of(9, 8));
 * assertEquals(taken.indices, Int32Array.of(0, 1));
 * ```
 */
export function takeCounts(
  { shape, data, indices, indptr }: SparseMatrix,
  rows: Int32Array,
  { columns, divisors }: KeptColumns,
): SparseMatrix {
  const placeOf = new Int32Array(shape[1]).fill(-1);
  columns.forEach((column, place) => placeOf[column] = place);
  const starts = new Float64Array(rows.length + 1);
  for (let i = 0; i < rows.length; i++) {
    let size = 0;
    for (let k = Number(indptr[rows[i]]), end = Number(indptr[rows[i] + 1]); k < end; k++) {
      if (placeOf[Number(indices[k])] >= 0 && Number(data[k]) !== 0) size++;
    }
    starts[i + 1] = starts[i] + size;
  }
  const stored = starts[rows.length];
  const places = new Int32Array(stored);
  const values: NumericArray = divisors === undefined
    ? allocate(dtypeOf(data), stored)
    : new Float32Array(stored);
  for (let i = 0, at = 0; i < rows.length; i++) {
    for (let k = Number(indptr[rows[i]]), end = Number(indptr[rows[i] + 1]); k < end; k++) {
      const place = placeOf[Number(indices[k])];
      if (place < 0 || Number(data[k]) === 0) continue;
      values[at] = divisors === undefined ? data[k] : Number(data[k]) / divisors[place];
      places[at++] = place;
    }
  }
  return {
    format: "csr",
    shape: [rows.length, columns.length],
    data: values,
    indices: places,
    indptr: stored < 2 ** 31 ? Int32Array.from(starts) : BigInt64Array.from(starts, BigInt),
  };
}

/**
 * Sum of each row over the columns of some types.
 *
 * @param typeOf Type of each column.
 */
export function sumColumns(
  { shape, data, indices, indptr }: SparseMatrix,
  typeOf: readonly string[],
  isSummed: (type: string) => boolean,
): Int32Array {
  const isTaken = Uint8Array.from(typeOf, (type) => isSummed(type) ? 1 : 0);
  const sums = new Int32Array(shape[0]);
  for (let row = 0; row < shape[0]; row++) {
    for (let k = Number(indptr[row]), end = Number(indptr[row + 1]); k < end; k++) {
      if (isTaken[Number(indices[k])] === 1) sums[row] += Number(data[k]);
    }
  }
  return sums;
}

/** Some geometries, in any order; all of them in order are not copied. */
export function takePolygons(polygons: MultiPolygons, rows: Int32Array): MultiPolygons {
  const { xy, ringStart, polygonStart, geometryStart } = polygons;
  if (rows.length === geometryStart.length - 1 && rows.every((row, i) => row === i)) {
    return polygons;
  }
  const newPolygons = takeRanges(geometryStart, rows);
  const newRings = takeRanges(polygonStart, newPolygons.members);
  const starts = new Int32Array(newRings.members.length + 1);
  newRings.members.forEach((ring, i) =>
    starts[i + 1] = starts[i] + ringStart[ring + 1] - ringStart[ring]
  );
  const taken = new Float64Array(2 * starts[newRings.members.length]);
  newRings.members.forEach((ring, i) =>
    taken.set(xy.subarray(2 * ringStart[ring], 2 * ringStart[ring + 1]), 2 * starts[i])
  );
  return {
    xy: taken,
    ringStart: starts,
    polygonStart: newRings.starts,
    geometryStart: newPolygons.starts,
  };
}

/** The members of some groups, and where each group starts among them. */
function takeRanges(starts: Int32Array, groups: Int32Array) {
  const newStarts = new Int32Array(groups.length + 1);
  for (let i = 0; i < groups.length; i++) {
    newStarts[i + 1] = newStarts[i] + starts[groups[i] + 1] - starts[groups[i]];
  }
  const members = new Int32Array(newStarts[groups.length]);
  for (let i = 0, at = 0; i < groups.length; i++) {
    for (let m = starts[groups[i]]; m < starts[groups[i] + 1]; m++) members[at++] = m;
  }
  return { starts: newStarts, members };
}
