import { openCellsZarr, readSummary } from "./cells_zarr.ts";
import type { XeniumBundle } from "./xenium_bundle.ts";

/**
 * Height of each cell in µm, in the order of the table of cells: `cells.zarr.zip` alone has it.
 *
 * @param cellCount Cells in that table.
 * @returns `undefined` for a bundle without the archive, or one that names no heights.
 * @throws {SthelarError} `CorruptData` for a damaged archive or one of other cells.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 * import { openXeniumBundle, readZLevels } from "@/formats/xenium/mod.ts";
 *
 * const disk = new MemoryDisk();
 * await disk.write("/outs/experiment.xenium", new TextEncoder().encode("{}"));
 * const bundle = await openXeniumBundle("/outs", disk);
 * assertEquals(await readZLevels(bundle, 100), undefined);
 * ```
 */
export async function readZLevels(
  bundle: XeniumBundle,
  cellCount: number,
): Promise<Float64Array | undefined> {
  if (!bundle.files.has("cellsZarr")) return undefined;
  const store = await openCellsZarr(bundle);
  if (!await store.root.has("cell_summary")) return undefined;
  return (await readSummary(store, cellCount))("z_level");
}
