import type { ParamValues } from "@/core/params.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import type { Budget, Returned, SlideSize, StageContext } from "@/core/stage.ts";
import type { Element, UnsDict, UnsValue } from "@/formats/anndata/mod.ts";
import {
  reportOutput,
  tablePartOutput,
  tablePartsOutput,
  tableUnsOutput,
  tableUnsPartsOutput,
} from "@/formats/spatialdata/stage_elements.ts";
import { takeRows } from "@/numerics/normalise/mod.ts";
import { rankGenesUns } from "@/formats/anndata/rank_genes_groups.ts";
import { type ClusteredRows, type Clustering, clusterRows } from "./cluster_rows.ts";
import type { clusteringParams } from "./clustering_params.ts";
import type { ClusteringReport } from "./clustering_report.ts";
import type { CountTable } from "./count_table.ts";
import { rowsWhere } from "./rows_where.ts";
import { spreadClusters, spreadDense, spreadGraph, spreadSparse } from "./spread_rows.ts";

/** What clustering adds to a table, under the published names. */
export function clusteringOutputs<const T extends string>(table: T, report: string) {
  return {
    count: tablePartOutput(table, "layers/count"),
    logNorm: tablePartOutput(table, "layers/log_norm"),
    mean: tablePartOutput(table, "var/mean"),
    std: tablePartOutput(table, "var/std"),
    components: tablePartOutput(table, "obsm/X_pca"),
    loadings: tablePartOutput(table, "varm/PCs"),
    pca: tableUnsOutput(table, "pca"),
    graphs: tablePartsOutput(table, "obsp/pca_*"),
    graphParams: tableUnsPartsOutput(table, "uns/pca_*"),
    layout: tablePartOutput(table, "obsm/X_umap"),
    layoutParams: tableUnsOutput(table, "umap"),
    clusters: tablePartsOutput(table, "obs/pca_*"),
    markers: tableUnsPartsOutput(table, "uns/rank_genes_pca_*"),
    report: reportOutput<ClusteringReport>(report),
  };
}

type Outputs = ReturnType<typeof clusteringOutputs>;

/** What clustering takes; measured on a million rows, see tests/bench/RESULTS.md. */
export function clusteringBudget({ cells, transcripts }: SlideSize): Budget {
  return { memoryBytes: 400e6 + 1500 * cells + 25 * transcripts, seconds: 3 + cells / 1800 };
}

/**
 * Clusters the rows of a table that have enough transcripts; the others stay in it, without values.
 *
 * @throws {SthelarError} `InvalidArgument` if hardly a row has enough.
 */
export async function clusterTable(
  { counts, totals, rowIds, features }: CountTable,
  params: ParamValues<typeof clusteringParams>,
  ctx: StageContext<Outputs>,
): Promise<Returned<Outputs>> {
  const rows = rowsWhere(rowIds.length, (row) => totals[row] > params.minTranscripts);
  const leftOut = rowIds.length - rows.length;
  if (leftOut > 0) {
    ctx.inform(
      `${leftOut} of ${rowIds.length} have no more than ${params.minTranscripts} transcripts`,
    );
  }
  const repeated = repeatedNames(features);
  if (repeated.length > 0) ctx.warn(`columns of one name count as several: ${repeated.join(", ")}`);
  const found = await clusterRows(
    leftOut === 0 ? counts : takeRows(counts, rows),
    params,
    ctx,
  );
  const total = rowIds.length;
  const part = <V extends Element>(value: V) => ({ rowIds, value });
  const ofColumns = (value: Element) => ({ rowIds: features, value });
  const graph = (weights: SparseMatrix) => spreadGraph(weights, rows, total);
  const { connectivities, distances } = found.weights;
  return {
    count: part(counts),
    logNorm: part(spreadSparse(found.logNorm, rows, total)),
    mean: ofColumns(found.pca.mean),
    std: ofColumns(found.pca.std),
    components: part(spreadDense(found.pca.scores, rows, total)),
    loadings: ofColumns(found.pca.loadings),
    pca: pcaUns(found),
    graphs: {
      rowIds,
      value: new Map<string, Element>([
        [`${found.graph}_connectivities`, graph(connectivities)],
        [`${found.graph}_distances`, graph(distances)],
      ]),
    },
    graphParams: graphUns(found),
    layout: part(spreadDense(found.layout, rows, total)),
    layoutParams: dict({ params: dict({ min_dist: params.minDist }) }),
    clusters: {
      rowIds,
      value: new Map(found.clusterings.map(({ name, clusters, count }) => [
        name,
        spreadClusters(clusters, count, rows, total),
      ])),
    },
    markers: markersUns(found.clusterings, features),
    report: reportOf(found, params, { rows: total, kept: rows.length, columns: features.length }),
  };
}

function repeatedNames(names: readonly string[]): string[] {
  const seen = new Set<string>();
  return [...new Set(names.filter((name) => seen.has(name) || !seen.add(name)))];
}

function dict(entries: Readonly<Record<string, UnsValue>>): UnsDict {
  return new Map(Object.entries(entries));
}

/** As scanpy's `pp.pca` leaves it. */
function pcaUns({ pca: { variance, varianceRatio } }: ClusteredRows): UnsDict {
  return dict({
    params: dict({ zero_center: true, use_highly_variable: false }),
    variance,
    variance_ratio: varianceRatio,
  });
}

/** As scanpy's `pp.neighbors(key_added=…)` and `tl.leiden(key_added=…)` leave it. */
function graphUns(
  { graph, neighbours, principalComponents, clusterings }: ClusteredRows,
): Map<string, UnsDict> {
  return new Map([
    [
      graph,
      dict({
        connectivities_key: `${graph}_connectivities`,
        distances_key: `${graph}_distances`,
        params: dict({
          n_neighbors: neighbours,
          n_pcs: principalComponents,
          method: "umap",
          metric: "euclidean",
        }),
      }),
    ],
    ...clusterings.map(({ name, resolution }) =>
      [name, dict({ params: dict({ resolution, n_iterations: 2 }) })] as const
    ),
  ]);
}

function markersUns(
  clusterings: readonly Clustering[],
  features: readonly string[],
): Map<string, UnsDict> {
  return new Map(clusterings.flatMap(({ name, ranked, count }) => {
    if (ranked === undefined || ranked.groups.length === 0) return [];
    const groups = Array.from({ length: count }, (_, cluster) => String(cluster));
    return [[
      `rank_genes_${name}`,
      rankGenesUns(ranked, features, { groupby: name, groups, layer: "log_norm" }),
    ]];
  }));
}

function reportOf(
  { pca, principalComponents, neighbours, graph, clusterings }: ClusteredRows,
  { minTranscripts }: ParamValues<typeof clusteringParams>,
  size: { readonly rows: number; readonly kept: number; readonly columns: number },
): ClusteringReport {
  return {
    ...size,
    minTranscripts,
    varianceRatio: [...pca.varianceRatio],
    ...{ principalComponents, neighbours, graph },
    clusterings: clusterings.map(({ name, resolution, clusters, count }) => {
      const sizes = new Array<number>(count).fill(0);
      for (const cluster of clusters) sizes[cluster]++;
      return { name, resolution, sizes };
    }),
  };
}
