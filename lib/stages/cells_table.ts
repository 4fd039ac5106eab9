import { categorical, constantCategorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import type { AnnData, Column } from "@/formats/anndata/mod.ts";
import type { CellFeatureMatrix, MatrixFeatures, XeniumCells } from "@/formats/xenium/mod.ts";
import { sumColumns, takeCounts, takeValues } from "./take_cells.ts";

const GENE = "Gene Expression";
const PROTEIN = "Protein Expression";

/** Types of features that the counts of the table of cells are of. */
const COUNTED_TYPES: Readonly<Record<string, string>> = {
  transcript_counts: GENE,
  control_probe_counts: "Negative Control Probe",
  genomic_control_counts: "Genomic Control",
  control_codeword_counts: "Negative Control Codeword",
  unassigned_codeword_counts: "Unassigned Codeword",
  deprecated_codeword_counts: "Deprecated Codeword",
};
/** Columns of every version, even where no feature is of their type. */
const ALWAYS = ["transcript_counts", "control_probe_counts", "control_codeword_counts"];

/** Which features become columns. */
export interface ChosenFeatures {
  /** Their places in the matrix, rising. */
  readonly columns: Int32Array;
  /** Their names, each made different as anndata does. */
  readonly names: readonly string[];
  /** Names that several had. */
  readonly repeated: readonly string[];
  /** How many others there are, by type. */
  readonly others: Readonly<Record<string, number>>;
}

/**
 * Chooses genes, or all features.
 *
 * @throws {SthelarError} `CorruptData` if there are none.
 */
export function chooseFeatures(
  { names, types }: MatrixFeatures,
  chosen: "genes" | "all",
): ChosenFeatures {
  const others: Record<string, number> = {};
  const columns = Int32Array.from(types.keys()).filter((column) => {
    const isChosen = chosen === "all" || types[column] === GENE;
    if (!isChosen) others[types[column]] = (others[types[column]] ?? 0) + 1;
    return isChosen;
  });
  if (columns.length === 0) {
    throw new SthelarError("CorruptData", {
      action: "Cannot make the table of cells",
      found: `${types.length} features: ${Object.keys(others).join(", ") || "none"}`,
      expected: `some of the type "${GENE}"`,
    });
  }
  const chosenNames = Array.from(columns, (column) => names[column]);
  return { columns, others, ...makeDistinct(chosenNames) };
}

/** Puts `-1`, `-2`, … behind names that are there already, as anndata's `var_names_make_unique`. */
function makeDistinct(names: readonly string[]) {
  const given = new Set(names), seen = new Set<string>(), repeated = new Set<string>();
  const distinct = names.map((name) => {
    if (!seen.has(name)) {
      seen.add(name);
      return name;
    }
    repeated.add(name);
    let number = 1;
    while (given.has(`${name}-${number}`) || seen.has(`${name}-${number}`)) number++;
    seen.add(`${name}-${number}`);
    return `${name}-${number}`;
  });
  return { names: distinct, repeated: [...repeated] };
}

/** Counts of each cell by kind of feature: the table's own, else sums over the matrix. */
export function countColumns(
  { counts }: XeniumCells,
  { matrix, features: { types } }: CellFeatureMatrix,
): ReadonlyMap<string, Int32Array> {
  if (counts.has("transcript_counts")) return counts;
  const columns = new Map<string, Int32Array>();
  for (const [name, counted] of Object.entries(COUNTED_TYPES)) {
    if (!ALWAYS.includes(name) && !types.includes(counted)) continue;
    columns.set(name, sumColumns(matrix, types, (type) => type === counted));
  }
  return columns.set("total_counts", sumColumns(matrix, types, (type) => type !== PROTEIN));
}

/** Cells whose count of transcripts is not that of their genes in the matrix. */
export function countDiffering(
  transcripts: Int32Array,
  { matrix, features: { types } }: CellFeatureMatrix,
): number {
  const sums = sumColumns(matrix, types, (type) => type === GENE);
  return sums.reduce((differing, sum, row) => differing + (sum === transcripts[row] ? 0 : 1), 0);
}

/** What a bundle tells of its cells. */
export interface CellsSource {
  /** Its table of cells. */
  readonly cells: XeniumCells;
  /** The counts in it by kind of feature. */
  readonly counts: ReadonlyMap<string, Int32Array>;
  /** Its matrix. */
  readonly matrix: CellFeatureMatrix;
  /** Height of each cell, if the bundle tells. */
  readonly zLevels: Float64Array | undefined;
  /** The columns of the matrix that are taken. */
  readonly features: ChosenFeatures;
}

/** What `table_cells` is made of. */
export interface CellsTableParts extends CellsSource {
  /** Rows that are taken, in this order. */
  readonly rows: Int32Array;
  /** Id of each of them in the store. */
  readonly ids: readonly string[];
  /** Name of each row. */
  readonly rowNames: readonly string[];
  /** The shapes that the table is about. */
  readonly region: string;
}

/** The table `table_cells`, its columns in the published order. */
export function cellsTable(parts: CellsTableParts): AnnData {
  const { cells, matrix, features, rows, rowNames } = parts;
  const spatial = new Float64Array(2 * rows.length);
  for (let i = 0; i < rows.length; i++) {
    spatial[2 * i] = cells.xUm[rows[i]];
    spatial[2 * i + 1] = cells.yUm[rows[i]];
  }
  const divisors = proteinDivisors(matrix, features.columns);
  return {
    X: takeCounts(matrix.matrix, rows, {
      columns: features.columns,
      ...(divisors === undefined ? {} : { divisors }),
    }),
    obs: { index: rowNames, columns: obsColumns(parts) },
    var: { index: features.names, columns: varColumns(matrix.features, features.columns) },
    obsm: { spatial: { data: spatial, shape: [rows.length, 2] } },
    ...{ varm: {}, obsp: {}, varp: {}, layers: {}, uns: new Map() },
  };
}

function obsColumns(
  { cells, counts, zLevels, rows, ids, region }: CellsTableParts,
): Map<string, Column> {
  const columns = new Map<string, Column>([["cell_id", ids]]);
  for (const [name, values] of counts) columns.set(name, takeValues(values, rows));
  columns.set("cell_area", takeValues(cells.cellAreaUm2, rows));
  columns.set("nucleus_area", takeValues(cells.nucleusAreaUm2, rows));
  if (cells.nucleusCount !== undefined) {
    columns.set("nucleus_count", takeValues(cells.nucleusCount, rows));
  }
  if (cells.segmentationMethod !== undefined) {
    const { codes, ...method } = cells.segmentationMethod;
    columns.set("segmentation_method", { ...method, codes: takeValues(codes, rows) });
  }
  columns.set("region", constantCategorical(region, rows.length));
  if (zLevels !== undefined) columns.set("z_level", takeValues(zLevels, rows));
  columns.set("xenium_cell_id", Array.from(rows, (row) => cells.cellIds[row]));
  return columns;
}

function varColumns(
  { ids, types, genomes }: MatrixFeatures,
  chosen: Int32Array,
): Map<string, Column> {
  const take = (texts: readonly string[]) => Array.from(chosen, (column) => texts[column]);
  const columns = new Map<string, Column>([
    ["gene_ids", take(ids)],
    ["feature_types", categorical(take(types))],
  ]);
  return genomes === undefined ? columns : columns.set("genome", categorical(take(genomes)));
}

/** What stored values are multiplied by, if some are proteins and the file says so. */
function proteinDivisors(
  { features: { types }, proteinScalingFactor }: CellFeatureMatrix,
  columns: Int32Array,
): Float64Array | undefined {
  if (proteinScalingFactor === undefined) return undefined;
  const divisors = Float64Array.from(
    columns,
    (column) => types[column] === PROTEIN ? proteinScalingFactor : 1,
  );
  return divisors.every((divisor) => divisor === 1) ? undefined : divisors;
}
