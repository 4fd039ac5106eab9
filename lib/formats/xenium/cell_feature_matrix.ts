import { sparseFault } from "@/core/sparse.ts";
import { corruptMatrix } from "./corrupt_matrix.ts";
import type { CellFeatureMatrix, MatrixFeatures, StoredMatrix } from "./count_matrix.ts";
import { readHdf5Barcodes, readHdf5Features, readHdf5Matrix } from "./matrix_hdf5.ts";
import { readMexBarcodes, readMexFeatures, readMexMatrix } from "./matrix_mex.ts";
import { readZarrBarcodes, readZarrFeatures, readZarrMatrix } from "./matrix_zarr.ts";
import { isMexFolder, mexFiles } from "./mex_files.ts";
import type { XeniumBundle } from "./xenium_bundle.ts";

const PROTEIN = "Protein Expression";

/**
 * Reads the count matrix of a bundle: `cell_feature_matrix.h5`, else `cell_feature_matrix.zarr.zip`,
 * else the MEX files in the folder `cell_feature_matrix`. All give the same matrix of 32-bit counts;
 * only h5 names genomes and the scale of proteins.
 *
 * @throws {SthelarError} `NotFound` if there is none, `CorruptData` if it is no such file or its parts
 *   contradict each other.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 * import { openXeniumBundle, readCellFeatureMatrix } from "@/formats/xenium/mod.ts";
 *
 * const disk = new MemoryDisk();
 * const write = (name: string, text: string) =>
 *   disk.write(`/outs/cell_feature_matrix/${name}`, new TextEncoder().encode(text));
 * await write("barcodes.tsv", "aaaaaaaa-1\naaaaaaab-1\n");
 * await write("features.tsv", "ENSG1\tCD3E\tGene Expression\n");
 * await write("matrix.mtx", "%%MatrixMarket matrix coordinate integer general\n1 2 1\n1 2 7\n");
 * const { cellIds, features, matrix } = await readCellFeatureMatrix(
 *   await openXeniumBundle("/outs", disk),
 * );
 * assertEquals([cellIds[1], features.names[0]], ["aaaaaaab-1", "CD3E"]);
 * assertEquals([matrix.data, matrix.indptr], [Int32Array.of(7), Int32Array.of(0, 0, 1)]);
 * ```
 */
export async function readCellFeatureMatrix(bundle: XeniumBundle): Promise<CellFeatureMatrix> {
  const { path, ...stored } = await readStored(bundle);
  const fault = sparseFault(stored.matrix);
  if (fault !== undefined) {
    throw corruptMatrix(path, fault, "a compressed matrix of features x cells");
  }
  checkFeatures(path, stored);
  const hasProteins = stored.features.types.includes(PROTEIN);
  return {
    ...stored,
    proteinScaleUnknown: hasProteins && stored.proteinScalingFactor === undefined,
  };
}

/** A column of the features that is cut short would name other genes. */
function checkFeatures(path: string, { cellIds, features, matrix }: Omit<StoredMatrix, "path">) {
  const [cells, count] = matrix.shape;
  const { ids, names, types, genomes = ids } = features;
  const lengths = [ids, names, types, genomes].map(({ length }) => length);
  if (cellIds.length === cells && lengths.every((length) => length === count)) return;
  throw corruptMatrix(
    path,
    `${cellIds.length} cells, ${lengths.join(", ")} values in the columns of the features`,
    `${cells} cells, ${count} features`,
  );
}

async function readStored(bundle: XeniumBundle): Promise<StoredMatrix> {
  const path = bundle.pathOf("matrix");
  if (path.endsWith(".zarr.zip")) return await readZarrMatrix(bundle.disk, path);
  if (isMexFolder(path)) return await readMexMatrix(bundle.disk, await mexFiles(bundle));
  return await readHdf5Matrix(path);
}

/** Ids of the cells of the count matrix, in order; the counts are not read. */
export async function readBarcodes(bundle: XeniumBundle): Promise<string[]> {
  const path = bundle.pathOf("matrix");
  if (path.endsWith(".zarr.zip")) return await readZarrBarcodes(bundle.disk, path);
  if (isMexFolder(path)) return await readMexBarcodes(bundle.disk, await mexFiles(bundle));
  return await readHdf5Barcodes(path);
}

/** Features of the count matrix, in order; the counts are not read. */
export async function readMatrixFeatures(bundle: XeniumBundle): Promise<MatrixFeatures> {
  const path = bundle.pathOf("matrix");
  if (path.endsWith(".zarr.zip")) return await readZarrFeatures(bundle.disk, path);
  if (isMexFolder(path)) return await readMexFeatures(bundle.disk, await mexFiles(bundle));
  return await readHdf5Features(path);
}
