import type { Disk } from "@/core/disk.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import { writeHdf5 } from "@/formats/hdf5/mod.ts";
import { clearHdf5Times } from "./clear_hdf5_times.ts";
import type { Feature } from "./feature_list.ts";

/** Writes `cell_feature_matrix.h5`: features by cells, compressed by cells. */
export async function writeMatrix(
  disk: Disk,
  path: string,
  matrix: SparseMatrix,
  features: readonly Feature[],
  barcodes: readonly string[],
): Promise<void> {
  await writeHdf5(disk, path, (file) => {
    file.createGroup("/", { filetype: "matrix", version: 2 });
    file.createGroup("matrix");
    const column = (name: string, values: readonly string[]) =>
      file.writeStrings(`matrix/${name}`, values, [values.length]);
    column("barcodes", barcodes);
    file.write("matrix/data", { data: matrix.data, shape: [matrix.data.length] });
    file.write("matrix/indices", { data: matrix.indices, shape: [matrix.indices.length] });
    file.write("matrix/indptr", { data: matrix.indptr, shape: [matrix.indptr.length] });
    file.write("matrix/shape", { data: Int32Array.from(matrix.shape), shape: [2] });
    file.createGroup("matrix/features");
    column("features/_all_tag_keys", ["genome"]);
    column("features/feature_type", features.map(({ type }) => type));
    column("features/genome", features.map(() => "Unknown"));
    column("features/id", features.map(({ name }) => name));
    column("features/name", features.map(({ name }) => name));
  });
  await clearHdf5Times(disk, path);
}
