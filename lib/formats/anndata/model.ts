import type { DenseArray, NumericArray, NumericDType } from "@/core/arrays.ts";
import type { Categorical } from "@/core/categorical.ts";
import type { SparseMatrix } from "@/core/sparse.ts";

/** A matrix of an AnnData table, `[n_rows, n_columns]`. */
export type Matrix = DenseArray | SparseMatrix;

/** A column of booleans. */
export interface BooleanColumn {
  readonly kind: "boolean";
  /** 0 or 1 each. */
  readonly values: Uint8Array;
}

/** Whole numbers, some of them missing. */
export interface NullableInteger {
  readonly kind: "nullable-integer";
  readonly values: NumericArray;
  /** 1 where the value is missing. */
  readonly mask: Uint8Array;
}

/** Booleans, some of them missing. */
export interface NullableBoolean {
  readonly kind: "nullable-boolean";
  /** 0 or 1 each. */
  readonly values: Uint8Array;
  /** 1 where the value is missing. */
  readonly mask: Uint8Array;
}

/** Texts, some of them missing. */
export interface NullableString {
  readonly kind: "nullable-string-array";
  readonly values: readonly string[];
  /** 1 where the value is missing. */
  readonly mask: Uint8Array;
}

/** A column of a data frame. */
export type Column =
  | NumericArray
  | readonly string[]
  | BooleanColumn
  | Categorical
  | NullableInteger
  | NullableBoolean
  | NullableString;

/** Rows with names, and columns in an order. */
export interface DataFrame {
  /** Name of each row. */
  readonly index: readonly string[];
  /** Name of the index itself; pandas leaves it out by default. */
  readonly indexName?: string;
  /** Columns by name, each as long as the index. */
  readonly columns: ReadonlyMap<string, Column>;
}

/** One field of structured records. */
export interface RecordField {
  readonly dtype: NumericDType | "bool" | "string";
  /** Values record by record; booleans as 0 and 1. */
  readonly data: NumericArray | readonly string[];
  /** `[n_records]`, and further extents for a field that is an array. */
  readonly shape: readonly number[];
}

/** A structured array of numpy, as scanpy's `rank_genes_groups` holds. */
export interface Records {
  readonly kind: "records";
  readonly fields: ReadonlyMap<string, RecordField>;
}

/** Texts with more than one axis. */
export interface TextArray {
  readonly kind: "texts";
  readonly values: readonly string[];
  readonly shape: readonly number[];
}

/** Unstructured annotation, by key. */
export type UnsDict = ReadonlyMap<string, UnsValue>;

/** What unstructured annotation holds; integers that a number cannot hold are bigints. */
export type UnsValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | Column
  | Matrix
  | DataFrame
  | Records
  | TextArray
  | UnsDict;

/** A table as it was before genes were filtered. */
export interface RawTable {
  readonly X?: Matrix;
  readonly var: DataFrame;
  readonly varm: Readonly<Record<string, Matrix | DataFrame>>;
}

/** An annotated matrix: cells (`obs`) by genes (`var`). */
export interface AnnData {
  /** Values, `[n_obs, n_vars]`. */
  readonly X?: Matrix;
  /** Cells. */
  readonly obs: DataFrame;
  /** Genes. */
  readonly var: DataFrame;
  /** Multi-dimensional annotation of cells, n_obs rows each. */
  readonly obsm: Readonly<Record<string, Matrix | DataFrame>>;
  /** Multi-dimensional annotation of genes, n_vars rows each. */
  readonly varm: Readonly<Record<string, Matrix | DataFrame>>;
  /** Cells by cells. */
  readonly obsp: Readonly<Record<string, Matrix>>;
  /** Genes by genes. */
  readonly varp: Readonly<Record<string, Matrix>>;
  /** More matrices of the shape of X. */
  readonly layers: Readonly<Record<string, Matrix>>;
  /** Anything else. */
  readonly uns: UnsDict;
  /** The table before filtering. */
  readonly raw?: RawTable;
}

/** Anything that has a place of its own in an AnnData store. */
export type Element = UnsValue | AnnData | RawTable;

/** Whether it is a typed array of numbers. */
export function isNumericArray(value: unknown): value is NumericArray {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

/** Whether it is a dense array. */
export function isDense(value: unknown): value is DenseArray {
  return isObject(value) && "data" in value && "shape" in value && !("indptr" in value);
}

/** Whether it is a sparse matrix. */
export function isSparse(value: unknown): value is SparseMatrix {
  return isObject(value) && "indptr" in value;
}

/** Whether it is a matrix, dense or sparse. */
export function isMatrix(value: unknown): value is Matrix {
  return isSparse(value) || isDense(value);
}

/** Whether it is a column of categories. */
export function isCategorical(value: unknown): value is Categorical {
  return isObject(value) && "codes" in value && "levels" in value;
}

/** Whether it is a data frame. */
export function isDataFrame(value: unknown): value is DataFrame {
  return isObject(value) && "index" in value && "columns" in value;
}

/** Whether it is unstructured annotation. */
export function isDict(value: unknown): value is UnsDict {
  return value instanceof Map;
}

/** Whether it is of the given kind. */
export function isKind<K extends string>(value: unknown, kind: K): value is { readonly kind: K } {
  return isObject(value) && "kind" in value && value.kind === kind;
}

/** Whether it can be a column of a data frame. */
export function isColumn(value: unknown): value is Column {
  return isNumericArray(value) || isTexts(value) || isCategorical(value) ||
    isKind(value, "boolean") || isKind(value, "nullable-integer") ||
    isKind(value, "nullable-boolean") || isKind(value, "nullable-string-array");
}

/** Whether it is a list of texts. */
export function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value);
}

/** How many rows a column has. */
export function columnLength(column: Column): number {
  if (isNumericArray(column) || isTexts(column)) return column.length;
  return isCategorical(column) ? column.codes.length : column.values.length;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !ArrayBuffer.isView(value) &&
    !Array.isArray(value) && !(value instanceof Map);
}
