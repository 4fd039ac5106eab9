import type { NumericArray } from "@/core/arrays.ts";
import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { encodeCellId } from "@/core/ids.ts";
import type { ZarrArray, ZarrGroup } from "../zarr/mod.ts";
import type { XeniumBundle } from "./xenium_bundle.ts";
import { openZippedStore } from "./zipped_store.ts";

/** What lies where in `cells.zarr.zip`. */
export interface CellsZarr {
  /** Absolute path of the archive. */
  readonly path: string;
  /** The root group. */
  readonly root: ZarrGroup;
}

/**
 * Opens `cells.zarr.zip`.
 *
 * | analysis | ids | polygons | mask value of cell i |
 * |---|---|---|---|
 * | 1.0 to 1.2 | `cell_id` of one axis: numbers | `polygon_vertices` | its id |
 * | 1.3 to 1.9 | `cell_id` of two axes: prefix, suffix | `polygon_vertices` | `seg_mask_value[i]` |
 * | 2.0 on | the same | `polygon_sets` | `i + 1`; nuclei: polygon + 1, `cell_index` is the owner |
 *
 * @throws {SthelarError} `NotFound`, `CorruptData`, or `UnsupportedVersion` for the archive of another
 *   instrument.
 */
export async function openCellsZarr(bundle: XeniumBundle): Promise<CellsZarr> {
  const path = bundle.pathOf("cellsZarr");
  const root = await openZippedStore(bundle.disk, path);
  await refuseGriddedPolygons(root, path);
  return { path, root };
}

/** Refuses a bundle of the Atera instrument, if its `cells.zarr.zip` can be opened to tell. */
export async function refuseOtherInstrument(disk: Disk, path: string): Promise<void> {
  let root: ZarrGroup;
  try {
    root = await openZippedStore(disk, path);
  } catch (error) {
    // A damaged archive is reported by whoever needs what is in it.
    if (error instanceof SthelarError) return;
    throw error;
  }
  await refuseGriddedPolygons(root, path);
}

async function refuseGriddedPolygons(root: ZarrGroup, path: string): Promise<void> {
  if (!await root.has("gridded_polygon_sets") || await root.has("polygon_sets")) return;
  throw new SthelarError("UnsupportedVersion", {
    action: `Cannot read the bundle of "${path}"`,
    found: "polygons on a grid, as the Atera instrument writes them",
    expected: "a bundle of the Xenium instrument (analysis 1.0 to 4.x)",
    path,
  });
}

/**
 * Ids of the cells as texts, in the order of the table of cells: `aaaachba-1` for a pair of numbers,
 * `17` for one number.
 *
 * @throws {SthelarError} `NotFound` or `CorruptData`.
 */
export async function readZarrCellIds(bundle: XeniumBundle): Promise<string[]> {
  const { path, root } = await openCellsZarr(bundle);
  return await readIds(await root.array("cell_id"), path);
}

/** Reads an array of numbers, or of pairs of prefix and suffix, as ids. */
export async function readIds(array: ZarrArray, path: string): Promise<string[]> {
  const isPair = array.shape.length === 2 && array.shape[1] === 2;
  if (!isPair && array.shape.length !== 1) {
    throw corruptZarr(path, `ids of shape ${array.shape.join(" x ")}`, "n, or n x 2");
  }
  const { data } = await array.read();
  if (!isPair) return Array.from(data as ArrayLike<number | bigint>, String);
  return Array.from(
    { length: array.shape[0] },
    (_, i) => encodeCellId(Number(data[2 * i]), Number(data[2 * i + 1])),
  );
}

/** What `cells.zarr.zip` tells of each cell, by name; a column that it lacks is `undefined`. */
export async function readSummary(
  { path, root }: CellsZarr,
  cellCount: number,
): Promise<(column: string) => Float64Array | undefined> {
  const summary = await root.array("cell_summary");
  const names = summary.attributes["column_names"];
  const [rows, width] = summary.shape;
  if (rows !== cellCount || !Array.isArray(names) || names.length !== width) {
    throw corruptZarr(
      path,
      `a cell_summary of ${summary.shape.join(" x ")} with ${
        Array.isArray(names) ? names.length : "no"
      } column_names`,
      `${cellCount} rows and a name for each column`,
    );
  }
  const { data } = await summary.read();
  return (column) => {
    const at = names.indexOf(column);
    return at < 0 ? undefined : Float64Array.from(
      { length: rows },
      (_, i) => Number(data[i * width + at]),
    );
  };
}

/** Position of the cells' or the nuclei's polygons in the archive. */
export function polygonSetIndex({ root }: CellsZarr, kind: "cell" | "nucleus"): number {
  const names = root.attributes["polygon_set_names"];
  const at = Array.isArray(names) ? names.indexOf(kind) : -1;
  return at >= 0 ? at : kind === "nucleus" ? 0 : 1;
}

/** Refuses numbers that are not what the format promises. */
export function corruptZarr(path: string, found: string, expected: string): SthelarError {
  return new SthelarError("CorruptData", {
    action: `Cannot read "${path}"`,
    found,
    expected,
    remedy: "the file is damaged: download it again",
    path,
  });
}

/** Reads rows `[start, stop)` of a polygon array that may have an axis of sets in front. */
export async function readRows(
  array: ZarrArray,
  set: number | undefined,
  start: number,
  stop: number,
): Promise<NumericArray> {
  if (array.dtype === "string") throw corruptZarr(array.path, "texts", "numbers");
  const inner = array.shape.slice(set === undefined ? 1 : 2).map((n) => [0, n] as const);
  const { data } = await array.readRegion(
    set === undefined ? [[start, stop], ...inner] : [[set, set + 1], [start, stop], ...inner],
  );
  return data;
}
