import type { Categorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import { rowTotals } from "@/numerics/normalise/mod.ts";
import type { CountTable } from "./count_table.ts";
import { rowsWhere } from "./rows_where.ts";

const TABLE = "tables/table_cells";
/** Fewer cells than this cannot be split into those to train on and those to validate with. */
const FEWEST_CELLS = 10;

/** The cells that a model is trained on. */
export interface ScviRows {
  /** Which rows of the table, rising. */
  readonly rows: Int32Array;
  /** Rows with enough transcripts by 10x's count, whose genes have none. */
  readonly withoutCounts: number;
}

/**
 * The rows of the table of cells that have enough transcripts, and a count to learn from.
 *
 * @throws {SthelarError} `InvalidArgument` if hardly a row has.
 */
export function scviRows({ counts, totals, rowIds }: CountTable, minTranscripts: number): ScviRows {
  const sums = rowTotals(counts);
  const enough = rowsWhere(rowIds.length, (row) => totals[row] > minTranscripts);
  const rows = enough.filter((row) => sums[row] > 0);
  if (rows.length >= FEWEST_CELLS) return { rows, withoutCounts: enough.length - rows.length };
  throw new SthelarError("InvalidArgument", {
    action: "Cannot train scVI",
    found: `${rows.length} of ${rowIds.length} cells with more than ${minTranscripts} transcripts`,
    expected: `at least ${FEWEST_CELLS}`,
    remedy: "lower minTranscripts, or look whether the bundle's counts are those of its cells",
    path: TABLE,
  });
}

/**
 * Refuses a column that is not for the rows of the table.
 *
 * @throws {SthelarError} `IdMismatch`.
 */
export function requireRowsOf(name: string, { codes }: Categorical, rows: number): void {
  if (codes.length === rows) return;
  throw new SthelarError("IdMismatch", {
    action: `Cannot use "${name}" of "${TABLE}"`,
    found: `${codes.length} values`,
    expected: `one for each of ${rows} cells`,
    path: `${TABLE}/obs/${name}`,
  });
}
