import { SthelarError } from "@/core/errors.ts";
import { parseFileJson } from "./file_json.ts";

/** A column that labels the rows. */
export interface IndexColumn {
  /** Name in the file. */
  readonly column: string;
  /** Name for the user, `null` if it has none. */
  readonly name: string | null;
}

/**
 * The columns that pandas takes for the rows' labels.
 *
 * @param path The parquet file.
 * @param json Its key `pandas`, `undefined` if it has none.
 * @throws {SthelarError} `CorruptData` if it is no such metadata.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { pandasIndexColumns } from "@/formats/parquet/mod.ts";
 *
 * const json = '{"index_columns": ["cell"], "columns": [{"name": "cell", "field_name": "cell"}]}';
 * assertEquals(pandasIndexColumns("a.parquet", json), [{ column: "cell", name: "cell" }]);
 * ```
 */
export function pandasIndexColumns(
  path: string,
  json: string | undefined,
): readonly IndexColumn[] {
  if (json === undefined) return [];
  const { index_columns: index = [], columns = [] } = parseFileJson(path, "pandas", json);
  if (!Array.isArray(index) || !Array.isArray(columns)) {
    throw new SthelarError("CorruptData", {
      action: `Cannot read "${path}"`,
      found: '"pandas" metadata without lists of columns',
      expected: "index_columns and columns",
      path,
    });
  }
  // A range index is no column: it stands there as an object.
  return index.filter((column) => typeof column === "string").map((column) => {
    const name = columns.find((candidate) => candidate?.field_name === column)?.name;
    return { column, name: typeof name === "string" ? name : null };
  });
}
