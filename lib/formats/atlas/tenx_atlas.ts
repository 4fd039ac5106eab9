import { sizeOf } from "@/core/arrays.ts";
import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import type { Hdf5File } from "@/formats/hdf5/mod.ts";
import type { Atlas, AtlasGenes } from "./atlas.ts";
import { type CellsTable, readCellsTable } from "./csv_labels.ts";
import { hdf5Matrix } from "./hdf5_matrix.ts";
import { labelledBy } from "./labelled_by.ts";

/** Where a file of Cell Ranger keeps its parts: version 3 on, or 2 with a group for the genome. */
interface TenxLayout {
  readonly group: string;
  readonly ids: string;
  readonly names: string;
}

/** The layout of a file by Cell Ranger, `undefined` if it is by something else. */
export function tenxLayout(file: Hdf5File): TenxLayout | undefined {
  if (file.has("matrix/features/id")) {
    return { group: "matrix", ids: "matrix/features/id", names: "matrix/features/name" };
  }
  const genome = file.children().find(({ name }) => file.has(`${name}/gene_names`));
  if (genome === undefined) return undefined;
  const { name } = genome;
  return { group: name, ids: `${name}/genes`, names: `${name}/gene_names` };
}

/** Opens a count matrix of Cell Ranger; labels are in a csv file of the same name beside it. */
export async function openTenxAtlas(
  file: Hdf5File,
  { group, ids, names }: TenxLayout,
  disk: Disk,
): Promise<Atlas> {
  const genes: AtlasGenes = { names: file.readStrings(names), ids: file.readStrings(ids) };
  const [geneCount, cellCount] = Array.from(
    file.read(`${group}/shape`).data as Int32Array,
    Number,
  );
  const barcodes = sizeOf(file.info(`${group}/barcodes`).shape ?? [0]);
  const isWhole = geneCount === genes.names.length && geneCount === genes.ids?.length &&
    barcodes === cellCount;
  if (!isWhole) {
    throw new SthelarError("CorruptData", {
      action: `Cannot read "${file.path}"`,
      found: `${genes.names.length} genes and ${barcodes} cells`,
      expected: `${geneCount} and ${cellCount}, as its shape says`,
      path: file.path,
    });
  }
  const csv = file.path.replace(/\.[^./]*$/, ".csv");
  const table: CellsTable | undefined = await disk.stat(csv) === undefined
    ? undefined
    : await readCellsTable(disk, csv);
  // Features x cells by columns is cells x features by rows.
  const shape = [cellCount, geneCount] as const;
  return {
    path: file.path,
    format: "10x h5",
    cellCount,
    matrices: [hdf5Matrix(file, { name: "matrix", node: group, layout: "csr", shape, genes })],
    ...labelledBy(table, () => file.readStrings(`${group}/barcodes`), csv),
    [Symbol.dispose]: () => file[Symbol.dispose](),
  };
}
