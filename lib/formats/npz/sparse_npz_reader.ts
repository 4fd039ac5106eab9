import { allocate, type NumericArray, type NumericDType, viewAs } from "@/core/arrays.ts";
import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import { openZip, type ZipArchive } from "@/formats/zip/mod.ts";
import { parseNpy } from "./npy.ts";
import { bytesOf, MAX_HEADER_BYTES, type NpyHeader, parseNpyHeader } from "./npy_header.ts";
import { requireFormat, shapeOf } from "./sparse_npz.ts";

/** One array of the file that is read forwards, with an inflation of its own. */
interface Column {
  readonly archive: ZipArchive;
  readonly name: string;
  readonly header: NpyHeader;
  readonly dtype: NumericDType;
  readonly length: number;
}

/**
 * A sparse matrix of `scipy.sparse.save_npz` that is larger than memory: rows are read where they are
 * wanted. Reading forwards inflates the file once; a step back begins at its start again.
 */
export class SparseNpz {
  readonly path: string;
  /** `[rows, columns]`. */
  readonly shape: readonly [number, number];
  /** How many values are stored. */
  readonly stored: number;
  readonly #indptr: Column;
  readonly #indices: Column;
  readonly #data: Column;
  /** The row pointer that was read last: the next rows begin with it. */
  #last = { row: -1, pointer: 0 };

  private constructor(
    path: string,
    shape: readonly [number, number],
    [indptr, indices, data]: readonly Column[],
  ) {
    this.path = path;
    this.shape = shape;
    this.stored = data.length;
    this.#indptr = indptr;
    this.#indices = indices;
    this.#data = data;
  }

  /**
   * Opens a file by its headers.
   *
   * @throws {SthelarError} `NotFound`, `CorruptData`, or `UnsupportedVersion` if it is no matrix by rows.
   */
  static async open(disk: Disk, path: string): Promise<SparseNpz> {
    const archive = await openZip(disk, path);
    const small = async (name: string) => parseNpy(await archive.read(name), `${path}/${name}`);
    requireFormat(await small("format.npy"), path);
    const stated = await small("shape.npy");
    const shape = shapeOf("data" in stated ? stated.data : new Int32Array(), path);
    const columns: Column[] = [];
    for (const name of ["indptr", "indices", "data"]) {
      columns.push(await openColumn(disk, path, name));
    }
    const [indptr, indices, data] = columns;
    if (indptr.length !== shape[0] + 1 || indices.length !== data.length) {
      throw corrupt(
        path,
        `${indptr.length} row pointers, ${indices.length} indices and ${data.length} values`,
        `${shape[0] + 1} row pointers, and as many indices as values`,
      );
    }
    return new SparseNpz(path, shape, columns);
  }

  /**
   * Reads rows.
   *
   * @param first The first row.
   * @param count How many.
   * @returns A matrix of these rows.
   * @throws {SthelarError} `CorruptData` if row pointers or indices are wrong; `InvalidArgument` for
   *   rows that are not there.
   */
  async rows(first: number, count: number): Promise<SparseMatrix> {
    const [rows, columns] = this.shape;
    if (!(first >= 0 && count >= 0 && first + count <= rows)) {
      throw new SthelarError("InvalidArgument", {
        action: `Cannot read rows ${first} to ${first + count} of "${this.path}"`,
        found: `a matrix of ${rows} rows`,
        path: this.path,
      });
    }
    const indptr = await this.#pointers(first, count);
    const [start, end] = [indptr[0], indptr[count]];
    const indices = asInt32(await readValues(this.#indices, this.path, start, end));
    for (let k = 0; k < indices.length; k++) {
      if (indices[k] >= 0 && indices[k] < columns) continue;
      throw corrupt(this.path, `index ${indices[k]} on an axis of ${columns}`, "one on it");
    }
    const own = new Int32Array(count + 1);
    for (let k = 0; k <= count; k++) own[k] = indptr[k] - start;
    const data = await readValues(this.#data, this.path, start, end);
    return { format: "csr", shape: [count, columns], data, indices, indptr: own };
  }

  /** Row pointers `first .. first + count`, checked. */
  async #pointers(first: number, count: number): Promise<Float64Array> {
    const isNext = this.#last.row === first;
    const from = isNext ? first + 1 : first;
    const read = await readValues(this.#indptr, this.path, from, first + count + 1);
    const pointers = new Float64Array(count + 1);
    if (isNext) pointers[0] = this.#last.pointer;
    copyNumbers(read, pointers, from - first);
    const [before, end] = [first === 0 ? pointers[0] : 0, first + count === this.shape[0]];
    if (before !== 0) throw corrupt(this.path, `row pointers that start at ${before}`, "0");
    for (let k = 0, last = 0; k <= count; last = pointers[k++]) {
      if (pointers[k] >= last && pointers[k] <= this.stored) continue;
      throw corrupt(this.path, `row pointer ${pointers[k]} of row ${first + k}`, "ascending ones");
    }
    if (end && pointers[count] !== this.stored) {
      throw corrupt(this.path, `row pointers that end at ${pointers[count]}`, `${this.stored}`);
    }
    this.#last = { row: first + count, pointer: pointers[count] };
    return pointers;
  }
}

/**
 * Opens a sparse matrix that is larger than memory.
 *
 * @param disk Where it lies.
 * @throws {SthelarError} As {@link SparseNpz.open}.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 * import { openSparseNpz, sparseNpzBytes, sparseOf } from "@/formats/npz/mod.ts";
 *
 * const disk = new MemoryDisk();
 * const matrix = sparseOf(Int32Array.of(0, 5, 0, 0, 6, 7), [3, 2]);
 * await disk.write("/masks.npz", await sparseNpzBytes(matrix));
 * const masks = await openSparseNpz(disk, "/masks.npz");
 * assertEquals([...(await masks.rows(2, 1)).data as Int32Array], [6, 7]);
 * ```
 */
export async function openSparseNpz(disk: Disk, path: string): Promise<SparseNpz> {
  return await SparseNpz.open(disk, path);
}

/** An archive inflates one entry at a time, so that each array has an archive of its own. */
async function openColumn(disk: Disk, path: string, name: string): Promise<Column> {
  const archive = await openZip(disk, path);
  const size = archive.entries.get(`${name}.npy`)?.size ?? 0;
  const head = await archive.readRange(`${name}.npy`, 0, Math.min(size, MAX_HEADER_BYTES));
  const header = parseNpyHeader(head, `${path}/${name}.npy`);
  const { type, shape, offset } = header;
  const isIndex = type.kind === "number" && (type.dtype === "int32" || type.dtype === "int64");
  if (type.kind !== "number" || shape.length !== 1 || (name !== "data" && !isIndex)) {
    throw corrupt(path, `"${name}" of another type`, "numbers; int32 or int64 for indices");
  }
  if (offset + shape[0] * bytesOf(type) !== size) {
    throw corrupt(path, `${size} bytes of "${name}"`, `${shape[0]} values`);
  }
  return { archive, name, header, dtype: type.dtype, length: shape[0] };
}

async function readValues(
  { archive, name, header, dtype, length }: Column,
  path: string,
  start: number,
  end: number,
): Promise<NumericArray> {
  if (end <= start) return allocate(dtype, 0);
  if (end > length) throw corrupt(path, `${length} values`, `at least ${end}`);
  const width = bytesOf(header.type);
  return viewAs(
    dtype,
    await archive.readRange(`${name}.npy`, header.offset + start * width, (end - start) * width),
  );
}

/** One loop for each type: the loops run over billions of row pointers. */
function copyNumbers(from: NumericArray, into: Float64Array, at: number): void {
  if (from instanceof BigInt64Array) {
    for (let k = 0; k < from.length; k++) into[at + k] = Number(from[k]);
  } else into.set(from as Int32Array, at);
}

/** Indices beyond 32 bits become -1, which is on no axis that fits in memory. */
function asInt32(values: NumericArray): Int32Array {
  if (values instanceof Int32Array) return values;
  const narrow = new Int32Array(values.length);
  for (let k = 0; k < values.length; k++) {
    const value = Number(values[k]);
    narrow[k] = value === (value | 0) ? value : -1;
  }
  return narrow;
}

function corrupt(path: string, found: string, expected: string): SthelarError {
  const action = `Cannot read the sparse matrix "${path}"`;
  return new SthelarError("CorruptData", { action, found, expected, path });
}
