import { SthelarError } from "@/core/errors.ts";
import { didYouMean } from "@/core/nearest.ts";
import {
  type ParquetColumnType,
  parquetSchema,
  parquetTable,
  quoteIdentifier,
} from "../parquet/mod.ts";
import type { BundleRole } from "./bundle_files.ts";
import type { XeniumBundle } from "./xenium_bundle.ts";

/**
 * How ids and names are stored, which the column's type tells:
 *
 * | stored as | seen in analysis |
 * |---|---|
 * | `integer` | 1.0 to 1.2 |
 * | `bytes` | 1.3, 1.4 (a binary column without a text mark) |
 * | `text` | 1.5 on |
 */
export type TextKind = "integer" | "bytes" | "text";

/** A table of a bundle, ready to be queried. */
export interface TableSchema {
  /** Absolute path of the file. */
  readonly path: string;
  /** SQL for the table. */
  readonly sql: string;
  /** Rows of the file. */
  readonly rowCount: number;
  /** Columns by name, in order. */
  readonly columns: ReadonlyMap<string, ParquetColumnType>;
}

/**
 * Finds out what a table of a bundle holds; no row is read.
 *
 * @param required Columns without which it is of no use.
 * @throws {SthelarError} `NotFound` for the file or a column, `CorruptData` for a damaged file.
 */
export async function openTable(
  bundle: XeniumBundle,
  role: BundleRole,
  required: readonly string[],
): Promise<TableSchema> {
  const path = bundle.pathOf(role);
  const { columns, rowCount } = await parquetSchema(bundle.disk, path);
  const byName = new Map(columns.map((column) => [column.name, column]));
  const table = { path, sql: parquetTable([path]), rowCount, columns: byName };
  for (const name of required) columnOf(table, name);
  return table;
}

/**
 * A column of a table.
 *
 * @throws {SthelarError} `NotFound` if it has none of this name.
 */
export function columnOf(table: TableSchema, name: string): ParquetColumnType {
  const column = table.columns.get(name);
  if (column !== undefined) return column;
  throw new SthelarError("NotFound", {
    action: `Cannot read column "${name}" of "${table.path}"`,
    found: `the columns ${[...table.columns.keys()].join(", ")}`,
    expected: "this column, which every known version writes",
    remedy: didYouMean(name, table.columns.keys()),
    path: table.path,
  });
}

/** How a column of ids or names is stored. */
export function textKindOf(table: TableSchema, name: string): TextKind {
  const column = columnOf(table, name);
  if (column.kind === "text" || column.kind === "bytes") return column.kind;
  if (column.kind === "numbers" && !column.dtype?.startsWith("float")) return "integer";
  throw new SthelarError("UnsupportedVersion", {
    action: `Cannot read column "${name}" of "${table.path}"`,
    found: `${column.physical}${column.logical === undefined ? "" : ` (${column.logical})`}`,
    expected: "texts, bytes or whole numbers",
    path: table.path,
  });
}

/** SQL for a column of ids or names as text, however it is stored. */
export function textSql(table: TableSchema, name: string): string {
  const column = quoteIdentifier(name);
  switch (textKindOf(table, name)) {
    case "text":
      return column;
    case "bytes":
      return `decode(${column})`;
    case "integer":
      return `${column}::varchar`;
  }
}
