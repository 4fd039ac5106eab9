import type { Categorical } from "@/core/categorical.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import type { Input } from "@/core/stage.ts";
import { type AnnDataHandle, isSparse } from "@/formats/anndata/mod.ts";
import { tableInput, tablePartOutput } from "@/formats/spatialdata/stage_elements.ts";
import { categoryInput, numbersInput } from "@/formats/spatialdata/table_part_input.ts";
import type { LabelColumns } from "@/labels/mod.ts";
import { countSums, requireLess10, requireSameCounts } from "./annotate_checks.ts";
import { type DepthColumns, depthColumns, type TableDepth } from "./annotate_depth.ts";
import type { ClusteringReport } from "./clustering_report.ts";
import { cellIdsOf, type RowOfId, rowsById } from "./row_ids.ts";

/** A table with labels. */
export interface LabelledTable {
  /** Its name: `table_nuclei`. */
  readonly name: string;
  /** The table. */
  readonly table: AnnDataHandle;
  /** Labels of its rows. */
  readonly labels: LabelColumns;
  /** Transcripts of its rows. */
  readonly totals: Float64Array;
}

/** What annotating needs of a table. */
export function labelledTableInput(name: string): Input<LabelledTable> {
  const inputs = {
    table: tableInput(name),
    label1: categoryInput(name, "label1"),
    label2: categoryInput(name, "label2"),
    label3: categoryInput(name, "label3"),
    totals: numbersInput(name, "transcript_counts"),
  };
  return {
    kind: "nodes",
    names: Object.values(inputs).flatMap(({ names }) => names),
    doc: `labels of ${name}`,
    async open(location) {
      const labels = {
        label1: await inputs.label1.open(location),
        label2: await inputs.label2.open(location),
        label3: await inputs.label3.open(location),
      };
      const table = await inputs.table.open(location);
      return { name, table, labels, totals: await inputs.totals.open(location) };
    },
  };
}

/** What annotating adds to a table, under the published names. */
export function annotateOutputs<const T extends string>(table: T) {
  return {
    category: tablePartOutput(table, "obs/transcript_cat"),
    log: tablePartOutput(table, "obs/transcript_counts_log"),
  };
}

/** What else is known of a table. */
export interface AnnotateOptions {
  /** Refined clusters of its rows. */
  readonly clusters: Categorical | undefined;
  /** Its layer of counts. */
  readonly counts: (() => Promise<SparseMatrix>) | undefined;
  /** How it was clustered. */
  readonly clustering: ClusteringReport | undefined;
  /** Bins of transcripts. */
  readonly quantiles: number;
}

/** What the stage says of a table. */
export interface AnnotatedTableReport extends TableDepth {
  /** Rows of the table. */
  readonly rows: number;
  /** Rows that were not clustered, and no others: `less10`. */
  readonly less10: number;
  /** Rows with no more transcripts were left out. */
  readonly minTranscripts: number;
  /** Whether sums of X and of layers/count were compared: not where X is normalised. */
  readonly comparedCounts: boolean;
}

/** A table that was checked and annotated. */
export interface AnnotatedTable extends DepthColumns {
  /** Its name. */
  readonly name: string;
  /** Ids that join its rows with those of other tables. */
  readonly ids: readonly string[];
  /** Their rows. */
  readonly rowOf: RowOfId;
  /** Names of the rows. */
  readonly rowIds: readonly string[];
  /** Broad label of each row. */
  readonly label1: Categorical;
  /** What there is to say of it. */
  readonly report: AnnotatedTableReport;
}

/** How few transcripts leave a row out of a clustering that is not known. */
const USUAL_MIN_TRANSCRIPTS = 10;

/**
 * Checks a table's ids, labels and counts, and derives what tells rows of few transcripts from others.
 *
 * @throws {SthelarError} `IdMismatch` or `CorruptData` with how many rows are at odds, and the first ids.
 */
export async function annotateTable(
  { name, table, labels, totals: given }: LabelledTable,
  { clusters, counts, clustering, quantiles }: AnnotateOptions,
): Promise<AnnotatedTable> {
  const ids = await cellIdsOf(table, name);
  const checked = { name, ids };
  const rowOf = rowsById(name, ids);
  const sums = await sumsOfX(table);
  const totals = withSums(given, sums);
  const minTranscripts = clustering?.minTranscripts ?? USUAL_MIN_TRANSCRIPTS;
  const isClustered = requireLess10({ ...checked, labels, totals, minTranscripts });
  const comparedCounts = sums !== undefined && counts !== undefined;
  if (comparedCounts) requireSameCounts(checked, isClustered, sums, await counts());
  const clustered = (column: Categorical) =>
    column.codes.map((code, row) => isClustered[row] === 1 ? code : -1);
  const columns = depthColumns(
    totals,
    quantiles,
    clustered(labels.label1),
    clusters && clustered(clusters),
  );
  return {
    ...{ ...checked, rowOf, ...columns, label1: labels.label1 },
    rowIds: await table.obsNames(),
    report: {
      rows: ids.length,
      less10: isClustered.reduce((few, is) => few + 1 - is, 0),
      ...{ minTranscripts, comparedCounts, ...columns.depth },
    },
  };
}

/** Sums of the rows of X; `undefined` where it holds no counts. */
async function sumsOfX(table: AnnDataHandle): Promise<Float64Array | undefined> {
  const x = await table.readX();
  return isSparse(x) && x.format === "csr" ? countSums(x) : undefined;
}

/** Transcripts of rows that have no number of them are their sums of counts. */
function withSums(totals: Float64Array, sums: Float64Array | undefined): Float64Array {
  return sums === undefined
    ? totals
    : totals.map((total, row) => Number.isNaN(total) ? sums[row] : total);
}
