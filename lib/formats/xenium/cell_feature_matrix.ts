import { allocate, type NumericArray, sizeOf } from "@/core/arrays.ts";
import { SthelarError } from "@/core/errors.ts";
import { sparseFault, type SparseMatrix } from "@/core/sparse.ts";
import { type Hdf5File, openHdf5 } from "../hdf5/mod.ts";
import type { XeniumBundle } from "./xenium_bundle.ts";

/** The rows of 10x's count matrix: genes, controls, proteins. */
export interface MatrixFeatures {
  /** Ensembl id of a gene, name of a control. */
  readonly ids: readonly string[];
  /** Symbol or name. */
  readonly names: readonly string[];
  /** `Gene Expression`, `Negative Control Probe`, …. */
  readonly types: readonly string[];
  /** Genome of each, `undefined` if the file does not say. */
  readonly genomes: readonly string[] | undefined;
}

/** Counts of each feature in each cell, as the instrument counted them (qv >= 20). */
export interface CellFeatureMatrix {
  /** Cells by row, in the order of the table of cells. */
  readonly cellIds: readonly string[];
  /** Features by column. */
  readonly features: MatrixFeatures;
  /** `(n_cells, n_features)`, CSR; values have the type of the file. */
  readonly matrix: SparseMatrix;
  /** What stored protein values must be divided by, if there are proteins. */
  readonly proteinScalingFactor: number | undefined;
}

/** Stored indices that are converted at once. */
const BLOCK = 1 << 22;

/**
 * Reads `cell_feature_matrix.h5`. The file is compressed by cells over features x cells, which is
 * CSR over cells x features: nothing is transposed. Indices become 32-bit block by block.
 *
 * @throws {SthelarError} `NotFound` if it is absent, `CorruptData` if it is no such file or its
 *   parts contradict each other.
 */
export async function readCellFeatureMatrix(bundle: XeniumBundle): Promise<CellFeatureMatrix> {
  const path = bundle.pathOf("matrix");
  using file = await openHdf5(path);
  const cellIds = texts(file, "matrix/barcodes");
  const features: MatrixFeatures = {
    ids: texts(file, "matrix/features/id"),
    names: texts(file, "matrix/features/name"),
    types: texts(file, "matrix/features/feature_type"),
    genomes: file.has("matrix/features/genome") ? texts(file, "matrix/features/genome") : undefined,
  };
  const [rows, columns] = int32(file, "matrix/shape");
  if (rows !== features.ids.length || columns !== cellIds.length) {
    refuse(path, `a shape of ${rows} x ${columns}`, `${features.ids.length} x ${cellIds.length}`);
  }
  const matrix: SparseMatrix = {
    format: "csr",
    shape: [columns, rows],
    data: file.read("matrix/data").data,
    indices: int32(file, "matrix/indices"),
    indptr: int32(file, "matrix/indptr"),
  };
  const fault = sparseFault(matrix);
  if (fault !== undefined) refuse(path, fault, "a compressed matrix of features x cells");
  const factor = file.attributes()["protein_scaling_factor"];
  return {
    cellIds,
    features,
    matrix,
    proteinScalingFactor: typeof factor === "number" ? factor : undefined,
  };
}

/** Ids of the cells of the count matrix, in order; the counts are not read. */
export async function readBarcodes(bundle: XeniumBundle): Promise<string[]> {
  using file = await openHdf5(bundle.pathOf("matrix"));
  return texts(file, "matrix/barcodes");
}

function texts(file: Hdf5File, name: string): string[] {
  if (file.info(name).dtype === "string") return file.readStrings(name);
  return Array.from(file.read(name).data as ArrayLike<number | bigint>, String);
}

/** Reads whole numbers of any type (R stores them as doubles) as 32-bit ones. */
function int32(file: Hdf5File, name: string): Int32Array {
  const length = sizeOf(file.info(name).shape ?? [0]);
  const result = allocate("int32", length) as Int32Array;
  for (let start = 0; start < length; start += BLOCK) {
    const { data } = file.read(name, [start, Math.min(length, start + BLOCK)]);
    copyInto(result, start, data, file.path, name);
  }
  return result;
}

function copyInto(
  result: Int32Array,
  start: number,
  data: NumericArray,
  path: string,
  name: string,
): void {
  for (let i = 0; i < data.length; i++) {
    const value = Number(data[i]);
    if (value !== (value | 0)) refuse(path, `${value} in "${name}"`, "a whole number below 2^31");
    result[start + i] = value;
  }
}

function refuse(path: string, found: string, expected: string): never {
  throw new SthelarError("CorruptData", {
    action: `Cannot read the count matrix "${path}"`,
    found,
    expected,
    remedy: "the file is damaged: download it again",
    path,
  });
}
