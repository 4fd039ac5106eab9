import type { Disk } from "@/core/disk.ts";
import { writeHdf5 } from "../hdf5/mod.ts";
import type { CellFeatureMatrix } from "./count_matrix.ts";

/** Genome of features whose file names none. */
const NO_GENOME = "Unknown";

/**
 * Writes a count matrix as `cell_feature_matrix.h5`.
 *
 * @param path Path of the new file.
 * @throws {SthelarError} `DiskFailure`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { localDisk } from "@/formats/disk/mod.ts";
 * import {
 *   openXeniumBundle,
 *   readCellFeatureMatrix,
 *   writeCellFeatureMatrix,
 * } from "@/formats/xenium/mod.ts";
 *
 * const folder = await Deno.makeTempDir();
 * await writeCellFeatureMatrix(localDisk, `${folder}/cell_feature_matrix.h5`, {
 *   cellIds: ["aaaaaaaa-1", "aaaaaaab-1"],
 *   features: { ids: ["ENSG1"], names: ["CD3E"], types: ["Gene Expression"], genomes: undefined },
 *   matrix: {
 *     format: "csr",
 *     shape: [2, 1],
 *     data: Int32Array.of(7),
 *     indices: Int32Array.of(0),
 *     indptr: Int32Array.of(0, 0, 1),
 *   },
 *   proteinScalingFactor: undefined,
 * });
 * const { matrix } = await readCellFeatureMatrix(await openXeniumBundle(folder));
 * assertEquals(matrix.data, Int32Array.of(7));
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function writeCellFeatureMatrix(
  disk: Disk,
  path: string,
  { cellIds, features, matrix, proteinScalingFactor }: Omit<
    CellFeatureMatrix,
    "proteinScaleUnknown"
  >,
): Promise<void> {
  const { data, indices, indptr, shape: [cellCount, featureCount] } = matrix;
  const { ids, names, types, genomes = ids.map(() => NO_GENOME) } = features;
  await writeHdf5(disk, path, (file) => {
    const column = (name: string, values: readonly string[]) =>
      file.writeStrings(`matrix/${name}`, values, [values.length]);
    file.createGroup("/", {
      filetype: "matrix",
      version: 2,
      ...(proteinScalingFactor === undefined
        ? {}
        : { protein_scaling_factor: proteinScalingFactor }),
    });
    file.createGroup("matrix");
    column("barcodes", cellIds);
    file.write("matrix/data", { data, shape: [data.length] });
    file.write("matrix/indices", { data: indices, shape: [indices.length] });
    file.write("matrix/indptr", { data: indptr, shape: [indptr.length] });
    file.write("matrix/shape", { data: Int32Array.of(featureCount, cellCount), shape: [2] });
    file.createGroup("matrix/features");
    column("features/_all_tag_keys", ["genome"]);
    column("features/feature_type", types);
    column("features/genome", genomes);
    column("features/id", ids);
    column("features/name", names);
  });
}
