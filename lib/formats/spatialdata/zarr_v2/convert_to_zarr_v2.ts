import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { type Progress, silentProgress } from "@/core/progress.ts";
import type { Attributes } from "@/formats/zarr/mod.ts";
import {
  type ArrayMetadata,
  type GroupMetadata,
  type Json,
  readNode,
} from "@/formats/zarr/node_metadata.ts";
import { arrayDocument } from "./array_document.ts";
import { olderAttributes, olderLevelNames } from "./element_attributes.ts";

/** How a store is converted. */
export interface ConvertOptions {
  /** Told of each file. */
  readonly progress?: Progress;
  /** Stops the work; what was written is left for the caller to remove. */
  readonly signal?: AbortSignal;
}

/** What became of a store. */
export interface StoreConversion {
  /** Files that are shared with the store or copied. */
  readonly files: number;
  /** Nodes that the older layout cannot hold (Python's `None`) and that are left out. */
  readonly omitted: readonly string[];
}

/** What is to be written, found out before anything is. */
interface Plan {
  /** Metadata by path below the store, parents first. */
  readonly documents: Map<string, Json>;
  /** Files to share: from and to, below the stores. */
  readonly files: (readonly [from: string, to: string])[];
  readonly omitted: string[];
}

/**
 * Writes a store in the layout that spatialdata before 0.5 reads: zarr v2, OME-NGFF 0.4, the layout
 * of the published stores. No value is encoded again: chunks and parquet files are hard-linked under
 * their v2 names, so that it takes no space on the same disk. The store's own metadata comes last.
 *
 * @param from Folder of the store, zarr v3 as written here; one of zarr v2 is taken as it is.
 * @param to Folder to write to; nothing may be there yet.
 * @throws {SthelarError} `UnsupportedVersion` for codecs, types and versions that the older layout
 *   lacks, before anything is written; `Aborted` if stopped.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { packPolygons } from "@/core/polygons.ts";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 * import { identity, openSpatialData, writeShapes, writeStoreRoot } from "@/formats/spatialdata/mod.ts";
 * import { convertToZarrV2 } from "@/formats/spatialdata/zarr_v2/mod.ts";
 *
 * const disk = new MemoryDisk();
 * await writeShapes(disk, "/a.zarr", "nuclei", {
 *   ids: ["aaaaaaaa-1"],
 *   geometries: packPolygons([[[[0, 0, 2, 0, 0, 2, 0, 0]]]]),
 *   transformations: new Map([["global", identity]]),
 * });
 * await writeStoreRoot(disk, "/a.zarr");
 * await convertToZarrV2(disk, "/a.zarr", "/old.zarr");
 * const store = await openSpatialData(disk, "/old.zarr");
 * assertEquals([store.zarrFormat, store.names("shapes")], [2, ["nuclei"]]);
 * ```
 */
export async function convertToZarrV2(
  disk: Disk,
  from: string,
  to: string,
  { progress = silentProgress, signal }: ConvertOptions = {},
): Promise<StoreConversion> {
  const root = await readNode(disk, from);
  if (root?.kind !== "group") {
    throw new SthelarError("NotFound", {
      action: `Cannot convert "${from}" to zarr v2`,
      found: root === undefined ? "no zarr metadata" : "an array",
      expected: "a SpatialData store",
      path: from,
    });
  }
  const plan: Plan = { documents: new Map(), files: [], omitted: [] };
  const planner = new Planner(disk, from, plan, signal);
  if (root.zarrFormat === 2) await planner.addFiles("", "");
  else await planner.addGroup("", "", root);
  await writePlan(disk, from, to, plan, { progress, ...(signal === undefined ? {} : { signal }) });
  return { files: plan.files.length, omitted: plan.omitted };
}

/** Walks a store and notes what becomes of each node. */
class Planner {
  constructor(
    readonly disk: Disk,
    readonly root: string,
    readonly plan: Plan,
    readonly signal: AbortSignal | undefined,
  ) {}

  /** Adds a group and all below it. */
  async addGroup(from: string, to: string, { attributes }: GroupMetadata): Promise<void> {
    this.#document(to, ".zgroup", { zarr_format: 2 });
    const older = olderAttributes(from, attributes);
    if (Object.keys(older).length > 0) this.#document(to, ".zattrs", older);
    const levels = /^(images|labels)\/[^/]+$/.test(from) ? olderLevelNames(attributes) : undefined;
    for (const name of await this.disk.list(this.#at(from))) {
      if (name === "zarr.json" || name.startsWith(".")) continue;
      await this.#addChild(below(from, name), below(to, levels?.get(name) ?? name));
    }
  }

  /** Adds a file, or all files below a folder, as they are. */
  async addFiles(from: string, to: string): Promise<void> {
    stopIfAborted(this.signal, this.root);
    if (!await this.#isFolder(from)) {
      this.plan.files.push([from, to]);
      return;
    }
    for (const name of await this.disk.list(this.#at(from))) {
      await this.addFiles(below(from, name), below(to, name));
    }
  }

  async #addChild(from: string, to: string): Promise<void> {
    stopIfAborted(this.signal, this.root);
    const node = await readNode(this.disk, this.#at(from));
    if (node === undefined) await this.addFiles(from, to);
    else if (node.attributes["encoding-type"] === "null") this.plan.omitted.push(from);
    else if (node.kind === "group") await this.addGroup(from, to, node);
    else await this.#addArray(from, to, node);
  }

  async #addArray(from: string, to: string, metadata: ArrayMetadata): Promise<void> {
    const { zarray, chunkName } = arrayDocument(metadata);
    this.#document(to, ".zarray", zarray);
    const attributes = withDimensions(metadata);
    if (Object.keys(attributes).length > 0) this.#document(to, ".zattrs", attributes);
    const pending = [""];
    while (pending.length > 0) {
      stopIfAborted(this.signal, this.root);
      const folder = pending.pop() as string;
      for (const name of await this.disk.list(this.#at(below(from, folder)))) {
        const file = below(folder, name);
        const chunk = chunkName(file);
        if (chunk !== undefined) this.plan.files.push([below(from, file), below(to, chunk)]);
        else if (await this.#isFolder(below(from, file))) pending.push(file);
      }
    }
  }

  #document(path: string, name: string, document: Json): void {
    this.plan.documents.set(below(path, name), document);
  }

  async #isFolder(path: string): Promise<boolean> {
    return (await this.disk.stat(this.#at(path)))?.isDirectory === true;
  }

  #at(path: string): string {
    return below(this.root, path);
  }
}

/** zarr v2 has no names of axes: xarray's attribute keeps them. */
function withDimensions({ attributes, dimensionNames }: ArrayMetadata): Attributes {
  return dimensionNames === undefined
    ? attributes
    : { ...attributes, _ARRAY_DIMENSIONS: [...dimensionNames] };
}

async function writePlan(
  disk: Disk,
  from: string,
  to: string,
  { documents, files }: Plan,
  { progress, signal }: { progress: Progress; signal?: AbortSignal },
): Promise<void> {
  for (const [done, [source, target]] of files.entries()) {
    stopIfAborted(signal, to);
    await disk.link(below(from, source), below(to, target));
    progress.update(done + 1, files.length, "files");
  }
  const isOwn = ([path]: readonly [string, Json]) => path === ".zgroup" || path === ".zattrs";
  const ordered = [...documents].filter((entry) => !isOwn(entry));
  for (const [path, document] of ordered) {
    stopIfAborted(signal, to);
    await disk.write(below(to, path), encode(document));
  }
  if (documents.size === 0) return;
  const consolidated = encode({
    metadata: Object.fromEntries(documents),
    zarr_consolidated_format: 1,
  });
  // Releases before 0.5 look for the name without the dot, zarr for the other one.
  for (const name of ["zmetadata", ".zmetadata"]) await disk.write(below(to, name), consolidated);
  for (const [path, document] of [...documents].filter(isOwn)) {
    await disk.write(below(to, path), encode(document));
  }
}

function encode(document: Json): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(document, undefined, 4));
}

function stopIfAborted(signal: AbortSignal | undefined, path: string): void {
  if (signal?.aborted) {
    throw new SthelarError("Aborted", { action: `Stopped the conversion of "${path}"`, path });
  }
}

function below(folder: string, name: string): string {
  return folder === "" ? name : name === "" ? folder : `${folder}/${name}`;
}
