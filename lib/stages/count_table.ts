import { SthelarError } from "@/core/errors.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import { type AnnDataHandle, isNumericArray, isSparse } from "@/formats/anndata/mod.ts";

/** A table of counts. */
export interface CountTable {
  /** Counts, `(n_rows, n_columns)`, CSR. */
  readonly counts: SparseMatrix;
  /** Transcripts of each row: its sum. */
  readonly totals: Float64Array;
  /** Names of the rows. */
  readonly rowIds: readonly string[];
  /** Names of the columns. */
  readonly features: readonly string[];
}

/**
 * Reads a table's counts.
 *
 * @param name The table's name, for messages.
 * @throws {SthelarError} `CorruptData` for another layout, or naming the first value that is no count.
 */
export async function readCountTable(table: AnnDataHandle, name: string): Promise<CountTable> {
  const X = await table.readX();
  if (!isSparse(X) || X.format !== "csr") throw badTable(name, "X is not csr", "a csr matrix");
  const [rowIds, features] = await Promise.all([table.obsNames(), table.varNames()]);
  const totals = new Float64Array(rowIds.length);
  for (let row = 0; row < rowIds.length; row++) {
    for (let k = Number(X.indptr[row]), end = Number(X.indptr[row + 1]); k < end; k++) {
      const value = Number(X.data[k]);
      if (!(value >= 0 && value < Infinity)) {
        const place = `row "${rowIds[row]}", "${features[Number(X.indices[k])]}"`;
        throw badTable(name, `${value} in ${place}`, "0 or more");
      }
      totals[row] += value;
    }
  }
  return { counts: X, totals, rowIds, features };
}

/** Reads `table_cells`: the transcripts of a cell are those that 10x counted, where it says so. */
export async function readCellTable(table: AnnDataHandle): Promise<CountTable> {
  const counted = await readCountTable(table, "table_cells");
  if (!table.columnNames("obs").includes("transcript_counts")) return counted;
  const totals = await table.column("obs", "transcript_counts");
  return isNumericArray(totals)
    ? { ...counted, totals: Float64Array.from(totals as ArrayLike<number>) }
    : counted;
}

function badTable(name: string, found: string, expected: string): SthelarError {
  const path = `tables/${name}`;
  return new SthelarError("CorruptData", { action: `Cannot use "${path}"`, found, expected, path });
}
