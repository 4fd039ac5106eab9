import type { Disk } from "@/core/disk.ts";
import { writeHdf5 } from "@/formats/hdf5/mod.ts";
import { clearHdf5Times } from "./clear_hdf5_times.ts";
import type { MatrixContent } from "./matrix_content.ts";

/** Writes `cell_feature_matrix.h5`: features by cells, compressed by cells. */
export async function writeMatrixH5(
  disk: Disk,
  path: string,
  { counts, features, cells, proteinScalingFactor }: MatrixContent,
): Promise<void> {
  await writeHdf5(disk, path, (file) => {
    file.createGroup("/", {
      filetype: "matrix",
      version: 2,
      ...(proteinScalingFactor === undefined
        ? {}
        : { protein_scaling_factor: proteinScalingFactor }),
    });
    file.createGroup("matrix");
    const column = (name: string, values: readonly string[]) =>
      file.writeStrings(`matrix/${name}`, values, [values.length]);
    column("barcodes", cells.texts);
    file.write("matrix/data", { data: counts.data, shape: [counts.data.length] });
    file.write("matrix/indices", { data: counts.indices, shape: [counts.indices.length] });
    file.write("matrix/indptr", { data: counts.indptr, shape: [counts.indptr.length] });
    file.write("matrix/shape", { data: Int32Array.from(counts.shape), shape: [2] });
    file.createGroup("matrix/features");
    column("features/_all_tag_keys", ["genome"]);
    column("features/feature_type", features.map(({ type }) => type));
    column("features/genome", features.map(() => "Unknown"));
    column("features/id", features.map(({ name }) => name));
    column("features/name", features.map(({ name }) => name));
  });
  await clearHdf5Times(disk, path);
}
