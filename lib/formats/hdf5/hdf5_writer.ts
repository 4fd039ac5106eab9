import { type DenseArray, type NumericArray, sizeOf } from "@/core/arrays.ts";
import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import type { Dataset, File, Group, Module } from "h5wasm/node";
import { booleanPlaceholder, replacePlaceholders } from "./boolean_type.ts";
import type { H5wasmInstance, LibraryCall } from "./h5wasm_instance.ts";
import { useH5wasm } from "./h5wasm_library.ts";
import type { Hdf5AttributeValue } from "./hdf5_file.ts";
import { packRecords } from "./pack_records.ts";

/** Attributes to write; whole numbers are stored as int64, others as float64. */
export type Hdf5Attributes = Readonly<Record<string, Hdf5AttributeValue>>;

/** Writes the content of a new HDF5 file; names are paths within it, as in `obs/area`. */
export interface Hdf5Writer {
  /** Creates a group (`/` is there from the start) and sets its attributes. */
  createGroup(name: string, attributes?: Hdf5Attributes): void;
  /**
   * Writes numbers.
   *
   * @param storage `packed` (default): large arrays are chunked and compressed with gzip; `contiguous`:
   *   none is, as some formats have it.
   */
  write(
    name: string,
    array: DenseArray,
    attributes?: Hdf5Attributes,
    storage?: "packed" | "contiguous",
  ): void;
  /** Writes booleans, 0 or 1 each, as h5py does. */
  writeBooleans(
    name: string,
    values: Uint8Array,
    shape: readonly number[],
    attributes?: Hdf5Attributes,
  ): void;
  /** Writes texts of any length; shape `[]` is a single text. */
  writeStrings(
    name: string,
    values: readonly string[],
    shape: readonly number[],
    attributes?: Hdf5Attributes,
  ): void;
  /** Writes records (a compound type), one column of values for each field. */
  writeRecords(
    name: string,
    fields: ReadonlyMap<string, NumericArray | readonly string[]>,
    attributes?: Hdf5Attributes,
  ): void;
}

type WriteMetadata = Parameters<typeof Module.create_dataset>[3];

/** Chunks and filter of a dataset; empty for a small one. */
interface Layout {
  chunks?: number[];
  compression?: "gzip";
  compression_opts?: number;
}

const CHUNK_BYTES = 2 ** 20;
const COMPRESS_FROM_BYTES = 2 ** 14;
/** Bytes that pass through the library's memory at once: that memory never shrinks. */
const BLOCK_BYTES = 2 ** 26;
const GZIP_LEVEL = 4;

/**
 * Writes an HDF5 file.
 *
 * @param path Where it appears when `write` has returned.
 * @throws {SthelarError} `DiskFailure` or `InvalidArgument`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { localDisk } from "@/formats/disk/mod.ts";
 * import { openHdf5, writeHdf5 } from "@/formats/hdf5/mod.ts";
 *
 * const path = await Deno.makeTempFile({ suffix: ".h5" });
 * await writeHdf5(localDisk, path, (file) => {
 *   file.createGroup("matrix", { version: 2 });
 *   file.write("matrix/data", { data: Int32Array.of(1, 2), shape: [2] });
 * });
 * {
 *   using file = await openHdf5(path);
 *   assertEquals(file.read("matrix/data").data, Int32Array.of(1, 2));
 * }
 * await Deno.remove(path);
 * ```
 */
export async function writeHdf5(
  disk: Disk,
  path: string,
  write: (file: Hdf5Writer) => void | Promise<void>,
): Promise<void> {
  await disk.makeDirectory(path.slice(0, path.lastIndexOf("/")));
  await disk.writeNative(path, async (localPath) => {
    const library = await useH5wasm();
    try {
      await replacePlaceholders(localPath, await writeFile(library, localPath, path, write));
    } finally {
      library.release(localPath, undefined);
    }
  });
}

/** @returns Where the object headers of booleans are. */
async function writeFile(
  library: H5wasmInstance,
  localPath: string,
  path: string,
  write: (file: Hdf5Writer) => void | Promise<void>,
): Promise<readonly number[]> {
  const call = callOf(`Cannot write "${path}"`, path);
  // Object headers of version 1: h5py's default, and without checksums.
  const file = library.run(
    call,
    () => new library.File(localPath, "w", { libver: ["earliest", "latest"] }),
  );
  const writer = new NewHdf5File(library, file, path);
  try {
    await write(writer);
  } catch (error) {
    closeFailed(library, file, call);
    throw error;
  }
  library.close(file, call);
  return writer.booleanAddresses;
}

/** The file is of no use: what is wrong with it has been thrown before. */
function closeFailed(library: H5wasmInstance, file: File, call: LibraryCall): void {
  try {
    library.close(file, call);
  } catch {
    library.retire();
  }
}

function callOf(action: string, path: string): LibraryCall {
  return { action, path, tag: "DiskFailure", bytes: Infinity };
}

class NewHdf5File implements Hdf5Writer {
  /** Object headers of the boolean datasets. */
  readonly booleanAddresses: number[] = [];
  readonly #library: H5wasmInstance;
  readonly #file: File;
  readonly #path: string;

  constructor(library: H5wasmInstance, file: File, path: string) {
    this.#library = library;
    this.#file = file;
    this.#path = path;
  }

  createGroup(name: string, attributes: Hdf5Attributes = {}): void {
    this.#guard(name, () => {
      const isRoot = name === "" || name === "/";
      const group = isRoot ? this.#file : this.#file.create_group(name);
      setAttributes(group, attributes);
    });
  }

  write(
    name: string,
    array: DenseArray,
    attributes: Hdf5Attributes = {},
    storage: "packed" | "contiguous" = "packed",
  ): void {
    this.#checkCount(name, array.data.length, array.shape);
    this.#guard(name, () => {
      const isPacked = storage === "packed";
      const isLarge = array.data.byteLength > BLOCK_BYTES && array.shape.length > 0;
      const dataset = isPacked && isLarge
        ? this.#writeInBlocks(name, array)
        : this.#file.create_dataset({
          name,
          data: array.data,
          shape: [...array.shape],
          ...isPacked ? layout(array) : {},
        });
      setAttributes(dataset, attributes);
    });
  }

  writeBooleans(
    name: string,
    values: Uint8Array,
    shape: readonly number[],
    attributes: Hdf5Attributes = {},
  ): void {
    this.#checkCount(name, values.length, shape);
    this.#guard(name, () => {
      const { chunks } = layout({ data: values, shape });
      const extents = shape.map(BigInt);
      const metadata = {
        ...booleanPlaceholder,
        total_size: values.length,
        shape: extents,
        maxshape: extents,
        chunks: chunks?.map(BigInt) ?? null,
        compression: chunks === undefined ? 0 : 1,
        compression_opts: chunks === undefined ? [] : [GZIP_LEVEL],
        track_order: false,
      };
      this.#createRaw(name, values, metadata as WriteMetadata);
      const dataset = this.#file.get(name) as Dataset;
      const reference = Uint8Array.from(dataset.create_reference().ref_data);
      const address = new DataView(reference.buffer).getBigUint64(0, true);
      this.booleanAddresses.push(Number(address));
      setAttributes(dataset, attributes);
    });
  }

  writeStrings(
    name: string,
    values: readonly string[],
    shape: readonly number[],
    attributes: Hdf5Attributes = {},
  ): void {
    this.#checkCount(name, values.length, shape);
    const withZero = values.find((text) => text.includes("\0"));
    if (withZero !== undefined) {
      throw this.#invalid(name, `the text ${JSON.stringify(withZero)}`, "texts without \\0");
    }
    this.#guard(name, () => {
      const dataset = values.length === 0
        ? this.#emptyStrings(name, shape)
        : this.#file.create_dataset({
          name,
          data: values as string[],
          shape: [...shape],
          dtype: "S",
        });
      setAttributes(dataset, attributes);
    });
  }

  writeRecords(
    name: string,
    fields: ReadonlyMap<string, NumericArray | readonly string[]>,
    attributes: Hdf5Attributes = {},
  ): void {
    const count = [...fields.values()][0]?.length ?? 0;
    for (const [field, { length }] of fields) {
      if (length !== count) throw this.#invalid(name, `${length} values in "${field}"`, `${count}`);
    }
    this.#guard(name, () => {
      using packed = packRecords(this.#library.module, fields, count);
      const extents = [BigInt(count)];
      const metadata = { ...packed.type, total_size: count, shape: extents, maxshape: extents };
      this.#createRaw(name, packed.bytes, { ...metadata, chunks: null } as WriteMetadata);
      setAttributes(this.#file.get(name) as Dataset, attributes);
    });
  }

  /** The library takes no empty list of texts, but shrinks a list of one. */
  #emptyStrings(name: string, shape: readonly number[]): Dataset {
    const dataset = this.#file.create_dataset({
      name,
      data: [""],
      shape: shape.map(() => 1),
      maxshape: shape.map(() => null),
      chunks: shape.map(() => 1),
      dtype: "S",
    });
    dataset.resize([...shape]);
    return dataset;
  }

  #writeInBlocks(name: string, { data, shape }: DenseArray): Dataset {
    const rowSize = sizeOf(shape.slice(1));
    const storage = layout({ data, shape });
    const perChunk = storage.chunks?.[0] ?? 1;
    const rowBytes = rowSize * data.BYTES_PER_ELEMENT;
    const rows = Math.max(1, Math.floor(BLOCK_BYTES / rowBytes / perChunk)) * perChunk;
    const block = (first: number) => data.subarray(first * rowSize, (first + rows) * rowSize);
    const dataset = this.#file.create_dataset({
      name,
      data: block(0),
      shape: [Math.min(rows, shape[0]), ...shape.slice(1)],
      maxshape: [null, ...shape.slice(1)],
      ...storage,
    });
    dataset.resize([...shape]);
    for (let first = rows; first < shape[0]; first += rows) {
      const stop = Math.min(shape[0], first + rows);
      const all = shape.slice(1).map((extent): [number, number] => [0, extent]);
      dataset.write_slice([[first, stop], ...all], block(first));
    }
    return dataset;
  }

  #createRaw(name: string, bytes: Uint8Array, metadata: WriteMetadata): void {
    const { module } = this.#library;
    const pointer = module._malloc(Math.max(1, bytes.length));
    try {
      module.HEAPU8.set(bytes, pointer);
      module.create_dataset(this.#file.file_id, `/${name}`, BigInt(pointer), metadata);
    } finally {
      module._free(pointer);
    }
  }

  #checkCount(name: string, count: number, shape: readonly number[]): void {
    if (count === sizeOf(shape)) return;
    throw this.#invalid(name, `${count} values`, `${sizeOf(shape)} for the shape [${shape}]`);
  }

  #invalid(name: string, found: string, expected: string): SthelarError {
    return new SthelarError("InvalidArgument", {
      action: `Cannot write "${name}" to "${this.#path}"`,
      found,
      expected,
      path: this.#path,
    });
  }

  #guard(name: string, run: () => void): void {
    this.#library.run(callOf(`Cannot write "${name}" to "${this.#path}"`, this.#path), run);
  }
}

function layout({ data, shape }: DenseArray): Layout {
  if (data.byteLength < COMPRESS_FROM_BYTES || shape.length === 0) return {};
  const rowBytes = sizeOf(shape.slice(1)) * data.BYTES_PER_ELEMENT;
  const rows = Math.min(shape[0], Math.max(1, Math.floor(CHUNK_BYTES / rowBytes)));
  return { chunks: [rows, ...shape.slice(1)], compression: "gzip", compression_opts: GZIP_LEVEL };
}

function setAttributes(node: Group | Dataset, attributes: Hdf5Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    const values = Array.isArray(value) ? value : [value];
    const shape = Array.isArray(value) ? [values.length] : [];
    const { data, dtype } = attributeData(values);
    node.create_attribute(name, data, shape, dtype);
  }
}

function attributeData(
  values: readonly (string | number | boolean)[],
): { data: NumericArray | string[]; dtype: string } {
  // An empty list is what h5py makes of one: float64 values, none of them.
  if (values.length === 0) return { data: new Float64Array(0), dtype: "<d" };
  if (values.every((value) => typeof value === "string")) return { data: [...values], dtype: "S" };
  if (values.every((value) => typeof value === "boolean")) {
    return { data: Int8Array.from(values, Number), dtype: "<b" };
  }
  if (values.every((value) => Number.isSafeInteger(value))) {
    return { data: BigInt64Array.from(values, (value) => BigInt(value)), dtype: "<q" };
  }
  return { data: Float64Array.from(values, Number), dtype: "<d" };
}
