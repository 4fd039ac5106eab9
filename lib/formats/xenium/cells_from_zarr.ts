import { type Categorical, categorical } from "@/core/categorical.ts";
import {
  type CellsZarr,
  corruptZarr,
  openCellsZarr,
  polygonSetIndex,
  readIds,
  readSummary,
} from "./cells_zarr.ts";
import { distinctIds } from "./distinct_ids.ts";
import type { XeniumCells } from "./xenium_cells.ts";
import type { XeniumBundle } from "./xenium_bundle.ts";

/**
 * Reads what `cells.zarr.zip` tells of the cells: everything in the table of cells but the counts.
 *
 * @throws {SthelarError} `NotFound` for the file or a node, `CorruptData` for a damaged file,
 *   `IdMismatch` if an id is there twice.
 */
export async function readZarrCells(bundle: XeniumBundle): Promise<XeniumCells> {
  const store = await openCellsZarr(bundle);
  const cellIds = await readIds(await store.root.array("cell_id"), store.path);
  if (cellIds.length === 0) throw corruptZarr(store.path, "no cells", "one id a cell");
  const column = await readSummary(store, cellIds.length);
  const required = (name: string) => {
    const values = column(name);
    if (values !== undefined) return values;
    throw corruptZarr(store.path, `no column "${name}" in cell_summary`, "it");
  };
  const nucleusCount = column("nucleus_count");
  const missing = () => new Float64Array(cellIds.length).fill(NaN);
  return {
    cellIds: distinctIds(cellIds, store.path),
    xUm: required("cell_centroid_x"),
    yUm: required("cell_centroid_y"),
    counts: new Map(),
    cellAreaUm2: column("cell_area") ?? missing(),
    // Some programs write 0 for a cell without nucleus, where the table has NaN.
    nucleusAreaUm2: (column("nucleus_area") ?? missing()).map((area) => area === 0 ? NaN : area),
    nucleusCount: nucleusCount && Int32Array.from(nucleusCount),
    segmentationMethod: await readMethods(store, cellIds.length),
  };
}

async function readMethods(store: CellsZarr, cellCount: number): Promise<Categorical | undefined> {
  const { root } = store;
  const names = root.attributes["segmentation_methods"];
  const set = `polygon_sets/${polygonSetIndex(store, "cell")}`;
  if (!Array.isArray(names) || !await root.has(`${set}/method`)) return undefined;
  const methods = (await (await root.array(`${set}/method`)).read()).data;
  const owners = (await (await root.array(`${set}/cell_index`)).read()).data;
  const texts = new Array<string | undefined>(cellCount);
  for (let p = 0; p < owners.length; p++) {
    const name: unknown = names[Number(methods[p])];
    const owner = Number(owners[p]);
    if (owner >= cellCount) {
      throw corruptZarr(root.path, `polygon ${p} of cell ${owner}`, `a cell below ${cellCount}`);
    }
    if (typeof name === "string") texts[owner] = name;
  }
  return categorical(texts);
}
