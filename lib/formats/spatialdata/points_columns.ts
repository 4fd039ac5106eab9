import type { NumericDType } from "@/core/arrays.ts";
import { SthelarError } from "@/core/errors.ts";
import {
  type DuckDb,
  type PandasColumn,
  type PandasType,
  quoteIdentifier,
} from "@/formats/parquet/mod.ts";

const NUMBER_TYPES: { readonly [type: string]: NumericDType } = {
  TINYINT: "int8",
  SMALLINT: "int16",
  INTEGER: "int32",
  BIGINT: "int64",
  UTINYINT: "uint8",
  USMALLINT: "uint16",
  UINTEGER: "uint32",
  UBIGINT: "uint64",
  FLOAT: "float32",
  DOUBLE: "float64",
};

/** The columns of a query, as pandas shall see them. */
export async function queryColumns(
  db: DuckDb,
  sql: string,
  categories: ReadonlySet<string>,
): Promise<PandasColumn[]> {
  const described = await db.query(
    `select column_name, column_type from (describe ${sql})`,
    { text: ["column_name", "column_type"] },
  );
  const types = described.text("column_type");
  const columns: PandasColumn[] = [];
  for (const [i, name] of described.text("column_name").entries()) {
    columns.push({
      name: name as string,
      type: await pandasTypeOf(db, sql, name as string, types[i] as string, categories),
    });
  }
  return columns;
}

async function pandasTypeOf(
  db: DuckDb,
  sql: string,
  name: string,
  type: string,
  categories: ReadonlySet<string>,
): Promise<PandasType> {
  const dtype = NUMBER_TYPES[type];
  if (dtype !== undefined) return { kind: "numbers", dtype };
  if (type === "BOOLEAN") return { kind: "booleans" };
  if (type === "BLOB") return { kind: "bytes" };
  if (type.startsWith("ENUM") || (type === "VARCHAR" && categories.has(name))) {
    const counted = await db.query(
      `select count(distinct ${quoteIdentifier(name)}) as levels from (${sql})`,
    );
    return { kind: "categories", levelCount: Number(counted.numbers("levels")[0]), ordered: false };
  }
  if (type === "VARCHAR") return { kind: "text" };
  throw new SthelarError("InvalidArgument", {
    action: `Cannot write the points' column "${name}"`,
    found: `type ${type}`,
    expected: "numbers, booleans, texts or enums",
    remedy: "cast it in the query, as in sum(n)::BIGINT",
  });
}

/** The query with its enums as texts: DuckDB would store them as bytes that pyarrow does not decode. */
export function categoriesAsText(sql: string, columns: readonly PandasColumn[]): string {
  const replaced = columns
    .filter(({ type }) => type.kind === "categories")
    .map(({ name }) => `${quoteIdentifier(name)}::varchar as ${quoteIdentifier(name)}`);
  return replaced.length === 0 ? sql : `select * replace (${replaced.join(", ")}) from (${sql})`;
}
