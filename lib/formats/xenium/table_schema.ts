import { SthelarError } from "@/core/errors.ts";
import { didYouMean } from "@/core/nearest.ts";
import {
  type ParquetColumnType,
  parquetSchema,
  parquetTable,
  quoteIdentifier,
} from "../parquet/mod.ts";
import type { BundleRole } from "./bundle_files.ts";
import { readZarrCellIds } from "./cells_zarr.ts";
import { type CsvFacts, estimateCsvRows, scanCsv } from "./csv_scan.ts";
import { csvTable } from "./csv_table.ts";
import type { XeniumBundle } from "./xenium_bundle.ts";

/**
 * How ids and names are stored, which the column's type tells:
 *
 * | stored as | seen in analysis |
 * |---|---|
 * | `integer` | 1.0 to 1.2 (in csv: every id is a whole number) |
 * | `bytes` | 1.3, 1.4 (a binary column without a text mark) |
 * | `text` | 1.5 on, csv |
 */
export type TextKind = "integer" | "bytes" | "text";

/** A table of a bundle, ready to be queried. */
export interface TableSchema {
  /** Absolute path of the file. */
  readonly path: string;
  /** SQL for the table. */
  readonly sql: string;
  /** SQL for the table with one column more: `file_row_number`, ascending. */
  readonly numberedSql: string;
  /** Rows of the file. */
  readonly rowCount: number;
  /** Columns by name, in order. */
  readonly columns: ReadonlyMap<string, ParquetColumnType>;
}

/** What was found in the csv files of a bundle, which are read only once for it. */
const csvFacts = new WeakMap<XeniumBundle, Map<string, Promise<CsvFacts>>>();

/**
 * Whether a role's file is a table (parquet, csv) and not a zarr archive that holds the same.
 */
export function isTable(bundle: XeniumBundle, role: BundleRole): boolean {
  return /\.(parquet|csv|csv\.gz)$/.test(bundle.files.get(role) ?? "");
}

/**
 * Finds out what a table of a bundle holds. Of a parquet file no row is read; a csv file is read once
 * from end to end, and again by each query.
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
  if (!isTable(bundle, role)) {
    throw new SthelarError("NotFound", {
      action: `Cannot read "${path}" as a table`,
      found: "a zarr archive, which holds no table",
      expected: "parquet or csv",
      remedy: "copy the parquet files of the bundle into the folder",
      path,
    });
  }
  const table = path.endsWith(".parquet")
    ? await parquetTableSchema(bundle, path)
    : await csvTableSchema(bundle, path);
  for (const name of required) columnOf(table, name);
  return table;
}

/**
 * Rows of a table, without reading it: exact for parquet, for csv by the first megabyte; of
 * `cells.zarr.zip` its cells.
 *
 * @throws {SthelarError} `NotFound` for the file, `CorruptData` for a damaged one.
 */
export async function estimateRows(bundle: XeniumBundle, role: BundleRole): Promise<number> {
  const path = bundle.pathOf(role);
  if (!isTable(bundle, role)) return (await readZarrCellIds(bundle)).length;
  return path.endsWith(".parquet")
    ? (await parquetSchema(bundle.disk, path)).rowCount
    : await estimateCsvRows(bundle.disk, path);
}

async function parquetTableSchema(bundle: XeniumBundle, path: string): Promise<TableSchema> {
  const { columns, rowCount } = await parquetSchema(bundle.disk, path);
  const sql = parquetTable([path]);
  return {
    path,
    sql,
    numberedSql: `(select *, file_row_number from ${sql})`,
    rowCount,
    columns: new Map(columns.map((column) => [column.name, column])),
  };
}

async function csvTableSchema(bundle: XeniumBundle, path: string): Promise<TableSchema> {
  const ofBundle = csvFacts.get(bundle) ?? new Map<string, Promise<CsvFacts>>();
  csvFacts.set(bundle, ofBundle);
  const pending = ofBundle.get(path) ?? scanCsv(bundle.disk, path);
  ofBundle.set(path, pending);
  const facts = await pending;
  return { path, rowCount: facts.rowCount, ...csvTable(path, facts) };
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
      // In a damaged file DuckDB may take for texts what the schema calls bytes.
      return `decode(${column}::blob)`;
    case "integer":
      return `${column}::varchar`;
  }
}
