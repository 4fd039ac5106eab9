/** A value of a CSV file; nothing where it is `undefined`. */
export type CsvValue = string | number | undefined;

/**
 * Rows as CSV, texts quoted where they need it.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { csvText } from "@/study/csv_text.ts";
 *
 * assertEquals(csvText(["a", "b"], [["x, y", 1]]), 'a,b\n"x, y",1\n');
 * ```
 */
export function csvText(
  columns: readonly string[],
  rows: readonly (readonly CsvValue[])[],
): string {
  return [columns, ...rows].map((row) => `${row.map(quoted).join(",")}\n`).join("");
}

function quoted(value: CsvValue): string {
  const text = value === undefined ? "" : String(value);
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
