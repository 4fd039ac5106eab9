/**
 * The rows that something holds for, rising.
 *
 * @param count Rows in all.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { rowsWhere } from "@/stages/rows_where.ts";
 *
 * assertEquals(rowsWhere(5, (row) => row % 2 === 1), Int32Array.of(1, 3));
 * ```
 */
export function rowsWhere(count: number, holds: (row: number) => boolean): Int32Array<ArrayBuffer> {
  const rows = new Int32Array(count);
  let found = 0;
  for (let row = 0; row < count; row++) if (holds(row)) rows[found++] = row;
  return rows.slice(0, found);
}
