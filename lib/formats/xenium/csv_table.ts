import type { NumericDType } from "@/core/arrays.ts";
import { type ParquetColumnType, quoteIdentifier, quotePath, quoteText } from "../parquet/mod.ts";
import { CSV_MISSING, type CsvFacts } from "./csv_scan.ts";

/** How a column of a csv file is read. */
interface CsvType {
  /** DuckDB's name of the type. */
  readonly sql: string;
  /** What the column holds. */
  readonly kind: "numbers" | "booleans" | "text";
  /** The type of numbers. */
  readonly dtype?: NumericDType;
}

const TEXT: CsvType = { sql: "VARCHAR", kind: "text" };
const FLOAT: CsvType = numbers("FLOAT", "float32");
const DOUBLE: CsvType = numbers("DOUBLE", "float64");
const INTEGER: CsvType = numbers("INTEGER", "int32");

/** The types that the same columns have in parquet; a column of another name is read as text. */
const TYPES: ReadonlyMap<string, CsvType> = new Map([
  ["transcript_id", numbers("UBIGINT", "uint64")],
  ["overlaps_nucleus", numbers("UTINYINT", "uint8")],
  ["x_location", FLOAT],
  ["y_location", FLOAT],
  ["z_location", FLOAT],
  ["qv", FLOAT],
  ["nucleus_distance", FLOAT],
  ["codeword_index", INTEGER],
  ["is_gene", { sql: "BOOLEAN", kind: "booleans" }],
  ["vertex_x", FLOAT],
  ["vertex_y", FLOAT],
  ["label_id", numbers("UINTEGER", "uint32")],
  ["x_centroid", DOUBLE],
  ["y_centroid", DOUBLE],
  ["cell_area", DOUBLE],
  ["nucleus_area", DOUBLE],
  ["nucleus_count", DOUBLE],
]);

function numbers(sql: string, dtype: NumericDType): CsvType {
  return { sql, kind: "numbers", dtype };
}

function typeOf(name: string, facts: CsvFacts): CsvType {
  if (name === "cell_id" && facts.hasIntegerIds) return numbers("BIGINT", "int64");
  return TYPES.get(name) ?? (name.endsWith("_counts") ? INTEGER : TEXT);
}

/**
 * A csv file as a table for SQL: every column has the type that its name calls for, so that nothing
 * depends on what the first rows look like. A row of another length, or a value that is not of its
 * type, is an error with the number of the line.
 *
 * @returns `sql` for the table, `numberedSql` for it with the column `file_row_number`.
 */
export function csvTable(path: string, facts: CsvFacts): {
  readonly sql: string;
  readonly numberedSql: string;
  readonly columns: ReadonlyMap<string, ParquetColumnType>;
} {
  const stored = distinctNames(facts.names);
  const named = stored.filter((_, i) => facts.names[i] !== "");
  const types = stored.map((name) => `${quoteText(name)}: '${typeOf(name, facts).sql}'`);
  const options = [
    "auto_detect = false",
    "header = true",
    "delim = ','",
    `quote = '"'`,
    `escape = '"'`,
    `nullstr = [${CSV_MISSING.map(quoteText).join(", ")}]`,
    "allow_quoted_nulls = false",
    `compression = '${facts.isGzip ? "gzip" : "none"}'`,
    `columns = {${types.join(", ")}}`,
  ];
  const selected = named.map(quoteIdentifier).join(", ");
  const source = `read_csv([${quotePath(path)}], ${options.join(", ")})`;
  return {
    sql: `(select ${selected} from ${source})`,
    numberedSql: `(select ${selected}, row_number() over () as file_row_number from ${source})`,
    columns: new Map(named.map((name) => {
      const { kind, dtype } = typeOf(name, facts);
      return [name, { name, kind, physical: "csv", ...(dtype === undefined ? {} : { dtype }) }];
    })),
  };
}

/** Names as DuckDB takes them: none empty, none twice. */
function distinctNames(names: readonly string[]): string[] {
  const taken = new Set(names);
  return names.map((name, i) => {
    if (name !== "" && names.indexOf(name) === i) return name;
    let other = `column${i}`;
    while (taken.has(other)) other += "_";
    taken.add(other);
    return other;
  });
}
