import type { Disk } from "@/core/disk.ts";
import { SthelarError } from "@/core/errors.ts";
import { readParquetColumns } from "@/formats/parquet/mod.ts";
import type { AtlasGenes } from "./atlas.ts";
import { areEnsemblIds } from "./gene_names.ts";

/** Mean expression of each gene in each cell type. */
export interface TypeProfiles {
  /** Cell types by row. */
  readonly types: readonly string[];
  /** Genes by column. */
  readonly genes: AtlasGenes;
  /** `(n_types, n_genes)`, C order. */
  readonly values: Float32Array;
}

/**
 * Reads mean profiles from a parquet table: a row for each gene, a column for each cell type, the
 * genes' names in a column of texts (as pandas stores a data frame's index).
 *
 * @throws {SthelarError} `CorruptData` for a table of another form, or naming the first value that is
 *   negative or no number.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { MemoryDisk } from "@/formats/disk/mod.ts";
 * import { writeParquet } from "@/formats/parquet/mod.ts";
 * import { readProfiles } from "@/formats/atlas/mod.ts";
 *
 * const disk = new MemoryDisk();
 * await writeParquet(disk, "/means.parquet", new Map([
 *   ["T", { kind: "numbers", values: Float32Array.of(5, 0) }],
 *   ["B", { kind: "numbers", values: Float32Array.of(0, 2) }],
 *   ["gene", { kind: "text", values: ["CD3E", "MS4A1"] }],
 * ]));
 * const { types, genes, values } = await readProfiles(disk, "/means.parquet");
 * assertEquals([types, genes.names], [["T", "B"], ["CD3E", "MS4A1"]]);
 * assertEquals(values, Float32Array.of(5, 0, 0, 2));
 * ```
 */
export async function readProfiles(disk: Disk, path: string): Promise<TypeProfiles> {
  const table = await readParquetColumns(disk, path);
  const texts = table.names.filter((name) => table.column(name).kind === "text");
  const types = table.names.filter((name) => table.column(name).kind === "numbers");
  if (texts.length !== 1 || types.length === 0) {
    throw corrupt(
      path,
      `${texts.length} columns of texts and ${types.length} of numbers`,
      "one with the names of the genes, and one of numbers for each cell type",
    );
  }
  const names = table.text(texts[0]) as readonly string[];
  const values = new Float32Array(types.length * names.length);
  types.forEach((type, t) => {
    const column = table.numbers(type);
    for (let g = 0; g < names.length; g++) {
      const value = Number(column[g]);
      if (!(value >= 0 && value < Infinity)) {
        throw corrupt(path, `${value} for gene "${names[g]}" in "${type}"`, "0 or more");
      }
      values[t * names.length + g] = value;
    }
  });
  return { types, genes: { names, ids: areEnsemblIds(names) ? names : undefined }, values };
}

function corrupt(path: string, found: string, expected: string): SthelarError {
  return new SthelarError("CorruptData", {
    action: `Cannot read profiles from "${path}"`,
    found,
    expected,
    path,
  });
}
