import type { DenseArray } from "@/core/arrays.ts";
import type { Hdf5Attributes, Hdf5File, Hdf5Writer } from "@/formats/hdf5/mod.ts";
import type { Attributes } from "@/formats/zarr/mod.ts";
import type { ElementSink, ElementSource, NodeInfo, RecordColumns, Rows } from "./element_store.ts";
import type { RecordField } from "./model.ts";

/** Elements of an open HDF5 file. */
export class Hdf5Source implements ElementSource {
  readonly location: string;
  readonly #file: Hdf5File;

  /** @param file Stays the caller's to close. */
  constructor(file: Hdf5File) {
    this.#file = file;
    this.location = file.path;
  }

  // deno-lint-ignore require-await -- the interface is asynchronous, the library is not
  async info(path: string): Promise<NodeInfo | undefined> {
    const name = path === "" ? "/" : path;
    const kind = this.#file.kindOf(name);
    if (kind === undefined) return undefined;
    const attributes = this.#file.attributes(name) as Attributes;
    if (kind === "group") return { kind, attributes };
    const { shape, dtype } = this.#file.info(name);
    return { kind: "array", attributes, dtype, ...(shape === undefined ? {} : { shape }) };
  }

  // deno-lint-ignore require-await -- as above
  async children(path: string): Promise<readonly string[]> {
    return this.#file.children(path === "" ? "/" : path).map(({ name }) => name);
  }

  // deno-lint-ignore require-await -- as above
  async read(path: string, rows?: Rows): Promise<DenseArray> {
    return this.#file.read(path, rows);
  }

  // deno-lint-ignore require-await -- as above
  async readStrings(path: string): Promise<readonly string[]> {
    return this.#file.readStrings(path);
  }

  // deno-lint-ignore require-await -- as above
  async readRecords(path: string): Promise<ReadonlyMap<string, RecordField>> {
    return this.#file.readRecords(path);
  }
}

/** Writes elements to a new HDF5 file. */
export class Hdf5Sink implements ElementSink {
  readonly location: string;
  readonly #file: Hdf5Writer;

  /** @param location The file's place, for messages. */
  constructor(file: Hdf5Writer, location: string) {
    this.#file = file;
    this.location = location;
  }

  // deno-lint-ignore require-await -- the interface is asynchronous, the library is not
  async createGroup(path: string, attributes: Attributes): Promise<void> {
    this.#file.createGroup(path, attributes as Hdf5Attributes);
  }

  // deno-lint-ignore require-await -- as above
  async writeArray(path: string, array: DenseArray, attributes: Attributes): Promise<void> {
    this.#file.write(path, array, attributes as Hdf5Attributes);
  }

  // deno-lint-ignore require-await -- as above
  async writeBooleans(
    path: string,
    values: Uint8Array,
    shape: readonly number[],
    attributes: Attributes,
  ): Promise<void> {
    this.#file.writeBooleans(path, values, shape, attributes as Hdf5Attributes);
  }

  // deno-lint-ignore require-await -- as above
  async writeStrings(
    path: string,
    values: readonly string[],
    shape: readonly number[],
    attributes: Attributes,
  ): Promise<void> {
    this.#file.writeStrings(path, values, shape, attributes as Hdf5Attributes);
  }

  // deno-lint-ignore require-await -- as above
  async writeRecords(path: string, fields: RecordColumns, attributes: Attributes): Promise<void> {
    this.#file.writeRecords(path, fields, attributes as Hdf5Attributes);
  }
}
