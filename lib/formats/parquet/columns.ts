import type { NumericArray } from "@/core/arrays.ts";
import type { Categorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import { didYouMean } from "@/core/nearest.ts";

/** Numbers; where `missing` is 1 the value means nothing. */
export interface NumberColumn {
  /** Which kind of column. */
  readonly kind: "numbers";
  /** One value a row. */
  readonly values: NumericArray;
  /** 1 where there is no value; absent if there is one in each row. */
  readonly missing?: Uint8Array;
}

/** Truth values; where `missing` is 1 the value means nothing. */
export interface BooleanColumn {
  /** Which kind of column. */
  readonly kind: "booleans";
  /** 0 or 1 a row. */
  readonly values: Uint8Array;
  /** 1 where there is no value; absent if there is one in each row. */
  readonly missing?: Uint8Array;
}

/** Texts, `undefined` where there is none. */
export interface TextColumn {
  /** Which kind of column. */
  readonly kind: "text";
  /** One text a row. */
  readonly values: readonly (string | undefined)[];
}

/** Categories: codes into a list of levels. */
export interface CategoryColumn {
  /** Which kind of column. */
  readonly kind: "categories";
  /** One code a row. */
  readonly values: Categorical;
}

/** Byte strings, such as well-known binary geometries; empty where there is none. */
export interface BytesColumn {
  /** Which kind of column. */
  readonly kind: "bytes";
  /** One byte string a row. */
  readonly values: readonly Uint8Array[];
}

/** A list of numbers a row: row `i` is `values[starts[i] .. starts[i + 1]]`. */
export interface ListColumn {
  /** Which kind of column. */
  readonly kind: "lists";
  /** Start of each row and end of the last. */
  readonly starts: Int32Array;
  /** The numbers of all rows. */
  readonly values: NumericArray;
}

/** A column of a parquet file or query result. */
export type Column =
  | NumberColumn
  | BooleanColumn
  | TextColumn
  | CategoryColumn
  | BytesColumn
  | ListColumn;

/** How many rows a column has. */
export function columnLength(column: Column): number {
  if (column.kind === "lists") return column.starts.length - 1;
  return column.kind === "categories" ? column.values.codes.length : column.values.length;
}

/**
 * Columns by name, of equal length, with access by kind.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Columns } from "@/formats/parquet/mod.ts";
 *
 * const columns = new Columns("cells.parquet", new Map([
 *   ["area", { kind: "numbers", values: Float64Array.of(12.5, 9) }],
 * ]));
 * assertEquals(columns.rowCount, 2);
 * assertEquals([...columns.numbers("area")], [12.5, 9]);
 * ```
 */
export class Columns {
  /** How many rows each column has. */
  readonly rowCount: number;

  /**
   * Wraps columns of equal length.
   *
   * @param source Where they come from, for messages: a file or a query.
   * @param byName The columns, in order.
   */
  constructor(readonly source: string, readonly byName: ReadonlyMap<string, Column>) {
    const [first] = byName.values();
    this.rowCount = first === undefined ? 0 : columnLength(first);
  }

  /** Names in order. */
  get names(): readonly string[] {
    return [...this.byName.keys()];
  }

  /** Whether there is such a column. */
  has(name: string): boolean {
    return this.byName.has(name);
  }

  /**
   * A column of any kind.
   *
   * @throws {SthelarError} `NotFound` if there is none of this name.
   */
  column(name: string): Column {
    const column = this.byName.get(name);
    if (column !== undefined) return column;
    throw new SthelarError("NotFound", {
      action: `Cannot read column "${name}" of "${this.source}"`,
      found: "no such column",
      remedy: didYouMean(name, this.names),
      path: this.source,
    });
  }

  /**
   * Values of a column of numbers that has a value in each row.
   *
   * @throws {SthelarError} `NotFound` if it is absent, `CorruptData` if it is of another kind or
   *   has missing values.
   */
  numbers(name: string): NumericArray {
    const column = this.#of(name, "numbers");
    const gaps = column.missing?.reduce((count, flag) => count + flag, 0) ?? 0;
    if (gaps === 0) return column.values;
    throw this.#wrong(name, `${gaps} missing values of ${column.values.length}`, "a value a row");
  }

  /** Values (0 or 1) of a column of truth values. */
  booleans(name: string): Uint8Array {
    return this.#of(name, "booleans").values;
  }

  /** Values of a column of texts. */
  text(name: string): readonly (string | undefined)[] {
    return this.#of(name, "text").values;
  }

  /** Values of a column of categories. */
  categories(name: string): Categorical {
    return this.#of(name, "categories").values;
  }

  /** Values of a column of byte strings. */
  bytes(name: string): readonly Uint8Array[] {
    return this.#of(name, "bytes").values;
  }

  /** A column of lists. */
  lists(name: string): ListColumn {
    return this.#of(name, "lists");
  }

  #of<K extends Column["kind"]>(name: string, kind: K): Extract<Column, { kind: K }> {
    const column = this.column(name);
    if (column.kind === kind) return column as Extract<Column, { kind: K }>;
    throw this.#wrong(name, column.kind, kind);
  }

  #wrong(name: string, found: string, expected: string): SthelarError {
    return new SthelarError("CorruptData", {
      action: `Cannot read column "${name}" of "${this.source}"`,
      found,
      expected,
      path: this.source,
    });
  }
}
