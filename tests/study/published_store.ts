import { type Categorical, categorical } from "@/core/categorical.ts";
import { Random } from "@/core/random.ts";
import type { AnnData, Column } from "@/formats/anndata/mod.ts";
import { localDisk } from "@/formats/disk/mod.ts";
import { writeStoreRoot } from "@/formats/spatialdata/mod.ts";
import { writeTable } from "@/formats/spatialdata/tables.ts";

const KINDS = [
  ["T", "T", "normal_cell", "T_NK"],
  ["Epithelial", "Epithelial", "cancer_cell", "Epithelial"],
  ["Fibroblast", "Fibroblast", "normal_cell", "Fibroblast_Myofibroblast"],
  ["less10", "less10", "less10", "Less10"],
] as const;
const LABELS = ["label1", "label2", "label3", "final_label"] as const;
const GENES = 12;

/**
 * Writes a store with the tables that a published slide has, as far as data sets read them: kinds of cells
 * that differ in their counts, nuclei that are labelled as their cells but for a tenth.
 *
 * @param path Folder `sdata_<slide>.zarr`.
 * @param genes Number of the first gene: panels differ between slides.
 */
export async function writePublishedStore(
  path: string,
  { cells = 60, genes = 0, seed = 1 }: { cells?: number; genes?: number; seed?: number } = {},
): Promise<void> {
  const random = new Random(`published ${seed}`);
  const kinds = Array.from({ length: cells }, () => random.integer(KINDS.length));
  const ofNuclei = kinds.map((kind) => random.uniform() < 0.1 ? (kind + 1) % 3 : kind);
  const link = { regionKey: "region", instanceKey: "cell_id" } as const;
  const names = Array.from({ length: GENES }, (_, gene) => `G${genes + gene}`);
  const tables = [["table_nuclei", ofNuclei], ["table_cells", kinds]] as const;
  for (const [name, rows] of tables) {
    const region = name === "table_cells" ? "cell_boundaries" : "nucleus_boundaries";
    const table = tableOf(rows, names, region, random);
    await writeTable(localDisk, path, name, table, { region, ...link });
  }
  await writeStoreRoot(localDisk, path, {});
}

function tableOf(
  kinds: readonly number[],
  genes: readonly string[],
  region: string,
  random: Random,
): AnnData {
  const counts = kinds.map((kind) =>
    genes.map((_, gene) =>
      kind === 3 ? Number(gene === 0) : random.integer(gene % 3 === kind ? 12 : 3)
    )
  );
  const ids = kinds.map((_, row) => String(row + 1));
  const labels = LABELS.map((name, i): [string, Categorical] => [
    name,
    categorical(kinds.map((kind) => KINDS[kind][i])),
  ]);
  const values = counts.flat();
  const matrix = {
    format: "csr" as const,
    shape: [kinds.length, genes.length] as const,
    indices: Int32Array.from(values, (_, i) => i % genes.length),
    indptr: Int32Array.from({ length: kinds.length + 1 }, (_, i) => i * genes.length),
  };
  return {
    obs: {
      index: ids,
      columns: new Map<string, Column>([
        ["cell_id", ids],
        ["transcript_counts", Int32Array.from(counts, (row) => row.reduce((a, b) => a + b, 0))],
        ["region", categorical(ids.map(() => region))],
        ...labels,
      ]),
    },
    var: { index: genes, columns: new Map() },
    // As in published tables: X is transformed, counts are a layer.
    X: { ...matrix, data: Float32Array.from(values, Math.log1p) },
    layers: { count: { ...matrix, data: Float32Array.from(values) } },
    ...{ obsm: {}, varm: {}, obsp: {}, varp: {} },
    uns: new Map(),
  };
}
