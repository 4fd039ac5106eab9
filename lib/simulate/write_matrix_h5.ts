import type { Disk } from "@/core/disk.ts";
import { writeCellFeatureMatrix } from "@/formats/xenium/mod.ts";
import { clearHdf5Times } from "./clear_hdf5_times.ts";
import type { MatrixContent } from "./matrix_content.ts";

/** Writes `cell_feature_matrix.h5`: features by cells, compressed by cells. */
export async function writeMatrixH5(
  disk: Disk,
  path: string,
  { counts, features, cells, proteinScalingFactor }: MatrixContent,
): Promise<void> {
  const names = features.map(({ name }) => name);
  const types = features.map(({ type }) => type);
  const [featureCount, cellCount] = counts.shape;
  await writeCellFeatureMatrix(disk, path, {
    cellIds: cells.texts,
    features: { ids: names, names, types, genomes: undefined },
    matrix: { ...counts, format: "csr", shape: [cellCount, featureCount] },
    proteinScalingFactor,
  });
  await clearHdf5Times(disk, path);
}
