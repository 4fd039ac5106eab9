import { allocate, dtypeOf, type NumericArray } from "@/core/arrays.ts";
import type { Disk } from "@/core/disk.ts";
import { type Hdf5Writer, writeHdf5 } from "../hdf5/mod.ts";
import type { CellFeatureMatrix, MatrixFeatures } from "../xenium/mod.ts";

/**
 * Writes some cells of a count matrix in the layout of `cell_feature_matrix.h5`.
 *
 * @param target Path of the new file.
 * @param cells Rows of the cells to write.
 */
export async function writeMatrixPart(
  disk: Disk,
  target: string,
  { cellIds, features, matrix, proteinScalingFactor }: CellFeatureMatrix,
  cells: Int32Array,
): Promise<void> {
  const indptr = new BigInt64Array(cells.length + 1);
  cells.forEach((cell, i) => {
    indptr[i + 1] = indptr[i] + BigInt(matrix.indptr[cell + 1]) - BigInt(matrix.indptr[cell]);
  });
  const count = Number(indptr[cells.length]);
  const data = allocate(dtypeOf(matrix.data), count);
  const indices = allocate(dtypeOf(matrix.indices), count);
  cells.forEach((cell, i) => {
    const from = Number(matrix.indptr[cell]), to = Number(matrix.indptr[cell + 1]);
    copyPart(data, matrix.data, from, to, Number(indptr[i]));
    copyPart(indices, matrix.indices, from, to, Number(indptr[i]));
  });
  const barcodes = Array.from(cells, (cell) => cellIds[cell]);
  await writeHdf5(disk, target, (file) => {
    file.createGroup("/", {
      filetype: "matrix",
      version: 2,
      ...(proteinScalingFactor === undefined
        ? {}
        : { protein_scaling_factor: proteinScalingFactor }),
    });
    file.createGroup("matrix");
    file.writeStrings("matrix/barcodes", barcodes, [barcodes.length]);
    file.write("matrix/data", { data, shape: [count] });
    file.write("matrix/indices", { data: indices, shape: [count] });
    file.write("matrix/indptr", { data: indptr, shape: [indptr.length] });
    const shape = Int32Array.of(features.ids.length, cells.length);
    file.write("matrix/shape", { data: shape, shape: [2] });
    writeFeatures(file, features);
  });
}

function writeFeatures(file: Hdf5Writer, { ids, names, types, genomes }: MatrixFeatures): void {
  file.createGroup("matrix/features");
  const columns = {
    id: ids,
    name: names,
    feature_type: types,
    genome: genomes ?? ids.map(() => "Unknown"),
    _all_tag_keys: ["genome"],
  };
  for (const [name, values] of Object.entries(columns)) {
    file.writeStrings(`matrix/features/${name}`, values, [values.length]);
  }
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
