/**
 * Quotes a text for SQL.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { quoteText } from "@/formats/parquet/mod.ts";
 *
 * assertEquals(quoteText("it's"), "'it''s'");
 * ```
 */
export function quoteText(text: string): string {
  if (text.includes("\0")) {
    throw new RangeError("Cannot quote a text for SQL: found a NUL character");
  }
  return `'${text.replaceAll("'", "''")}'`;
}

/**
 * Quotes a column's or table's name for SQL.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { quoteIdentifier } from "@/formats/parquet/mod.ts";
 *
 * assertEquals(quoteIdentifier('odd"name'), '"odd""name"');
 * ```
 */
export function quoteIdentifier(name: string): string {
  if (name.includes("\0")) {
    throw new RangeError("Cannot quote a name for SQL: found a NUL character");
  }
  return `"${name.replaceAll('"', '""')}"`;
}

/**
 * The SQL expression that reads parquet files as one table. Paths are taken literally: `*`, `?` and
 * `[` in a folder's name are no patterns.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parquetTable } from "@/formats/parquet/mod.ts";
 *
 * assertEquals(parquetTable(["/data/a.parquet"]), "read_parquet(['/data/a.parquet'])");
 * assertEquals(parquetTable(["/data[1]/a.parquet"]), "read_parquet(['/data[[]1]/a.parquet'])");
 * ```
 */
export function parquetTable(paths: readonly string[]): string {
  if (paths.length === 0) throw new RangeError("Cannot read parquet files: found none to read");
  return `read_parquet([${paths.map(quotePath).join(", ")}])`;
}

/** The path of a file to read as an SQL text: DuckDB would take `*`, `?` and `[` for patterns. */
export function quotePath(path: string): string {
  return quoteText(path.replaceAll(/[[*?]/g, "[$&]"));
}
