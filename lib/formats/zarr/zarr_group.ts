import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { didYouMean } from "@/core/nearest.ts";
import type { Attributes } from "./attributes.ts";
import { type GroupMetadata, type NodeMetadata, readNode } from "./node_metadata.ts";
import { type Records, StoredArray, type ZarrArray } from "./zarr_array.ts";

/** A group of a zarr store. */
export interface ZarrGroup {
  /** Its folder. */
  readonly path: string;
  /** The version of the format that it is stored in. */
  readonly zarrFormat: 2 | 3;
  /** Its free-form metadata. */
  readonly attributes: Attributes;
  /** The nodes in it, sorted by name; folders that are no nodes are left out. */
  children(): Promise<readonly ZarrChild[]>;
  /** Whether there is a node of this name (or path) in it. */
  has(name: string): Promise<boolean>;
  /**
   * Opens a group below.
   *
   * @throws {SthelarError} `NotFound` if there is none.
   */
  group(relativePath: string): Promise<ZarrGroup>;
  /**
   * Opens an array below.
   *
   * @throws {SthelarError} `NotFound` if there is none.
   */
  array(relativePath: string): Promise<ZarrArray>;
}

/** A node in a group. */
export interface ZarrChild {
  readonly name: string;
  readonly kind: "group" | "array";
}

/**
 * Opens a zarr v2 or v3 group.
 *
 * Each node's own metadata file is read, so that consolidated metadata may be there, absent or out
 * of date.
 *
 * @param path The group's folder, absolute.
 * @throws {SthelarError} `NotFound`, `CorruptData` or `UnsupportedVersion`, naming the file.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 * import { createGroup, openGroup, writeArray } from "@/formats/zarr/mod.ts";
 *
 * const disk = new MemoryDisk();
 * await createGroup(disk, "/store.zarr", { unit: "µm" });
 * await writeArray(disk, "/store.zarr/x", { data: Float32Array.of(1, 2), shape: [2] });
 * const group = await openGroup(disk, "/store.zarr");
 * assertEquals(group.attributes.unit, "µm");
 * assertEquals(await (await group.array("x")).read(), { data: Float32Array.of(1, 2), shape: [2] });
 * ```
 */
export async function openGroup(disk: Disk, path: string): Promise<ZarrGroup> {
  const node = await readNode(disk, path);
  if (node?.kind !== "group") throw await missing(disk, path, "group", node);
  return new StoredGroup(disk, path, node);
}

/**
 * Opens a zarr v2 or v3 array by its folder.
 *
 * @throws {SthelarError} `NotFound`, `CorruptData` or `UnsupportedVersion`, naming the file.
 */
export async function openArray(disk: Disk, path: string): Promise<ZarrArray> {
  return await openStoredArray(disk, path, 3);
}

/** A node of either kind. */
export type ZarrNode =
  | { readonly kind: "group"; readonly group: ZarrGroup }
  | { readonly kind: "array"; readonly array: ZarrArray; readonly isStructured: boolean };

/**
 * Opens whatever node is in a folder.
 *
 * @returns `undefined` if there is none; `isStructured` arrays are read with {@link readRecords}.
 * @throws {SthelarError} `CorruptData` or `UnsupportedVersion`, naming the file.
 */
export async function openNode(disk: Disk, path: string): Promise<ZarrNode | undefined> {
  const node = await readNode(disk, path);
  if (node === undefined) return undefined;
  if (node.kind === "group") return { kind: "group", group: new StoredGroup(disk, path, node) };
  const isStructured = node.type.kind === "records";
  return { kind: "array", array: new StoredArray(disk, path, node), isStructured };
}

/**
 * Reads a one-dimensional structured array, field by field.
 *
 * @throws {SthelarError} `NotFound`, `CorruptData`, `UnsupportedVersion`, or `InvalidArgument` if the
 *   array is not structured.
 */
export async function readRecords(disk: Disk, path: string): Promise<Records> {
  return await (await openStoredArray(disk, path, 3)).readRecords();
}

class StoredGroup implements ZarrGroup {
  readonly path: string;
  readonly zarrFormat: 2 | 3;
  readonly attributes: Attributes;
  readonly #disk: Disk;

  constructor(disk: Disk, path: string, { zarrFormat, attributes }: GroupMetadata) {
    this.path = path;
    this.zarrFormat = zarrFormat;
    this.attributes = attributes;
    this.#disk = disk;
  }

  async children(): Promise<readonly ZarrChild[]> {
    const children: ZarrChild[] = [];
    for (const name of await this.#disk.list(this.path)) {
      if (name.startsWith(".") || name === "zarr.json") continue;
      const node = await this.#node(name);
      if (node !== undefined) children.push({ name, kind: node.kind });
    }
    return children;
  }

  async has(name: string): Promise<boolean> {
    return await this.#node(name) !== undefined;
  }

  async group(relativePath: string): Promise<ZarrGroup> {
    const node = await this.#node(relativePath);
    const path = `${this.path}/${relativePath}`;
    if (node?.kind !== "group") throw await missing(this.#disk, path, "group", node);
    return new StoredGroup(this.#disk, path, node);
  }

  async array(relativePath: string): Promise<ZarrArray> {
    return await openStoredArray(this.#disk, `${this.path}/${relativePath}`, this.zarrFormat);
  }

  #node(relativePath: string): Promise<NodeMetadata | undefined> {
    return readNode(this.#disk, `${this.path}/${relativePath}`, this.zarrFormat);
  }
}

async function openStoredArray(disk: Disk, path: string, hint: 2 | 3): Promise<StoredArray> {
  const node = await readNode(disk, path, hint);
  if (node?.kind !== "array") throw await missing(disk, path, "array", node);
  return new StoredArray(disk, path, node);
}

async function missing(
  disk: Disk,
  path: string,
  kind: "group" | "array",
  node: NodeMetadata | undefined,
): Promise<SthelarError> {
  const slash = path.lastIndexOf("/");
  const siblings = (await disk.list(path.slice(0, slash))).filter((name) => name !== "zarr.json");
  return new SthelarError("NotFound", {
    action: `Cannot open the zarr ${kind} "${path}"`,
    found: node === undefined ? "no zarr metadata" : `a zarr ${node.kind}`,
    expected: `a zarr ${kind}`,
    ...(siblings.length === 0
      ? {}
      : { remedy: didYouMean(path.slice(slash + 1), siblings.filter((name) => name[0] !== ".")) }),
    path,
  });
}
