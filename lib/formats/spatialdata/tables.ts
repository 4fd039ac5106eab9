/*
 * Tables: AnnData groups that annotate an element.
 *
 * | `version` | zarr |
 * |-----------|------|
 * | 0.1       | 2    |
 * | 0.2 (written) | 3 |
 */
import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import {
  type AnnData,
  isCategorical,
  type UnsDict,
  type UnsValue,
  writeAnnDataZarr,
  writeElement,
} from "@/formats/anndata/mod.ts";
import { type Attributes, openGroup, type ZarrGroup } from "@/formats/zarr/mod.ts";

/** Which elements a table's rows annotate, and through which columns. */
export interface TableLink {
  /** Name of the element, or names. */
  readonly region: string | readonly string[];
  /** Column of obs that names the element of a row. */
  readonly regionKey: string;
  /** Column of obs that holds the row's id in the element. */
  readonly instanceKey: string;
}

/** A table: what is known without reading it. */
export interface TableHandle {
  /** Name of the element. */
  readonly name: string;
  /** Folder of the AnnData group. */
  readonly path: string;
  /** Rows (obs) and columns (var). */
  readonly shape: readonly [rows: number, columns: number];
  /** What it annotates, if it annotates an element. */
  readonly link: TableLink | undefined;
}

const VERSION = "0.2";
const LINK = "spatialdata_attrs";

/**
 * The attributes that make an AnnData group a table of SpatialData, beside AnnData's own.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { tableAttributes } from "@/formats/spatialdata/mod.ts";
 *
 * const attributes = tableAttributes({
 *   region: "nucleus_boundaries",
 *   regionKey: "region",
 *   instanceKey: "cell_id",
 * });
 * assertEquals(attributes["spatialdata-encoding-type"], "ngff:regions_table");
 * ```
 */
export function tableAttributes(link?: TableLink): Attributes {
  return {
    "spatialdata-encoding-type": "ngff:regions_table",
    region: link?.region ?? null,
    region_key: link?.regionKey ?? null,
    instance_key: link?.instanceKey ?? null,
    version: VERSION,
  };
}

/**
 * Writes `uns/spatialdata_attrs` alone, from which spatialdata learns what a table annotates: for a
 * table that is put together from fragments.
 *
 * @param unsPath Folder of the table's `uns` group: `<store>/tables/<name>/uns`.
 */
export async function writeTableLink(disk: Disk, unsPath: string, link: TableLink): Promise<void> {
  await writeElement(disk, `${unsPath}/${LINK}`, linkValues(link));
}

/**
 * Writes a table that annotates an element below `storeRoot`.
 *
 * @param link What its rows annotate; a table without one annotates nothing.
 * @throws {SthelarError} `InvalidArgument` if a row has no region of the link, or there is no such
 *   column.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { constantCategorical } from "@/core/categorical.ts";
 * import type { Column } from "@/formats/anndata/mod.ts";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 * import { openTable, writeTable } from "@/formats/spatialdata/mod.ts";
 *
 * const disk = new MemoryDisk();
 * const ids = ["aaaaaaaa-1", "aaaaaaab-1"];
 * await writeTable(disk, "/a.zarr", "table_nuclei", {
 *   obs: {
 *     index: ids,
 *     columns: new Map<string, Column>([
 *       ["cell_id", ids],
 *       ["region", constantCategorical("nuclei", 2)],
 *     ]),
 *   },
 *   var: { index: ["CD3E"], columns: new Map() },
 *   X: { data: Float32Array.of(3, 0), shape: [2, 1] },
 *   obsm: {}, varm: {}, obsp: {}, varp: {}, layers: {},
 *   uns: new Map(),
 * }, { region: "nuclei", regionKey: "region", instanceKey: "cell_id" });
 * assertEquals((await openTable(disk, "/a.zarr/tables/table_nuclei")).shape, [2, 1]);
 * ```
 */
export async function writeTable(
  disk: Disk,
  storeRoot: string,
  name: string,
  table: AnnData,
  link?: TableLink,
): Promise<void> {
  const path = `${storeRoot}/tables/${name}`;
  const uns = new Map(table.uns);
  uns.delete(LINK);
  if (link !== undefined) {
    checkLink(path, table, link);
    uns.set(LINK, linkValues(link));
  }
  await writeAnnDataZarr(disk, path, { ...table, uns }, tableAttributes(link));
}

/** spatialdata refuses a store with a row that annotates none of the regions. */
function checkLink(path: string, { obs }: AnnData, { region, regionKey, instanceKey }: TableLink) {
  const column = obs.columns.get(regionKey);
  const used = column !== undefined && isCategorical(column)
    ? new Set(Array.from(column.codes, (code) => column.levels[code]))
    : undefined;
  const known = new Set([region].flat());
  const stray = used && [...used].find((value) => !known.has(value));
  const fault = used === undefined
    ? `no categories in column "${regionKey}"`
    : !obs.columns.has(instanceKey)
    ? `no column "${instanceKey}"`
    : used.has(undefined as unknown as string) || stray !== undefined
    ? `a row of region "${stray}"`
    : undefined;
  if (fault === undefined) return;
  throw new SthelarError("InvalidArgument", {
    action: `Cannot write the table "${path}"`,
    found: fault,
    expected: `a region a row (${[...known].join(", ")}) and its "${instanceKey}"`,
    path,
  });
}

function linkValues({ region, regionKey, instanceKey }: TableLink): UnsDict {
  return new Map<string, UnsValue>([
    ["region", region],
    ["region_key", regionKey],
    ["instance_key", instanceKey],
  ]);
}

/**
 * Opens a table; no value is read.
 *
 * @param path Folder of the element: `<store>/tables/<name>`.
 * @throws {SthelarError} `NotFound`, `CorruptData` or `UnsupportedVersion`.
 */
export async function openTable(disk: Disk, path: string): Promise<TableHandle> {
  const group = await openGroup(disk, path);
  const { version, region, region_key, instance_key } = group.attributes;
  if (version !== "0.1" && version !== VERSION) {
    throw new SthelarError("UnsupportedVersion", {
      action: `Cannot read the table "${path}"`,
      found: version === undefined ? "no version" : `version ${JSON.stringify(version)}`,
      expected: `version 0.1 or ${VERSION}`,
      path,
    });
  }
  return {
    name: path.slice(path.lastIndexOf("/") + 1),
    path,
    shape: await matrixShape(group) ??
      [await frameLength(group, "obs"), await frameLength(group, "var")],
    link: typeof region_key === "string" && typeof instance_key === "string"
      ? { region: region as string | string[], regionKey: region_key, instanceKey: instance_key }
      : undefined,
  };
}

/** Extents of X, `undefined` for a table without one. */
async function matrixShape(group: ZarrGroup): Promise<readonly [number, number] | undefined> {
  const matrix = (await group.children()).find(({ name }) => name === "X");
  if (matrix === undefined) return undefined;
  const shape = matrix.kind === "array"
    ? (await group.array("X")).shape
    : (await group.group("X")).attributes.shape;
  return Array.isArray(shape) && shape.length === 2 ? [shape[0], shape[1]] : undefined;
}

/** Rows of a data frame: the length of the array that labels them. */
async function frameLength(group: ZarrGroup, name: string): Promise<number> {
  const frame = await group.group(name);
  const index = frame.attributes._index;
  if (typeof index === "string") return (await frame.array(index)).shape[0];
  throw new SthelarError("CorruptData", {
    action: `Cannot read the data frame "${frame.path}"`,
    found: "no _index",
    expected: "the name of the column that labels its rows",
    path: frame.path,
  });
}
