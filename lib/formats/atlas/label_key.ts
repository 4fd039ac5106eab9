import { SthelarError } from "@/core/errors.ts";
import { didYouMean } from "@/core/nearest.ts";
import type { Atlas } from "./atlas.ts";
import { foldName } from "./gene_names.ts";

/** What columns of cell types are called, by folded name, the usual first. */
const LABEL_COLUMNS = [
  "ct",
  "celltype",
  "celltypes",
  "cellontologyclass",
  "celltypeannotation",
  "annotatedcelltype",
  "majorcelltype",
  "cellsubtype",
  "celllabel",
  "annotation",
  "celltypelevel1",
];

/**
 * The column that says what each cell is: the one that is asked for, else the first of `ct`,
 * `cell_type`, `cell_types`, `cell_ontology_class`, … whatever its capitals and separators.
 *
 * @throws {SthelarError} `NotFound` with the nearest names, or all columns if none is known.
 *
 * @example
 * ```ts
 * import { assertEquals, assertThrows } from "@std/assert";
 * import { findLabelKey } from "@/formats/atlas/mod.ts";
 *
 * const atlas = { path: "/a.h5ad", columns: ["batch", "Cell.Type", "ct"] };
 * assertEquals(findLabelKey(atlas), "ct");
 * assertThrows(() => findLabelKey(atlas, "celltype"), Error, 'did you mean "Cell.Type"');
 * ```
 */
export function findLabelKey(atlas: Pick<Atlas, "path" | "columns">, given?: string): string {
  const { path, columns } = atlas;
  const action = `Cannot tell the cell types of "${path}"`;
  if (given !== undefined) {
    if (columns.includes(given)) return given;
    throw new SthelarError("NotFound", {
      action,
      found: `no column "${given}"`,
      remedy: didYouMean(given, columns),
      path,
    });
  }
  for (const name of LABEL_COLUMNS) {
    const found = columns.find((column) => foldName(column) === name);
    if (found !== undefined) return found;
  }
  throw new SthelarError("NotFound", {
    action,
    found: columns.length === 0
      ? "nothing about its cells"
      : `the columns ${columns.slice(0, 30).map((name) => `"${name}"`).join(", ")}`,
    expected: '"ct", "cell_type" or another name of a column of types',
    remedy: "name the column of types (labelKey)",
    path,
  });
}
