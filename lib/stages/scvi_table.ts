import { createHash } from "node:crypto";
import type { DenseArray } from "@/core/arrays.ts";
import { type Categorical, categoricalOfCodes, constantCategorical } from "@/core/categorical.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import type {
  AnnData,
  AnnDataHandle,
  Column,
  DataFrame,
  Matrix,
  NullableInteger,
  UnsDict,
  UnsValue,
} from "@/formats/anndata/mod.ts";
import { NOT_CLUSTERED } from "@/labels/mod.ts";
import { log1p, normaliseTotal } from "@/numerics/normalise/mod.ts";
import { fitCurve } from "@/numerics/umap/mod.ts";
import type { CountTable } from "./count_table.ts";
import { labelColours } from "./label_table.ts";
import type { LatentSpace } from "./scvi_latent_space.ts";
import { spreadClusters, spreadDense, spreadGraph, spreadSparse } from "./spread_rows.ts";

/** The shapes that the table's rows annotate. */
export const SCVI_REGION = "cell_boundaries";
const LABEL = "label1";

/** The columns of 10x, in the published order; which of them there are depends on the bundle. */
const CELL_COLUMNS = [
  "cell_id",
  "transcript_counts",
  "control_probe_counts",
  "control_codeword_counts",
  "unassigned_codeword_counts",
  "deprecated_codeword_counts",
  "genomic_control_counts",
  "total_counts",
  "cell_area",
  "nucleus_area",
  "nucleus_count",
  "segmentation_method",
  "region",
  "z_level",
];

/** What `table_scvi` is made of. */
export interface ScviTableParts {
  /** The table of cells. */
  readonly cells: AnnDataHandle;
  /** Its counts. */
  readonly table: CountTable;
  /** Rows that were trained on, rising. */
  readonly rows: Int32Array;
  /** Their counts. */
  readonly kept: SparseMatrix;
  /** Broad label of every row of the table, if there are labels. */
  readonly label1: Categorical | undefined;
  /** Latent places of the trained rows, `(n_trained, n_latent)`. */
  readonly latent: DenseArray<Float32Array>;
  /** Their graph, UMAP and clusters. */
  readonly space: LatentSpace;
  /** Column of the clusters. */
  readonly clusterColumn: string;
  /** What UMAP was asked for. */
  readonly minDist: number;
  /** What the ids of the model are derived from, beside the counts. */
  readonly identity: string;
}

/** The table `table_scvi` under its published names; rows that were left out are in it, without values. */
export async function scviTable(parts: ScviTableParts): Promise<AnnData> {
  const { table: { counts, rowIds, features }, cells, rows, kept, latent, space } = parts;
  const total = rowIds.length;
  const label1 = withTooFew(parts.label1, rows, total);
  const graph = (weights: SparseMatrix) => spreadGraph(weights, rows, total);
  return {
    X: spreadSparse(log1p(normaliseTotal(kept)), rows, total),
    obs: { index: rowIds, columns: await obsColumns(parts, label1) },
    var: await varFrame(cells, features),
    layers: { counts },
    obsm: {
      X_scVI: spreadDense(latent, rows, total),
      X_umap: spreadDense(space.layout, rows, total),
      spatial: await cells.element("obsm/spatial") as Matrix,
    },
    obsp: {
      connectivities: graph(space.graph.connectivities),
      distances: graph(space.graph.distances),
    },
    uns: new Map<string, UnsValue>([
      ["neighbors", neighboursUns(space.nearest.neighbours)],
      ["umap", dict({ params: dict({ ...fitCurve(parts.minDist, 1) }) })],
      ["_scvi_uuid", uuidOf("model", parts)],
      ["_scvi_manager_uuid", uuidOf("manager", parts)],
      ...label1.levels.length === 0 ? [] : [[`${LABEL}_colors`, labelColours(label1)] as const],
    ]),
    ...{ varm: {}, varp: {} },
  };
}

async function obsColumns(
  { cells, rows, space, clusterColumn, table: { rowIds } }: ScviTableParts,
  label1: Categorical,
): Promise<Map<string, Column>> {
  const total = rowIds.length;
  const present = new Set(cells.columnNames("obs"));
  const columns = new Map<string, Column>();
  for (const name of CELL_COLUMNS) {
    if (name === "region") columns.set(name, constantCategorical(SCVI_REGION, total));
    else if (present.has(name)) columns.set(name, await cells.column("obs", name));
  }
  return columns
    .set("_scvi_batch", onlyBatch(rows, total))
    .set("_scvi_labels", onlyBatch(rows, total))
    .set(LABEL, label1)
    .set(clusterColumn, spreadClusters(space.clusters, space.count, rows, total));
}

/** One batch and one label, number 0, as scvi-tools sets them up; rows it was not given have none. */
function onlyBatch(rows: Int32Array, total: number): NullableInteger {
  const mask = new Uint8Array(total).fill(1);
  for (const row of rows) mask[row] = 0;
  return { kind: "nullable-integer", values: new Int8Array(total), mask };
}

/** Rows without label that have too few transcripts are called so. */
function withTooFew(
  label1: Categorical | undefined,
  rows: Int32Array,
  total: number,
): Categorical {
  if (label1 === undefined) {
    return { codes: new Int32Array(total).fill(-1), levels: [], ordered: false };
  }
  const tooFew = label1.levels.length;
  const codes = label1.codes.map((code) => code < 0 ? tooFew : code);
  for (const row of rows) codes[row] = label1.codes[row];
  return categoricalOfCodes(codes, [...label1.levels, NOT_CLUSTERED]);
}

async function varFrame(cells: AnnDataHandle, features: readonly string[]): Promise<DataFrame> {
  const columns = new Map<string, Column>();
  for (const name of ["gene_ids", "feature_types", "genome"]) {
    if (!cells.columnNames("var").includes(name)) continue;
    columns.set(name, await cells.column("var", name));
  }
  return { index: features, columns };
}

/** As scanpy's `pp.neighbors(use_rep="X_scVI")` leaves it. */
function neighboursUns(neighbours: number): UnsDict {
  return dict({
    connectivities_key: "connectivities",
    distances_key: "distances",
    params: dict({
      n_neighbors: neighbours,
      method: "umap",
      random_state: 0,
      metric: "euclidean",
      use_rep: "X_scVI",
    }),
  });
}

/**
 * An id that is always the same for the same cells, counts and parameters: version 8 of RFC 9562, where
 * scvi-tools draws one by chance.
 */
function uuidOf(purpose: string, { table, identity }: ScviTableParts): string {
  const { counts: { data, indices, indptr }, rowIds, features } = table;
  const hash = createHash("sha256").update(JSON.stringify([purpose, identity, features]));
  for (const id of rowIds) hash.update(`${id}\n`);
  for (const { buffer, byteOffset, byteLength } of [data, indices, indptr]) {
    hash.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  const bytes = hash.digest().subarray(0, 16);
  bytes[6] = bytes[6] & 0x0f | 0x80;
  bytes[8] = bytes[8] & 0x3f | 0x80;
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function dict(entries: Readonly<Record<string, UnsValue>>): UnsDict {
  return new Map(Object.entries(entries));
}
