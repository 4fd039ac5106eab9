import { jupyterDisplay, type MediaBundle } from "@/plots/figure.ts";

/** A value in a cell of a table. */
export type TableValue = string | number | bigint | boolean | undefined;

/** A table that a notebook shows as such, and a terminal as aligned text. */
export interface DisplayTable {
  /** Aligned text. */
  toString(): string;
  /** The table as a notebook shows it. */
  [jupyterDisplay](): MediaBundle;
}

/** What of the rows is shown. */
export interface TableOptions<K extends string> {
  /** Columns, left to right; those of the first row unless told. */
  readonly columns?: readonly K[];
  /** At most so many rows; 50 unless told. The others are counted in a last line. */
  readonly limit?: number;
}

/**
 * Rows as a table to look at.
 *
 * @param rows Records with the same keys; an `undefined` value is left blank.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { table } from "@/notebook/table.ts";
 *
 * const rows = [{ slide: "heart_s0", cells: 26_366 }];
 * assertEquals(table(rows).toString(), "slide     cells\nheart_s0  26,366");
 * ```
 */
export function table<K extends string>(
  rows: readonly Readonly<Record<K, TableValue>>[],
  options: TableOptions<K> = {},
): DisplayTable {
  const { columns = Object.keys(rows[0] ?? {}) as K[], limit = 50 } = options;
  const shown = rows.slice(0, limit);
  const rest = rows.length - shown.length;
  const more = rest > 0 ? `… and ${rest.toLocaleString("en-US")} more rows` : undefined;
  const cells = shown.map((row) => columns.map((column) => formatValue(row[column])));
  const numeric = columns.map((column) => shown.every((row) => typeof row[column] !== "string"));
  const toString = () => plainTable(columns, cells, more);
  return {
    toString,
    [jupyterDisplay]: () => ({
      "text/plain": toString(),
      "text/html": htmlTable(columns, cells, numeric, more),
    }),
    [Symbol.for("Deno.customInspect")]: toString,
  } as DisplayTable;
}

function formatValue(value: TableValue): string {
  if (value === undefined) return "";
  if (typeof value !== "number") {
    return typeof value === "bigint" ? value.toLocaleString("en-US") : String(value);
  }
  if (Number.isInteger(value)) return value.toLocaleString("en-US");
  const digits = Math.abs(value) >= 1000 ? 0 : 4;
  return Number.isFinite(value) && digits === 4
    ? String(Number(value.toPrecision(4)))
    : value.toLocaleString("en-US", { maximumFractionDigits: digits });
}

function plainTable(
  columns: readonly string[],
  cells: readonly (readonly string[])[],
  more: string | undefined,
): string {
  const widths = columns.map((column, i) =>
    Math.max(column.length, ...cells.map((row) => row[i].length))
  );
  const line = (texts: readonly string[]) =>
    texts.map((text, i) => text.padEnd(widths[i])).join("  ").trimEnd();
  return [line(columns), ...cells.map(line), ...(more === undefined ? [] : [more])].join("\n");
}

function htmlTable(
  columns: readonly string[],
  cells: readonly (readonly string[])[],
  numeric: readonly boolean[],
  more: string | undefined,
): string {
  const align = (i: number) => ` style="text-align:${numeric[i] ? "right" : "left"}"`;
  const cell = (tag: string) => (text: string, i: number) =>
    `<${tag}${align(i)}>${escapeHtml(text)}</${tag}>`;
  const head = `<thead><tr>${columns.map(cell("th")).join("")}</tr></thead>`;
  const body = cells.map((row) => `<tr>${row.map(cell("td")).join("")}</tr>`).join("");
  const foot = more === undefined ? "" : `<p>${more}</p>`;
  return `<table>${head}<tbody>${body}</tbody></table>${foot}`;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
