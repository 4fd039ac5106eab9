import type { NumericArray } from "@/core/arrays.ts";
import type { Categorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import type { Column } from "./columns.ts";

/** The part of DuckDB's vectors that is read here; which fields there are depends on the type. */
export interface DuckDbVector {
  /** Values of number types, codes of enums. */
  readonly items?: NumericArray;
  /** One byte a value, of booleans; 16 of texts. */
  readonly dataView?: DataView;
  /** An enum's levels. */
  readonly enumType?: { readonly values: readonly string[] };
  /** A bit a row, set where it has a value; `null` if all have. */
  readonly validity: { readonly data: BigUint64Array | null };
  /** How many rows. */
  readonly itemCount: number;
  /** A row's value as a JavaScript value. */
  getItem(index: number): unknown;
}

const NUMBER_TYPES = new Set([
  "TINYINT",
  "SMALLINT",
  "INTEGER",
  "BIGINT",
  "UTINYINT",
  "USMALLINT",
  "UINTEGER",
  "UBIGINT",
  "FLOAT",
  "DOUBLE",
]);

/** Stands for a column of texts that is read as categories. */
export const CODED_TEXT = "VARCHAR as categories";

/**
 * Checks before any row is read that each column of a result has a type that is read.
 *
 * @throws {SthelarError} `InvalidArgument` if not; the remedy says which cast to add.
 */
export function checkColumnTypes(
  types: ReadonlyMap<string, string>,
  text: ReadonlySet<string>,
): void {
  for (const [name, type] of types) {
    if (NUMBER_TYPES.has(type) || type === "BOOLEAN" || type === "BLOB") continue;
    if (type.startsWith("ENUM") || (type === "VARCHAR" && text.has(name))) continue;
    throw new SthelarError("InvalidArgument", {
      action: `Cannot stream column "${name}"`,
      found: `type ${type}`,
      expected: "numbers, booleans, blobs or enums",
      remedy: type === "VARCHAR"
        ? `name it in { text: ["${name}"] } to make a text of each row, or cast it to an enum`
        : "cast it in the query, as in sum(n)::BIGINT or x::DOUBLE",
    });
  }
}

/** Copies a vector into a column: DuckDB reuses the vector's memory. */
export function toColumn(vector: DuckDbVector, type: string): Column {
  if (type === "VARCHAR") {
    return { kind: "text", values: mapRows(vector, (value) => value as string | undefined) };
  }
  if (type === CODED_TEXT) return { kind: "categories", values: codeTexts(vector) };
  if (type === "BLOB") return { kind: "bytes", values: mapRows(vector, blobBytes) };
  const missing = missingRows(vector);
  const mask = missing === undefined ? {} : { missing };
  if (type === "BOOLEAN") {
    const view = vector.dataView as DataView;
    const values = new Uint8Array(view.buffer, view.byteOffset, vector.itemCount).slice();
    return { kind: "booleans", values, ...mask };
  }
  const items = vector.items as NumericArray;
  if (vector.enumType !== undefined) {
    const codes = Int32Array.from(items as Uint8Array);
    missing?.forEach((flag, row) => flag === 1 && (codes[row] = -1));
    return {
      kind: "categories",
      values: { codes, levels: vector.enumType.values, ordered: false },
    };
  }
  return { kind: "numbers", values: items.slice() as NumericArray, ...mask };
}

function mapRows<T>(vector: DuckDbVector, convert: (value: unknown) => T): T[] {
  return Array.from(
    { length: vector.itemCount },
    (_, row) => convert(vector.getItem(row) ?? undefined),
  );
}

/**
 * Codes texts in the order of appearance. DuckDB keeps a text in 16 bytes: its length and the text
 * itself, or its start and its address if it is longer than 12 bytes. Neighbours with equal bytes
 * are equal, and no text is made of the second.
 */
function codeTexts(vector: DuckDbVector): Categorical {
  const { buffer, byteOffset } = vector.dataView as DataView;
  const words = new Int32Array(buffer, byteOffset, 4 * vector.itemCount);
  const missing = missingRows(vector);
  const codes = new Int32Array(vector.itemCount);
  const codeOf = new Map<string, number>();
  for (let row = 0; row < codes.length; row++) {
    const k = 4 * row;
    if (missing?.[row] === 1) codes[row] = -1;
    else if (
      row > 0 && codes[row - 1] >= 0 && words[k] === words[k - 4] &&
      words[k + 1] === words[k - 3] && words[k + 2] === words[k - 2] &&
      words[k + 3] === words[k - 1]
    ) codes[row] = codes[row - 1];
    else {
      const text = vector.getItem(row) as string;
      const code = codeOf.get(text) ?? codeOf.size;
      codeOf.set(text, code);
      codes[row] = code;
    }
  }
  return { codes, levels: [...codeOf.keys()], ordered: false };
}

function blobBytes(value: unknown): Uint8Array {
  return value === undefined
    ? new Uint8Array()
    : new Uint8Array((value as { readonly bytes: Uint8Array }).bytes);
}

function missingRows(vector: DuckDbVector): Uint8Array | undefined {
  const { data } = vector.validity;
  if (data === null) return undefined;
  const bits = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  const flags = new Uint8Array(vector.itemCount);
  let count = 0;
  for (let row = 0; row < flags.length; row++) {
    count += flags[row] = 1 - ((bits[row >> 3] >> (row & 7)) & 1);
  }
  return count === 0 ? undefined : flags;
}
