import type { DenseArray } from "@/core/arrays.ts";
import type { Disk } from "@/core/disk.ts";
import {
  type Attributes,
  createGroup,
  openArray,
  openGroup,
  openNode,
  readRecords,
  writeArray,
  writeBooleans,
  writeRecords,
  writeStrings,
  type ZarrArray,
} from "@/formats/zarr/mod.ts";
import { dtypeOf } from "@/core/arrays.ts";
import type { ElementSink, ElementSource, NodeInfo, RecordColumns, Rows } from "./element_store.ts";
import type { RecordField } from "./model.ts";

/** Elements of a zarr store, version 2 or 3. */
export class ZarrSource implements ElementSource {
  readonly location: string;
  readonly #disk: Disk;

  /** @param location The store's folder, absolute. */
  constructor(disk: Disk, location: string) {
    this.#disk = disk;
    this.location = location;
  }

  async info(path: string): Promise<NodeInfo | undefined> {
    const node = await openNode(this.#disk, this.#at(path));
    if (node === undefined) return undefined;
    if (node.kind === "group") return { kind: "group", attributes: node.group.attributes };
    const { attributes, shape, dtype } = node.array;
    return { kind: "array", attributes, shape, dtype: node.isStructured ? "records" : dtype };
  }

  async children(path: string): Promise<readonly string[]> {
    const group = await openGroup(this.#disk, this.#at(path));
    return (await group.children()).map(({ name }) => name);
  }

  async read(path: string, rows?: Rows): Promise<DenseArray> {
    const array = await this.#array(path);
    if (rows === undefined) return await array.read();
    const rest = array.shape.slice(1).map((extent) => [0, extent] as const);
    return await array.readRegion([rows, ...rest]);
  }

  async readStrings(path: string): Promise<readonly string[]> {
    return await (await this.#array(path)).readStrings();
  }

  async readRecords(path: string): Promise<ReadonlyMap<string, RecordField>> {
    const records = await readRecords(this.#disk, this.#at(path));
    return new Map(
      [...records].map(([name, data]) => {
        const dtype = Array.isArray(data) ? "string" : dtypeOf(data as Uint8Array);
        return [name, { dtype, data, shape: [data.length] }];
      }),
    );
  }

  #array(path: string): Promise<ZarrArray> {
    return openArray(this.#disk, this.#at(path));
  }

  #at(path: string): string {
    return path === "" ? this.location : `${this.location}/${path}`;
  }
}

/** Writes elements to a zarr store, version 3. */
export class ZarrSink implements ElementSink {
  readonly location: string;
  readonly #disk: Disk;

  /** @param location The store's folder, absolute. */
  constructor(disk: Disk, location: string) {
    this.#disk = disk;
    this.location = location;
  }

  createGroup(path: string, attributes: Attributes): Promise<void> {
    return createGroup(this.#disk, this.#at(path), attributes);
  }

  writeArray(path: string, array: DenseArray, attributes: Attributes): Promise<void> {
    return writeArray(this.#disk, this.#at(path), array, { attributes });
  }

  writeBooleans(
    path: string,
    values: Uint8Array,
    shape: readonly number[],
    attributes: Attributes,
  ): Promise<void> {
    return writeBooleans(this.#disk, this.#at(path), values, shape, { attributes });
  }

  writeStrings(
    path: string,
    values: readonly string[],
    shape: readonly number[],
    attributes: Attributes,
  ): Promise<void> {
    return writeStrings(this.#disk, this.#at(path), values, shape, { attributes });
  }

  writeRecords(path: string, fields: RecordColumns, attributes: Attributes): Promise<void> {
    return writeRecords(this.#disk, this.#at(path), fields, attributes);
  }

  #at(path: string): string {
    return path === "" ? this.location : `${this.location}/${path}`;
  }
}
