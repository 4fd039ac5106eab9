import { dtypeOf, type NumericDType } from "@/core/arrays.ts";
import { type Column, columnLength } from "./columns.ts";

/** What pandas is told of one column. */
export interface PandasColumn {
  /** Name in the file. */
  readonly name: string;
  /** What it holds. */
  readonly type: PandasType;
}

/** What a column is to pandas. */
export type PandasType =
  | { readonly kind: "numbers"; readonly dtype: NumericDType }
  | { readonly kind: "booleans" }
  | { readonly kind: "text" }
  | { readonly kind: "categories"; readonly levelCount: number; readonly ordered: boolean }
  | { readonly kind: "bytes" }
  | { readonly kind: "lists"; readonly dtype: NumericDType };

/** The rows' labels: a column of the file, or none (then 0, 1, 2, …). */
export type PandasIndex =
  | { readonly kind: "column"; readonly column: string; readonly name: string | null }
  | { readonly kind: "range"; readonly rowCount: number }
  | { readonly kind: "none" };

/** Versions that the metadata names: those of the pyarrow and pandas whose layout it follows. */
const CREATOR = { library: "pyarrow", version: "26.0.1" };
const PANDAS_VERSION = "2.3.3";

/** The codes' type that pandas uses for a number of levels. */
export function codeType(levelCount: number): "int8" | "int16" | "int32" {
  return levelCount <= 0x7f ? "int8" : levelCount <= 0x7fff ? "int16" : "int32";
}

/**
 * The value of the key `pandas` in a parquet file's metadata.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { pandasMetadata } from "@/formats/parquet/mod.ts";
 *
 * const json = pandasMetadata(
 *   [{ name: "x", type: { kind: "numbers", dtype: "float32" } }],
 *   { kind: "range", rowCount: 5 },
 * );
 * assertEquals(JSON.parse(json).columns[0].numpy_type, "float32");
 * ```
 */
export function pandasMetadata(columns: readonly PandasColumn[], index: PandasIndex): string {
  return JSON.stringify({
    index_columns: indexColumns(index),
    column_indexes: [{
      name: null,
      field_name: null,
      pandas_type: "unicode",
      numpy_type: "object",
      metadata: { encoding: "UTF-8" },
    }],
    columns: columns.map(({ name, type }) => ({
      name: index.kind === "column" && index.column === name ? index.name : name,
      field_name: name,
      ...describe(type),
    })),
    attributes: {},
    creator: CREATOR,
    pandas_version: PANDAS_VERSION,
  });
}

/** What a column is to pandas. */
export function pandasType(column: Column): PandasType {
  switch (column.kind) {
    case "numbers":
    case "lists":
      return { kind: column.kind, dtype: dtypeOf(column.values) };
    case "categories": {
      const { levels, ordered } = column.values;
      return { kind: "categories", levelCount: levels.length, ordered };
    }
    default:
      return { kind: column.kind };
  }
}

/** How many rows columns have, 0 if there are none. */
export function rowCountOf(columns: ReadonlyMap<string, Column>): number {
  const [first] = columns.values();
  return first === undefined ? 0 : columnLength(first);
}

function indexColumns(index: PandasIndex): readonly unknown[] {
  if (index.kind === "column") return [index.column];
  if (index.kind === "none") return [];
  return [{ kind: "range", name: null, start: 0, stop: index.rowCount, step: 1 }];
}

function describe(type: PandasType): Record<string, unknown> {
  switch (type.kind) {
    case "numbers":
      return { pandas_type: type.dtype, numpy_type: type.dtype, metadata: null };
    case "booleans":
      return { pandas_type: "bool", numpy_type: "bool", metadata: null };
    case "text":
      return { pandas_type: "unicode", numpy_type: "object", metadata: null };
    case "categories":
      return {
        pandas_type: "categorical",
        numpy_type: codeType(type.levelCount),
        metadata: { num_categories: type.levelCount, ordered: type.ordered },
      };
    case "bytes":
      return { pandas_type: "bytes", numpy_type: "object", metadata: null };
    case "lists":
      return { pandas_type: `list[${type.dtype}]`, numpy_type: "object", metadata: null };
  }
}
