import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { openHdf5, writeHdf5 } from "@/formats/hdf5/mod.ts";
import type { Attributes } from "@/formats/zarr/mod.ts";
import type { ElementSource } from "./element_store.ts";
import { Hdf5Sink, Hdf5Source } from "./hdf5_elements.ts";
import { readLegacyTable } from "./legacy_table.ts";
import type { AnnData, Element } from "./model.ts";
import { decodeElement, encodeElement } from "./registry.ts";
import { ZarrSink, ZarrSource } from "./zarr_elements.ts";

/**
 * Writes a table as zarr version 3, as AnnData 0.12 lays it out.
 *
 * Consolidated metadata is not written: call `consolidateMetadata` on the store's root last.
 *
 * @param path The table's folder, absolute.
 * @param extraAttributes Added to the root's, as SpatialData does.
 * @throws {SthelarError} `InvalidArgument` if the parts' shapes disagree or a name cannot be stored.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 * import { readAnnDataZarr, writeAnnDataZarr } from "@/formats/anndata/mod.ts";
 *
 * const disk = new MemoryDisk();
 * await writeAnnDataZarr(disk, "/table.zarr", {
 *   X: { data: Float32Array.of(1, 2), shape: [1, 2] },
 *   obs: { index: ["cell"], columns: new Map([["area", Float64Array.of(40.5)]]) },
 *   var: { index: ["EPCAM", "VIM"], columns: new Map() },
 *   obsm: {}, varm: {}, obsp: {}, varp: {}, layers: {}, uns: new Map(),
 * });
 * const table = await readAnnDataZarr(disk, "/table.zarr");
 * assertEquals(table.var.index, ["EPCAM", "VIM"]);
 * assertEquals(table.obs.columns.get("area"), Float64Array.of(40.5));
 * ```
 */
export async function writeAnnDataZarr(
  disk: Disk,
  path: string,
  table: AnnData,
  extraAttributes: Attributes = {},
): Promise<void> {
  await encodeElement(new ZarrSink(disk, path), "", table, extraAttributes);
}

/**
 * Reads a whole table from a zarr store, version 2 or 3.
 *
 * @throws {SthelarError} `NotFound`, `CorruptData` or `UnsupportedVersion`, naming the file or node.
 */
export async function readAnnDataZarr(disk: Disk, path: string): Promise<AnnData> {
  return await readTable(new ZarrSource(disk, path));
}

/**
 * Reads a whole table from an h5ad file, of any version of AnnData.
 *
 * @param path A file on the machine's disk.
 * @throws {SthelarError} `NotFound`, `CorruptData` or `UnsupportedVersion`, naming the file.
 */
export async function readH5ad(path: string): Promise<AnnData> {
  using file = await openHdf5(path);
  return await readTable(new Hdf5Source(file));
}

/**
 * Writes a table as an h5ad file.
 *
 * @throws {SthelarError} `InvalidArgument` if the parts' shapes disagree or a name cannot be stored.
 */
export async function writeH5ad(disk: Disk, path: string, table: AnnData): Promise<void> {
  await writeHdf5(disk, path, (file) => encodeElement(new Hdf5Sink(file, path), "", table));
}

/**
 * Writes one element (a column, a matrix, an entry of `uns`, a data frame) to its own place in a
 * zarr store.
 *
 * @param path The element's folder, absolute, as in `…/table.zarr/obs/area`.
 */
export async function writeElement(
  disk: Disk,
  path: string,
  element: Element,
  extraAttributes: Attributes = {},
): Promise<void> {
  await encodeElement(new ZarrSink(disk, path), "", element, extraAttributes);
}

/**
 * Reads one element from its place in a zarr store.
 *
 * @param path The element's folder, absolute.
 * @throws {SthelarError} `NotFound`, `CorruptData` or `UnsupportedVersion`, naming the file or node.
 */
export async function readElement(disk: Disk, path: string): Promise<Element> {
  return await decodeElement(new ZarrSource(disk, path), "");
}

async function readTable(source: ElementSource): Promise<AnnData> {
  const root = await source.info("");
  const isEncoded = root?.attributes["encoding-type"] !== undefined;
  const element = root === undefined || isEncoded
    ? await decodeElement(source, "")
    : await readLegacyTable(source);
  if (typeof element === "object" && element !== null && "obs" in element) return element;
  throw new SthelarError("CorruptData", {
    action: `Cannot read the table "${source.location}"`,
    found: `the encoding ${JSON.stringify(root?.attributes["encoding-type"])}`,
    expected: '"anndata"',
    path: source.location,
  });
}
