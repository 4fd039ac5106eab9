import {
  allocate,
  bytesPerValue,
  type DenseArray,
  type NumericArray,
  type NumericDType,
  sizeOf,
  viewAs,
} from "@/core/arrays.ts";
import { SthelarError } from "@/core/errors.ts";
import { didYouMean } from "@/core/nearest.ts";
import type { Dataset, File, Group, Metadata } from "h5wasm/node";
import type { H5wasmInstance } from "./h5wasm_instance.ts";
import { identityOf, useH5wasm } from "./h5wasm_library.ts";
import { type Hdf5Field, recordFields } from "./record_fields.ts";
import { decodeAsUtf8InPlace, type Hdf5DType, valueTypeOf } from "./value_type.ts";

/** Value of an attribute; 64-bit integers come as numbers. */
export type Hdf5AttributeValue = string | number | boolean | readonly (string | number | boolean)[];

/** What a dataset holds. */
export interface Hdf5DatasetInfo {
  /** Extents; empty for a single value, `undefined` for a dataset that holds nothing. */
  readonly shape: readonly number[] | undefined;
  /** Type of the values. */
  readonly dtype: Hdf5DType;
  /** Extents of a stored chunk, if it is chunked. */
  readonly chunks: readonly number[] | undefined;
}

/** An HDF5 file, open for reading. Close it with `using`. */
export interface Hdf5File extends Disposable {
  /** Its place on disk. */
  readonly path: string;
  /** Whether there is a group or dataset of this name. */
  has(name: string): boolean;
  /** What is under a name, `undefined` if nothing is. */
  kindOf(name: string): "group" | "dataset" | undefined;
  /** Names and kinds in a group, sorted by name; links that lead nowhere are left out. */
  children(name?: string): readonly { readonly name: string; readonly kind: "group" | "dataset" }[];
  /** Attributes of a group or dataset. */
  attributes(name?: string): Readonly<Record<string, Hdf5AttributeValue>>;
  /** Shape and type of a dataset. */
  info(name: string): Hdf5DatasetInfo;
  /**
   * Reads numbers; booleans become 0 and 1.
   *
   * @param name Path within the file, as in `matrix/data`.
   * @param rows `[start, stop)` on the first axis; all by default.
   * @throws {SthelarError} `NotFound`, `CorruptData`, or `InvalidArgument` for texts.
   */
  read(name: string, rows?: readonly [start: number, stop: number]): DenseArray;
  /** Reads texts, in C order. */
  readStrings(name: string, rows?: readonly [start: number, stop: number]): string[];
  /** Reads records (a compound type), field by field. */
  readRecords(name: string): ReadonlyMap<string, Hdf5Field>;
}

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
/** Bytes that one call reads: what passes through the library's memory at once. */
const BLOCK_BYTES = 2 ** 26;
const BLOCK_TEXTS = 2 ** 18;
/** Deflate, HDF5's usual filter, packs 1032 bytes into one at best. */
const MAX_RATIO = 1100;
/** Memory for the library's own structures: caches and, at most a few times, what a file holds of texts. */
const STRUCTURE_BYTES = 2 ** 26;
const MAX_TEXT_BYTES = 2 ** 29;
/** Values pass through so many buffers: packed, unpacked, and handed over. */
const COPIES = 3;
/** Datasets below this are read whatever the file's size: values that were never written take none. */
const MIN_BYTES = 2 ** 24;

/**
 * Opens an HDF5 file for reading.
 *
 * @param path A file on the machine's disk.
 * @throws {SthelarError} `NotFound`, or `CorruptData` for a file that is no HDF5 file or is cut short.
 *
 * @example
 * ```ts
 * import { assertEquals, assertRejects } from "@std/assert";
 * import { SthelarError } from "@/core/errors.ts";
 * import { openHdf5 } from "@/formats/hdf5/mod.ts";
 *
 * const path = await Deno.makeTempFile({ suffix: ".h5" });
 * const error = await assertRejects(() => openHdf5(path), SthelarError);
 * assertEquals(error.tag, "CorruptData");
 * await Deno.remove(path);
 * ```
 */
export async function openHdf5(path: string): Promise<Hdf5File> {
  const { identity, fileBytes } = await checkSignature(path);
  const library = await useH5wasm(identity);
  try {
    const call = { action: `Cannot open "${path}"`, path, bytes: bytesOfStructures(fileBytes) };
    const file = library.run(call, () => new library.File(path, "r"));
    return new OpenHdf5File(library, file, { path, identity, fileBytes });
  } catch (error) {
    library.release(path, identity);
    throw error;
  }
}

/** Where a file is, and what is known of it before the library sees it. */
interface Place {
  readonly path: string;
  readonly identity: string;
  readonly fileBytes: number;
}

class OpenHdf5File implements Hdf5File {
  readonly path: string;
  readonly #library: H5wasmInstance;
  readonly #file: File;
  readonly #place: Place;
  #isOpen = true;
  #hasFailed = false;

  constructor(library: H5wasmInstance, file: File, place: Place) {
    this.#place = place;
    this.#library = library;
    this.#file = file;
    this.path = place.path;
  }

  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const { path, identity, fileBytes } = this.#place;
    const call = { action: `Cannot close "${path}"`, path, bytes: bytesOfStructures(fileBytes) };
    try {
      this.#library.close(this.#file, call);
    } catch (error) {
      // After a failed read that is what counts: `using` would wrap it in another error.
      if (!this.#hasFailed) throw error;
    } finally {
      this.#library.release(path, identity);
    }
  }

  has(name: string): boolean {
    return this.#find(name) !== undefined;
  }

  kindOf(name: string): "group" | "dataset" | undefined {
    const node = this.#find(name);
    if (node === undefined) return undefined;
    return node instanceof this.#library.Group ? "group" : "dataset";
  }

  children(name = "/"): readonly { name: string; kind: "group" | "dataset" }[] {
    const group = this.#find(name);
    if (!(group instanceof this.#library.Group)) throw this.#missing(name, "group", group);
    const children: { name: string; kind: "group" | "dataset" }[] = [];
    for (const key of this.#guard(name, () => group.keys()).sort()) {
      const child = this.#find(`${name}/${key}`);
      if (child === undefined) continue;
      children.push({
        name: key,
        kind: child instanceof this.#library.Group ? "group" : "dataset",
      });
    }
    return children;
  }

  attributes(name = "/"): Readonly<Record<string, Hdf5AttributeValue>> {
    const node = this.#find(name);
    if (node === undefined) throw this.#missing(name, "group or dataset", node);
    const result: Record<string, Hdf5AttributeValue> = {};
    const entries = this.#guard(name, () => Object.entries(node.attrs));
    for (const [key, attribute] of entries) {
      const value = this.#guard(name, () => attribute.json_value);
      if (isPlain(value)) result[key] = value;
    }
    return result;
  }

  info(name: string): Hdf5DatasetInfo {
    const { metadata, dtype } = this.#dataset(name);
    return {
      shape: metadata.shape ?? undefined,
      dtype,
      chunks: metadata.chunks ?? undefined,
    };
  }

  read(name: string, rows?: readonly [number, number]): DenseArray {
    const { dataset, metadata, dtype } = this.#dataset(name);
    if (dtype === "string" || dtype === "records") throw this.#wrongCall(name, dtype, "numbers");
    const stored = dtype === "bool" ? "uint8" : dtype;
    const shape = this.#selected(name, metadata, rows);
    if (shape.length === 0) return { data: this.#scalar(name, dataset, stored), shape };
    const data = allocate(stored, sizeOf(shape));
    const rowSize = sizeOf(shape.slice(1));
    const perBlock = blockRows(metadata, BLOCK_BYTES / Math.max(1, rowSize * metadata.size));
    const first = rows?.[0] ?? 0;
    for (let row = 0; row < shape[0] && rowSize > 0; row += perBlock) {
      const stop = Math.min(shape[0], row + perBlock);
      const block = this.#slice(name, dataset, [first + row, first + stop]);
      const values = asStored(block as NumericArray, stored, metadata.littleEndian);
      (data as Uint8Array).set(values as Uint8Array, row * rowSize);
    }
    return { data, shape };
  }

  readStrings(name: string, rows?: readonly [number, number]): string[] {
    const { dataset, metadata, dtype } = this.#dataset(name);
    if (dtype !== "string") throw this.#wrongCall(name, dtype, "texts");
    const shape = this.#selected(name, metadata, rows);
    if (shape.length === 0) return [this.#guard(name, () => dataset.value) as string];
    const rowSize = sizeOf(shape.slice(1));
    const perBlock = blockRows(metadata, BLOCK_TEXTS / Math.max(1, rowSize));
    const first = rows?.[0] ?? 0;
    const texts: string[] = [];
    for (let row = 0; row < shape[0] && rowSize > 0; row += perBlock) {
      const stop = Math.min(shape[0], row + perBlock);
      const block = this.#slice(name, dataset, [first + row, first + stop]);
      for (const text of block as string[]) texts.push(text);
    }
    return texts;
  }

  readRecords(name: string): ReadonlyMap<string, Hdf5Field> {
    const { dataset, metadata, dtype } = this.#dataset(name);
    if (dtype !== "records") throw this.#wrongCall(name, dtype, "records");
    const rows = this.#guard(name, () => dataset.value, metadata.total_size * metadata.size);
    const members = metadata.compound_type?.members ?? [];
    return this.#guard(name, () => recordFields(members, rows as readonly unknown[][]));
  }

  #slice(name: string, dataset: Dataset, rows: [number, number]): unknown {
    const { shape, chunks, size } = dataset.metadata;
    const rowSize = sizeOf(shape?.slice(1) ?? []);
    const bytes = size * ((rows[1] - rows[0]) * rowSize + sizeOf(chunks ?? [0]));
    return this.#guard(name, () => dataset.slice([rows]), bytes);
  }

  #scalar(name: string, dataset: Dataset, dtype: NumericDType): NumericArray {
    const value = this.#guard(name, () => dataset.value) as number | bigint;
    const data = allocate(dtype, 1);
    data[0] = value;
    return data;
  }

  #selected(name: string, metadata: Metadata, rows?: readonly [number, number]): number[] {
    const { shape } = metadata;
    if (shape === null) throw this.#wrongCall(name, "nothing", "values");
    if (rows === undefined) return [...shape];
    const [start, stop] = rows;
    if (shape.length === 0 || start < 0 || start > stop || stop > shape[0]) {
      throw new SthelarError("InvalidArgument", {
        action: `Cannot read rows ${start} to ${stop} of "${name}" in "${this.path}"`,
        found: `a dataset of ${shape.join(" x ")}`,
        path: this.path,
      });
    }
    return [stop - start, ...shape.slice(1)];
  }

  #dataset(name: string): { dataset: Dataset; metadata: Metadata; dtype: Hdf5DType } {
    const dataset = this.#find(name);
    if (!(dataset instanceof this.#library.Dataset)) throw this.#missing(name, "dataset", dataset);
    const metadata = this.#guard(name, () => dataset.metadata);
    const dtype = valueTypeOf(metadata);
    if (dtype === undefined) {
      throw new SthelarError("UnsupportedVersion", {
        action: `Cannot read "${name}" of "${this.path}"`,
        found: `an HDF5 type of class ${metadata.type} and ${metadata.size} bytes`,
        expected: "integers, float32, float64, texts or records of them",
        path: this.path,
      });
    }
    this.#checkSize(name, metadata);
    decodeAsUtf8InPlace(metadata);
    return { dataset, metadata, dtype };
  }

  /** The library believes any extents, and takes memory for them before it looks for the values. */
  #checkSize(name: string, { shape, size }: Metadata): void {
    const bytes = sizeOf(shape ?? [0]) * size;
    if (bytes <= MAX_RATIO * this.#place.fileBytes + MIN_BYTES) return;
    throw new SthelarError("CorruptData", {
      action: `Cannot read "${name}" of "${this.path}"`,
      found: `${
        (shape ?? []).join(" x ")
      } values of ${size} bytes in a file of ${this.#place.fileBytes}`,
      expected: `at most ${MAX_RATIO} times the file`,
      path: this.path,
    });
  }

  #find(name: string): Group | Dataset | undefined {
    if (!this.#isOpen) {
      throw new SthelarError("InvalidArgument", {
        action: `Cannot read "${name}" of "${this.path}"`,
        found: "a closed file",
        path: this.path,
      });
    }
    const node = this.#guard(name, () => this.#file.get(name));
    const isKnown = node instanceof this.#library.Group || node instanceof this.#library.Dataset;
    return isKnown ? node : undefined;
  }

  /** @param bytes How much the call reads. */
  #guard<T>(name: string, run: () => T, bytes = 0): T {
    const room = bytesOfStructures(this.#place.fileBytes) + COPIES * bytes;
    const action = `Cannot read "${name}" of "${this.path}"`;
    try {
      return this.#library.run({ action, path: this.path, bytes: room }, run);
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    }
  }

  #missing(name: string, kind: string, found: Group | Dataset | undefined): SthelarError {
    const parent = this.#find(name.slice(0, Math.max(0, name.lastIndexOf("/"))) || "/");
    const siblings = parent instanceof this.#library.Group
      ? this.#guard(name, () => parent.keys())
      : [];
    return new SthelarError("NotFound", {
      action: `Cannot read the ${kind} "${name}" of "${this.path}"`,
      found: found === undefined ? "nothing of that name" : `a ${found.type.toLowerCase()}`,
      remedy: didYouMean(name.slice(name.lastIndexOf("/") + 1), siblings),
      path: this.path,
    });
  }

  #wrongCall(name: string, found: string, expected: string): SthelarError {
    return new SthelarError("InvalidArgument", {
      action: `Cannot read "${name}" of "${this.path}" this way`,
      found,
      expected,
      path: this.path,
    });
  }
}

/** References to other objects, as old AnnData files hold, are no values. */
function isPlain(value: unknown): value is Hdf5AttributeValue {
  return typeof value === "object"
    ? Array.isArray(value) && value.every((item) => typeof item !== "object")
    : true;
}

/** What is known of a file, if it is one of HDF5. */
async function checkSignature(path: string): Promise<Place> {
  let file: Deno.FsFile;
  try {
    file = await Deno.open(path);
  } catch (cause) {
    const isMissing = cause instanceof Deno.errors.NotFound;
    throw new SthelarError(isMissing ? "NotFound" : "DiskFailure", {
      action: `Cannot open "${path}"`,
      ...(isMissing ? { found: "no file" } : { remedy: "check that it can be read" }),
      path,
      cause,
    });
  }
  using open = file;
  const bytes = new Uint8Array(8);
  const stat = await open.stat();
  const { size } = stat;
  // A user block of 512 bytes times a power of two may come first.
  for (let at = 0; at + 8 <= size; at = at === 0 ? 512 : at * 2) {
    await open.seek(at, Deno.SeekMode.Start);
    const count = await open.read(bytes);
    if (count === 8 && SIGNATURE.every((byte, i) => byte === bytes[i])) {
      return { path, identity: identityOf(path, stat), fileBytes: size };
    }
  }
  throw new SthelarError("CorruptData", {
    action: `Cannot open "${path}"`,
    found: `a file of ${size} bytes without the signature of HDF5`,
    expected: "an HDF5 file",
    path,
  });
}

/** How much memory the library may take beside that for values: it believes the lengths of texts. */
function bytesOfStructures(fileBytes: number): number {
  return STRUCTURE_BYTES + Math.min(4 * fileBytes, MAX_TEXT_BYTES);
}

/** Rows to read at once: a multiple of the stored chunks, so that none is decoded twice. */
function blockRows(metadata: Metadata, atMost: number): number {
  const perChunk = metadata.chunks?.[0] ?? 1;
  return Math.max(1, Math.floor(atMost / perChunk)) * perChunk;
}

function asStored(values: NumericArray, dtype: NumericDType, littleEndian: boolean): NumericArray {
  const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  if (!littleEndian) reverseEachInPlace(bytes, bytesPerValue(dtype));
  return viewAs(dtype, bytes);
}

function reverseEachInPlace(bytes: Uint8Array, width: number): void {
  for (let at = 0; at < bytes.length; at += width) bytes.subarray(at, at + width).reverse();
}
