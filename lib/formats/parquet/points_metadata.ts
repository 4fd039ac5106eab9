import { arrowSchema } from "./arrow_schema.ts";
import { type PandasColumn, pandasMetadata } from "./pandas_metadata.ts";

/**
 * Key-value metadata that makes dask and spatialdata see a parquet file that DuckDB wrote as a pandas
 * data frame with categories. Categories come out as categories only if the Arrow schema is there and
 * holds the pandas metadata itself; with pandas metadata alone dask refuses the file.
 *
 * @param columns The file's columns in order, with the types the query gives.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { pointsMetadata } from "@/formats/parquet/mod.ts";
 *
 * const metadata = await pointsMetadata([
 *   { name: "x", type: { kind: "numbers", dtype: "float32" } },
 *   { name: "feature_name", type: { kind: "categories", levelCount: 541, ordered: false } },
 * ]);
 * assertEquals(Object.keys(metadata), ["pandas", "ARROW:schema"]);
 * ```
 */
export async function pointsMetadata(
  columns: readonly PandasColumn[],
): Promise<Record<string, string>> {
  const pandas = pandasMetadata(columns, { kind: "none" });
  return { pandas, "ARROW:schema": await arrowSchema(columns, { pandas }) };
}
