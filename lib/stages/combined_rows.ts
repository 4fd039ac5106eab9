import { byCodeUnit } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import type { AnnDataHandle } from "@/formats/anndata/mod.ts";
import { readCellTable, readCountTable } from "./count_table.ts";
import { cellIdsOf, rowsById } from "./row_ids.ts";
import { rowsWhere } from "./rows_where.ts";
import { takeCounts } from "./take_cells.ts";

const CELLS = "table_cells", NUCLEI = "table_nuclei";
/** Fewer rows than this have no neighbourhood to speak of. */
const FEWEST_ROWS = 4;
const SHOWN_NAMES = 3;

/** Names that have no partner in the other table. */
export interface Unpartnered {
  readonly count: number;
  /** The first of them. */
  readonly first: readonly string[];
}

/** The same cells in both tables, with the genes that both count. */
export interface CombinedRows {
  /** Id of each cell that is combined, sorted as text. */
  readonly ids: readonly string[];
  /** Its row in the table of nuclei. */
  readonly nucleusRows: Int32Array;
  /** Its row in the table of cells. */
  readonly cellRows: Int32Array;
  /** Genes that both tables count, in the order of nuclei. */
  readonly genes: readonly string[];
  /** Counts in nuclei, `(n_combined, n_genes)`. */
  readonly nuclei: SparseMatrix;
  /** Counts in whole cells, the same shape. */
  readonly cells: SparseMatrix;
  /** Names of the columns of the table of nuclei. */
  readonly features: readonly string[];
  /** Those of them that are common genes. */
  readonly commonColumns: Int32Array;
  /** Nuclei that are not combined, sorted by id: their ids, rows, counts of all features. */
  readonly leftOut: {
    readonly ids: readonly string[];
    readonly nucleusRows: Int32Array;
    readonly counts: SparseMatrix;
    /** Row in the table of cells, -1 for a nucleus without cell. */
    readonly cellRows: Int32Array;
  };
  /** Cells with enough transcripts that have no nucleus. */
  readonly cellsWithoutNucleus: Unpartnered;
  /** Nuclei without cell. */
  readonly nucleiWithoutCell: Unpartnered;
  /** Features of one table only. */
  readonly onlyNuclei: readonly string[];
  readonly onlyCells: readonly string[];
}

/**
 * Pairs nuclei and cells by id, cells with enough transcripts by 10x's count, and genes by name.
 *
 * @throws {SthelarError} `IdMismatch` naming an id that is there twice or missing, or if no gene is in
 *   both; `InvalidArgument` if hardly a cell is left.
 */
export async function combinedRows(
  nucleusTable: AnnDataHandle,
  cellTable: AnnDataHandle,
  minTranscripts: number,
): Promise<CombinedRows> {
  const nuclei = await readCountTable(nucleusTable, NUCLEI);
  const cells = await readCellTable(cellTable);
  const nucleusIds = await cellIdsOf(nucleusTable, NUCLEI);
  const cellIds = await cellIdsOf(cellTable, CELLS);
  const nucleusOf = rowsById(NUCLEI, nucleusIds), cellOf = rowsById(CELLS, cellIds);
  const enough = rowsWhere(cellIds.length, (row) => cells.totals[row] > minTranscripts);
  const paired = enough.filter((row) => nucleusOf.has(cellIds[row]));
  if (paired.length < FEWEST_ROWS) throw tooFewRows(paired.length, cellIds.length, minTranscripts);
  const cellRows = sortedById(paired, cellIds);
  const ids = Array.from(cellRows, (row) => cellIds[row]);
  const nucleusRows = Int32Array.from(ids, (id) => nucleusOf.get(id)!);
  const isKept = new Uint8Array(nucleusIds.length);
  for (const row of nucleusRows) isKept[row] = 1;
  const outRows = sortedById(rowsWhere(isKept.length, (row) => isKept[row] === 0), nucleusIds);
  const outIds = Array.from(outRows, (row) => nucleusIds[row]);
  const { genes, nucleusColumns, cellColumns } = commonGenes(nuclei.features, cells.features);
  return {
    ...{ ids, nucleusRows, cellRows, genes, features: nuclei.features },
    commonColumns: nucleusColumns,
    nuclei: takeCounts(nuclei.counts, nucleusRows, { columns: nucleusColumns }),
    cells: takeCounts(cells.counts, cellRows, { columns: cellColumns }),
    leftOut: {
      ...{ ids: outIds, nucleusRows: outRows },
      counts: takeCounts(nuclei.counts, outRows, {
        columns: Int32Array.from(nuclei.features.keys()),
      }),
      cellRows: Int32Array.from(outIds, (id) => cellOf.get(id) ?? -1),
    },
    cellsWithoutNucleus: unpartnered(enough, cellIds, nucleusOf),
    nucleiWithoutCell: unpartnered(outRows, nucleusIds, cellOf),
    onlyNuclei: othersOf(nuclei.features, nucleusColumns),
    onlyCells: othersOf(cells.features, cellColumns),
  };
}

function sortedById(rows: Int32Array, ids: readonly string[]): Int32Array {
  return rows.toSorted((a, b) => byCodeUnit(ids[a], ids[b]));
}

function unpartnered(
  rows: Int32Array,
  ids: readonly string[],
  others: ReadonlyMap<string, number>,
): Unpartnered {
  const alone = rows.filter((row) => !others.has(ids[row]));
  return {
    count: alone.length,
    first: Array.from(alone.subarray(0, SHOWN_NAMES), (row) => ids[row]),
  };
}

/** Genes of one name, and their columns; of a name that comes several times, the first of each table. */
function commonGenes(nuclei: readonly string[], cells: readonly string[]) {
  const cellColumnOf = new Map<string, number>();
  cells.forEach((name, column) => {
    if (!cellColumnOf.has(name)) cellColumnOf.set(name, column);
  });
  const seen = new Set<string>();
  const shared = nuclei.flatMap((name, column) => {
    if (!cellColumnOf.has(name) || seen.has(name)) return [];
    seen.add(name);
    return [{ name, column }];
  });
  const genes = shared.map(({ name }) => name);
  const nucleusColumns = Int32Array.from(shared, ({ column }) => column);
  const cellColumns = Int32Array.from(genes, (name) => cellColumnOf.get(name)!);
  if (genes.length > 1) return { genes, nucleusColumns, cellColumns };
  const named = (names: readonly string[]) =>
    names.slice(0, SHOWN_NAMES).map((name) => `"${name}"`).join(", ");
  throw new SthelarError("IdMismatch", {
    action: "Cannot combine nuclei and cells",
    found: `${genes.length} genes in both tables; nuclei have ${named(nuclei)}, cells ${
      named(cells)
    }`,
    expected: "2 or more genes of one name",
    path: `tables/${CELLS}`,
  });
}

function othersOf(names: readonly string[], columns: Int32Array): string[] {
  const taken = new Set(columns);
  return names.filter((_, column) => !taken.has(column));
}

function tooFewRows(found: number, cells: number, minTranscripts: number): SthelarError {
  return new SthelarError("InvalidArgument", {
    action: "Cannot combine nuclei and cells",
    found: `${found} of ${cells} cells with a nucleus and more than ${minTranscripts} transcripts`,
    expected: `at least ${FEWEST_ROWS}`,
    remedy: "lower minTranscripts, or look whether the tables are of the same cells",
    path: `tables/${CELLS}`,
  });
}
