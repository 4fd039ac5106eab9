import type { DenseArray, NumericArray } from "@/core/arrays.ts";
import { SthelarError } from "@/core/errors.ts";
import { requireRows, sparseFault, type SparseMatrix } from "@/core/sparse.ts";
import type { NpyArray } from "./npy.ts";
import { npzBytes, numbersOf, parseNpz } from "./npz.ts";

/**
 * Reads a sparse matrix that `scipy.sparse.save_npz` wrote, from memory.
 *
 * @param path For messages.
 * @throws {SthelarError} `CorruptData`, or `UnsupportedVersion` if it is no matrix by rows.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { denseOf, parseSparseNpz, sparseNpzBytes, sparseOf } from "@/formats/npz/mod.ts";
 *
 * const ids = Int32Array.of(0, 7, 0, 9);
 * const bytes = await sparseNpzBytes(sparseOf(ids, [2, 2]));
 * assertEquals(denseOf(await parseSparseNpz(bytes, "ids.npz")), ids);
 * ```
 */
export async function parseSparseNpz(bytes: Uint8Array, path: string): Promise<SparseMatrix> {
  const arrays = await parseNpz(bytes, path);
  requireFormat(arrays.get("format"), path);
  return sparseFrom(arrays, "", path);
}

/** The content of a file that `scipy.sparse.load_npz` reads. */
export async function sparseNpzBytes(matrix: SparseMatrix): Promise<Uint8Array<ArrayBuffer>> {
  requireRows("Cannot write a sparse matrix", matrix);
  const { indices, indptr, shape, data } = matrix;
  return await npzBytes({
    indices: flat(indices),
    indptr: flat(indptr),
    format: { texts: ["csr"], shape: [], encoding: "bytes" },
    shape: flat(BigInt64Array.from(shape, BigInt)),
    data: flat(data),
  }, true);
}

/** Refuses what is no matrix by rows. */
export function requireFormat(format: NpyArray | undefined, path: string): void {
  const name = format !== undefined && "texts" in format ? format.texts[0] : undefined;
  if (name === "csr") return;
  throw new SthelarError(name === undefined ? "CorruptData" : "UnsupportedVersion", {
    action: `Cannot read the sparse matrix "${path}"`,
    found: name === undefined ? "no format" : `the format "${name}"`,
    expected: '"csr"',
    path,
  });
}

/** The matrix in entries `<prefix>data`, `<prefix>indices`, `<prefix>indptr`, `<prefix>shape`. */
export function sparseFrom(
  arrays: ReadonlyMap<string, NpyArray>,
  prefix: string,
  path: string,
): SparseMatrix {
  const read = (name: string) => numbersOf(arrays, `${prefix}${name}`, 1, path).data;
  const shape = shapeOf(read("shape"), path);
  const matrix: SparseMatrix = {
    format: "csr",
    shape,
    data: read("data"),
    indices: asIndices(read("indices"), path),
    indptr: asIndices(read("indptr"), path),
  };
  const found = sparseFault(matrix);
  if (found !== undefined) throw corrupt(path, found, "a matrix by rows");
  return matrix;
}

/** The two extents that a file states. */
export function shapeOf(values: NumericArray, path: string): [number, number] {
  const [rows, columns] = Array.from(values as Int32Array, Number);
  const areExtents = [rows, columns].every((extent) => Number.isSafeInteger(extent) && extent >= 0);
  if (values.length === 2 && areExtents) return [rows, columns];
  throw corrupt(path, `the shape ${values.join(" x ")}`, "two extents");
}

function asIndices(values: NumericArray, path: string): Int32Array | BigInt64Array {
  if (values instanceof Int32Array || values instanceof BigInt64Array) return values;
  throw corrupt(path, `indices of ${values.BYTES_PER_ELEMENT} bytes`, "int32 or int64");
}

function corrupt(path: string, found: string, expected: string): SthelarError {
  const action = `Cannot read the sparse matrix "${path}"`;
  return new SthelarError("CorruptData", { action, found, expected, path });
}

function flat(data: NumericArray): DenseArray {
  return { data, shape: [data.length] };
}

/** The values of a dense array that are not 0, by rows. */
export function sparseOf(
  values: Int32Array,
  [rows, columns]: readonly [number, number],
): SparseMatrix {
  const indptr = new Int32Array(rows + 1);
  let stored = 0;
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) stored++;
  const data = new Int32Array(stored), indices = new Int32Array(stored);
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = values[row * columns + column];
      if (value === 0) continue;
      data[at] = value;
      indices[at++] = column;
    }
    indptr[row + 1] = at;
  }
  return { format: "csr", shape: [rows, columns], data, indices, indptr };
}

/** A matrix by rows with its zeros, `(rows, columns)`; values that are repeated are added. */
export function denseOf(
  { shape: [rows, columns], data, indices, indptr }: SparseMatrix,
): Int32Array {
  const values = new Int32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let k = Number(indptr[row]); k < Number(indptr[row + 1]); k++) {
      values[row * columns + Number(indices[k])] += Number(data[k]);
    }
  }
  return values;
}
