import type { Boundaries } from "@/formats/xenium/mod.ts";
import { type CellsSource, countDiffering } from "./cells_table.ts";
import type { CellJoin } from "./join_cells.ts";
import type { NucleusOwners } from "./nuclei_of_cells.ts";
import { takeValues } from "./take_cells.ts";

/** Most ids that a list of the report holds. */
const LISTED_IDS = 10_000;
/** Ids that stand for a longer list. */
const HEAD_IDS = 100;

/** Ids of cells or nuclei, all of them unless there are very many. */
export interface IdList {
  /** How many there are. */
  readonly count: number;
  /** The ids; of 10,000 or more the first 100. */
  readonly ids: readonly string[];
}

/** What stage 2-04 found, beside the elements. */
export interface AddCellsReport {
  /** What told which nucleus is whose. */
  readonly joinedBy: "xenium_cell_id" | "polygon";
  /** Nuclei of the slide: cells with at least one. */
  readonly nuclei: number;
  /** Cells of the bundle, and those of them that were added. */
  readonly cells: { readonly total: number; readonly added: number };
  /** 10x's ids of cells that were left out because they have no nucleus. */
  readonly cellsWithoutNucleus: IdList;
  /** Nuclei that are no cell of the bundle. */
  readonly nucleiWithoutCell: IdList;
  /** Nuclei whose cell has no polygon: it was left out. */
  readonly nucleiWithoutPolygon: IdList;
  /** Nuclei whose polygon is there several times, where polygons tell: they were paired in order. */
  readonly ambiguousNuclei: IdList;
  /** Invalid polygons of cells that were left out. */
  readonly droppedPolygons: Boundaries["dropped"];
  /** Added cells with more than one nucleus; `null` for versions that do not count them. */
  readonly multinucleateCells: number | null;
  /** Columns of the table, genes unless all features were asked for. */
  readonly genes: number;
  /** Features that were left out, by type. */
  readonly otherFeatures: Readonly<Record<string, number>>;
  /** Names that several columns share; all but the first have a number behind it. */
  readonly repeatedGenes: readonly string[];
  /** Medians; `null` where there is nothing. */
  readonly medianTranscripts: {
    /** Good transcripts of genes in an added cell, as 10x counts them. */
    readonly cell: number | null;
    /** The same of a cell that was left out because it has no nucleus. */
    readonly cellWithoutNucleus: number | null;
    /** Transcripts of all features in a nucleus, as stage 1-02 counts them. */
    readonly nucleus: number | null;
  };
  /** Cells whose `transcript_counts` is not the sum of their genes in the matrix. */
  readonly differingCounts: number;
}

/** What the report is made from. */
interface Findings {
  readonly owners: NucleusOwners;
  readonly boundaries: Boundaries;
  readonly source: CellsSource;
  readonly join: CellJoin;
  /** Transcripts in each nucleus. */
  readonly nucleusTotals: Float64Array;
}

/** The findings of stage 2-04. */
export function addCellsReport(
  { owners, boundaries, source, join, nucleusTotals }: Findings,
): AddCellsReport {
  const { joinedBy, ids, ambiguous } = owners;
  const { cells, counts, matrix, features } = source;
  const listNuclei = (rows: Int32Array) => listIds(Array.from(rows, (row) => ids[row]));
  const without = join.cellsWithoutNucleus;
  const transcripts = counts.get("transcript_counts")!;
  return {
    joinedBy,
    nuclei: ids.length,
    cells: { total: cells.cellIds.length, added: join.cells.length },
    cellsWithoutNucleus: listIds(Array.from(without, (row) => cells.cellIds[row])),
    nucleiWithoutCell: listNuclei(join.nucleiWithoutCell),
    nucleiWithoutPolygon: listNuclei(join.nucleiWithoutPolygon),
    ambiguousNuclei: listNuclei(ambiguous),
    droppedPolygons: boundaries.dropped,
    multinucleateCells: cells.nucleusCount === undefined
      ? null
      : takeValues(cells.nucleusCount, join.cells).filter((count) => count > 1).length,
    genes: features.columns.length,
    otherFeatures: features.others,
    repeatedGenes: features.repeated,
    medianTranscripts: {
      cell: medianOrNull(takeValues(transcripts, join.cells)),
      cellWithoutNucleus: medianOrNull(takeValues(transcripts, without)),
      nucleus: medianOrNull(nucleusTotals),
    },
    differingCounts: countDiffering(transcripts, matrix),
  };
}

/** Lists ids, or the first of very many. */
export function listIds(ids: readonly string[]): IdList {
  return { count: ids.length, ids: ids.length < LISTED_IDS ? ids : ids.slice(0, HEAD_IDS) };
}

/** The first of a list, for a line of text. */
export function firstIds({ count, ids }: IdList, shown = 3): string {
  return `${ids.slice(0, shown).join(", ")}${count > shown ? ", …" : ""}`;
}

/** The median, `null` of nothing. */
function medianOrNull(values: ArrayLike<number>): number | null {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0) return null;
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
