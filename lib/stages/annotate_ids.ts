import { SthelarError } from "@/core/errors.ts";
import type { IdList } from "./add_cells_report.ts";
import { listed, type RowOfId } from "./row_ids.ts";

/** A table whose rows are checked. */
export interface CheckedTable {
  /** Its name: `table_nuclei`. */
  readonly name: string;
  /** Ids of its rows. */
  readonly ids: readonly string[];
}

/** A table with the row of each id. */
export interface IndexedTable extends CheckedTable {
  /** Rows by id. */
  readonly rowOf: RowOfId;
}

/**
 * Refuses two tables that are not about the same cells.
 *
 * @param other The table that must have the same ids.
 * @param leftOut Ids that `other` is known to lack.
 * @returns How many ids of `table` the other lacks, as is known.
 * @throws {SthelarError} `IdMismatch` with how many ids one of them lacks, and the first.
 */
export function requireSameIds(
  table: IndexedTable,
  other: IndexedTable,
  leftOut: readonly IdList[] = [],
): number {
  const missing = table.ids.filter((id) => !other.rowOf.has(id));
  const unknown = isKnown(missing, leftOut) ? [] : missing;
  const faults = [
    [other.name, unknown] as const,
    [table.name, other.ids.filter((id) => !table.rowOf.has(id))] as const,
  ].filter(([, ids]) => ids.length > 0);
  if (faults.length === 0) return missing.length;
  throw mismatch(`${table.name}" and "${other.name}`, {
    found: faults.map(([name, ids]) => `${listed("cell_id", ids)} not in "${name}"`).join(", "),
    expected: "the same cells in both",
  });
}

/** Whether ids are those of the lists; long lists do not name all of theirs. */
function isKnown(ids: readonly string[], lists: readonly IdList[]): boolean {
  const total = lists.reduce((sum, { count }) => sum + count, 0);
  const named = new Set(lists.flatMap((list) => list.ids));
  return ids.length === total && (named.size < total || ids.every((id) => named.has(id)));
}

interface Fault {
  readonly found: string;
  readonly expected: string;
  readonly remedy?: string;
}

const refused = (tag: "IdMismatch" | "CorruptData") => (name: string, fault: Fault) =>
  new SthelarError(tag, {
    action: `Cannot annotate "${name}"`,
    remedy: "make the tables again, from stage 2-03 on",
    ...fault,
    path: `tables/${name.split('"')[0]}`,
  });
/** Refuses tables whose rows are others than they should be. */
export const mismatch = refused("IdMismatch");
/** Refuses values that contradict each other. */
export const corrupt = refused("CorruptData");
