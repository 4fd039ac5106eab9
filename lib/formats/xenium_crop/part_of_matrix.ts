import { allocate, dtypeOf, type NumericArray } from "@/core/arrays.ts";
import type { CellFeatureMatrix } from "../xenium/mod.ts";

/**
 * Some cells of a count matrix.
 *
 * @param cells Their rows.
 */
export function partOfMatrix(whole: CellFeatureMatrix, cells: Int32Array): CellFeatureMatrix {
  const { cellIds, matrix } = whole;
  const indptr = new BigInt64Array(cells.length + 1);
  cells.forEach((cell, i) => {
    indptr[i + 1] = indptr[i] + BigInt(matrix.indptr[cell + 1]) - BigInt(matrix.indptr[cell]);
  });
  const count = Number(indptr[cells.length]);
  const data = allocate(dtypeOf(matrix.data), count);
  const indices = matrix.indices instanceof Int32Array
    ? new Int32Array(count)
    : new BigInt64Array(count);
  cells.forEach((cell, i) => {
    const from = Number(matrix.indptr[cell]), to = Number(matrix.indptr[cell + 1]);
    copyPart(data, matrix.data, from, to, Number(indptr[i]));
    copyPart(indices, matrix.indices, from, to, Number(indptr[i]));
  });
  return {
    ...whole,
    cellIds: Array.from(cells, (cell) => cellIds[cell]),
    matrix: { ...matrix, shape: [cells.length, matrix.shape[1]], data, indices, indptr },
  };
}

/** Both have the same type of numbers. */
function copyPart<T extends NumericArray>(
  target: T,
  source: T,
  from: number,
  to: number,
  place: number,
): void {
  (target as Uint8Array).set((source as Uint8Array).subarray(from, to), place);
}
