import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { openHdf5 } from "@/formats/hdf5/mod.ts";
import type { Atlas } from "./atlas.ts";
import { openH5adAtlas } from "./h5ad_atlas.ts";
import { openMexAtlas } from "./mex_atlas.ts";
import { openTenxAtlas, tenxLayout } from "./tenx_atlas.ts";

/**
 * Opens a single-cell atlas: an h5ad file of any version, a count matrix of Cell Ranger (HDF5 or a
 * folder of MEX files) or a folder of the Curated Cancer Cell Atlas. What it is follows from what is
 * in it. Names of genes and columns are read, values are not.
 *
 * @param path A file on the machine's disk, or a folder.
 * @param disk The disk that folders and tables of labels are read from.
 * @throws {SthelarError} `NotFound`, `CorruptData` or `UnsupportedVersion`, naming the file.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 * import { openAtlas } from "@/formats/atlas/mod.ts";
 *
 * const disk = new MemoryDisk();
 * const write = (name: string, text: string) =>
 *   disk.write(`/atlas/${name}`, new TextEncoder().encode(text));
 * await write("Genes.txt", "CD3E\nMS4A1\n");
 * await write("Cells.csv", "cell_name,cell_type\na,T_cell\nb,B_cell\n");
 * await write(
 *   "Exp_data_UMIcounts.mtx",
 *   "%%MatrixMarket matrix coordinate integer general\n2 2 2\n1 1 5\n2 2 3\n",
 * );
 * using atlas = await openAtlas("/atlas", disk);
 * assertEquals((await atlas.column("cell_type")).levels, ["B_cell", "T_cell"]);
 * const [matrix] = atlas.matrices;
 * const { data } = await matrix.readRows(Int32Array.of(1), Int32Array.of(0, 1));
 * assertEquals(data, Float32Array.of(3));
 * ```
 */
export async function openAtlas(path: string, disk: Disk): Promise<Atlas> {
  if ((await disk.stat(path))?.isDirectory) return await openMexAtlas(disk, path);
  const file = await openHdf5(path);
  try {
    if (file.has("obs")) return await openH5adAtlas(file);
    const layout = tenxLayout(file);
    if (layout !== undefined) return await openTenxAtlas(file, layout, disk);
    throw new SthelarError("UnsupportedVersion", {
      action: `Cannot use "${path}" as an atlas`,
      found: `an HDF5 file of ${file.children().map(({ name }) => `"${name}"`).join(", ")}`,
      expected: "an h5ad file or a count matrix of Cell Ranger",
      path,
    });
  } catch (error) {
    file[Symbol.dispose]();
    throw error;
  }
}
