import { allocate, type NumericArray } from "@/core/arrays.ts";
import { type Hdf5File, openHdf5 } from "../hdf5/mod.ts";
import type { MatrixFeatures, StoredMatrix } from "./count_matrix.ts";
import { corruptMatrix } from "./corrupt_matrix.ts";

/** Stored indices that are converted at once. */
const BLOCK = 1 << 22;

/**
 * Reads `cell_feature_matrix.h5`. The file is compressed by cells over features x cells, which is
 * CSR over cells x features: nothing is transposed. Indices become 32-bit block by block.
 */
export async function readHdf5Matrix(path: string): Promise<StoredMatrix> {
  using file = await openHdf5(path);
  const cellIds = texts(file, "matrix/barcodes");
  const features = featuresOf(file);
  const [rows, columns] = int32(file, "matrix/shape");
  if (rows !== features.ids.length || columns !== cellIds.length) {
    throw corruptMatrix(
      path,
      `a shape of ${rows} x ${columns}`,
      `${features.ids.length} x ${cellIds.length}`,
    );
  }
  const factor = file.attributes()["protein_scaling_factor"];
  return {
    path,
    cellIds,
    features,
    matrix: {
      format: "csr",
      shape: [columns, rows],
      data: file.read("matrix/data").data,
      indices: int32(file, "matrix/indices"),
      indptr: int32(file, "matrix/indptr"),
    },
    proteinScalingFactor: typeof factor === "number" ? factor : undefined,
  };
}

/** Ids of the cells; the counts are not read. */
export async function readHdf5Barcodes(path: string): Promise<string[]> {
  using file = await openHdf5(path);
  return texts(file, "matrix/barcodes");
}

/** The features; the counts are not read. */
export async function readHdf5Features(path: string): Promise<MatrixFeatures> {
  using file = await openHdf5(path);
  return featuresOf(file);
}

function featuresOf(file: Hdf5File): MatrixFeatures {
  return {
    ids: texts(file, "matrix/features/id"),
    names: texts(file, "matrix/features/name"),
    types: texts(file, "matrix/features/feature_type"),
    genomes: file.has("matrix/features/genome") ? texts(file, "matrix/features/genome") : undefined,
  };
}

function texts(file: Hdf5File, name: string): string[] {
  if (file.info(name).dtype === "string") return file.readStrings(name);
  return Array.from(file.read(name).data as ArrayLike<number | bigint>, String);
}

/** Reads whole numbers of any type (R stores them as doubles) as 32-bit ones. */
function int32(file: Hdf5File, name: string): Int32Array {
  const shape = file.info(name).shape ?? [0];
  if (shape.length !== 1) {
    throw corruptMatrix(file.path, `"${name}" of ${shape.length} axes`, "one axis");
  }
  const [length] = shape;
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
    if (value !== (value | 0)) {
      throw corruptMatrix(path, `${value} in "${name}"`, "a whole number below 2^31");
    }
    result[start + i] = value;
  }
}
