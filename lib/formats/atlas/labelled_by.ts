import type { Categorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import type { Atlas } from "./atlas.ts";
import type { CellsTable } from "./csv_labels.ts";

/**
 * What a csv table beside a matrix says of its cells, put in the order of the matrix by their names.
 *
 * @param barcodes Names of the matrix's cells.
 * @param path Where the table is or would be, for messages.
 */
export function labelledBy(
  table: CellsTable | undefined,
  barcodes: () => readonly string[],
  path: string,
): Pick<Atlas, "columns" | "column"> {
  return {
    columns: table?.columns ?? [],
    // deno-lint-ignore require-await -- what goes wrong rejects
    async column(name): Promise<Categorical> {
      if (table === undefined) {
        throw new SthelarError("NotFound", {
          action: `Cannot read the column "${name}"`,
          found: "a matrix without labels",
          remedy: `put a csv table beside it: "${path}", barcodes in its first column`,
          path,
        });
      }
      const { codes, levels, ordered } = table.column(name);
      const rowOf = new Map(table.names.map((cell, row) => [cell, row]));
      const ordering = Int32Array.from(barcodes(), (cell) => {
        const row = rowOf.get(cell);
        return row === undefined ? -1 : codes[row];
      });
      return { codes: ordering, levels, ordered };
    },
  };
}
