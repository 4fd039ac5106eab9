import type { DenseArray } from "@/core/arrays.ts";
import { SthelarError } from "@/core/errors.ts";
import { numbersOf, type ParamValues } from "@/core/params.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import type { StageContext } from "@/core/stage.ts";
import { leiden, leidenGraph } from "@/numerics/leiden/mod.ts";
import { fuzzyGraph, nearestNeighbours } from "@/numerics/neighbours/mod.ts";
import { log1p, normaliseTotal } from "@/numerics/normalise/mod.ts";
import { type Pca, pca } from "@/numerics/pca/mod.ts";
import { type RankedGenes, rankGenes } from "@/numerics/rank_genes/mod.ts";
import { umap } from "@/numerics/umap/mod.ts";
import type { clusteringParams } from "./clustering_params.ts";

/** Fewer rows than this have no neighbourhood to speak of. */
const FEWEST_ROWS = 4;

/** One clustering of the rows. */
export interface Clustering {
  /** `pca_n10_pcs16_leiden_res0.4` */
  readonly name: string;
  /** Resolution of Leiden. */
  readonly resolution: number;
  /** Cluster of each row, 0 the largest. */
  readonly clusters: Int32Array;
  /** How many clusters there are. */
  readonly count: number;
  /** Genes of each cluster against the rest; none for a single cluster. */
  readonly ranked: RankedGenes | undefined;
}

/** Rows of a table, analysed and clustered. */
export interface ClusteredRows {
  /** Normalised to 10,000 a row, then log(1 + x), CSR. */
  readonly logNorm: SparseMatrix;
  /** Principal components of the scaled values. */
  readonly pca: Pca;
  /** Principal components that neighbours were found by. */
  readonly principalComponents: number;
  /** Neighbours of each row, itself among them. */
  readonly neighbours: number;
  /** `pca_n10_pcs16` */
  readonly graph: string;
  /** Weights of the graph, and distances. */
  readonly weights: { readonly connectivities: SparseMatrix; readonly distances: SparseMatrix };
  /** UMAP, `(n_rows, 2)`. */
  readonly layout: DenseArray<Float32Array>;
  /** A clustering for each resolution. */
  readonly clusterings: readonly Clustering[];
}

/** What the steps need of a stage's context. */
export type ClusterContext = Pick<
  StageContext<Record<never, never>>,
  "random" | "limits" | "progress" | "signal" | "warn"
>;

/**
 * The published recipe: counts are normalised to 10,000 a row, log1p, scaled and clipped at 10, PCA of
 * all columns; neighbours by the first components; UMAP; Leiden at each resolution; Wilcoxon's test
 * of every cluster against the rest. Scanpy 1.10's defaults where the original names no value.
 *
 * @param counts `(n_rows, n_columns)`, CSR, rows with transcripts only.
 * @throws {SthelarError} `InvalidArgument` for too few rows.
 */
export async function clusterRows(
  counts: SparseMatrix,
  params: ParamValues<typeof clusteringParams>,
  ctx: ClusterContext,
): Promise<ClusteredRows> {
  const [rows, columns] = counts.shape;
  if (rows < FEWEST_ROWS) throw tooFewRows(rows, params.minTranscripts);
  const { random, signal, progress, limits: { threads } } = ctx;
  const common = { signal, progress, threads };
  const logNorm = log1p(normaliseTotal(counts));
  const components = Math.min(params.components, rows - 1, columns - 1);
  const analysed = await pca(logNorm, { components, random: random.split("pca"), ...common });
  const { principalComponents, neighbours } = fitted(params, analysed, rows, ctx);
  const graph = `pca_n${neighbours}_pcs${principalComponents}`;
  const nearest = await nearestNeighbours(analysed.scores, {
    neighbours,
    components: principalComponents,
    random: random.split("neighbours"),
    ...common,
  });
  const weights = fuzzyGraph(nearest);
  const layout = await umap(weights.connectivities, {
    minDist: params.minDist,
    start: "spectral",
    random: random.split("umap"),
    ...common,
  });
  const prepared = leidenGraph(weights.connectivities);
  const found = await Promise.all(
    numbersOf(params.resolutions).map(async (resolution) => {
      const name = `${graph}_leiden_res${resolution}`;
      const clusters = await leiden(prepared, {
        resolution,
        random: random.split(name),
        ...common,
      });
      return { name, resolution, clusters };
    }),
  );
  const clusterings: Clustering[] = [];
  for (const { clusters, ...of } of found) {
    clusterings.push({ ...of, ...await describe(clusters, logNorm, of.name, ctx) });
  }
  return {
    ...{ logNorm, pca: analysed, principalComponents, neighbours, graph, weights, layout },
    clusterings,
  };
}

/** What there is of components and neighbours where rows or columns are few. */
function fitted(
  params: ParamValues<typeof clusteringParams>,
  { scores }: Pca,
  rows: number,
  { warn }: ClusterContext,
): { principalComponents: number; neighbours: number } {
  const principalComponents = Math.min(params.principalComponents, scores.shape[1]);
  const neighbours = Math.min(params.neighbours, rows - 1);
  if (principalComponents < params.principalComponents) {
    warn(
      `there are ${principalComponents} principal components, not ${params.principalComponents}`,
    );
  }
  if (neighbours < params.neighbours) warn(`${rows} rows: ${neighbours} neighbours each`);
  return { principalComponents, neighbours };
}

async function describe(
  clusters: Int32Array,
  logNorm: SparseMatrix,
  name: string,
  { signal, progress, warn }: ClusterContext,
): Promise<Pick<Clustering, "clusters" | "count" | "ranked">> {
  const count = clusters.reduce((most, cluster) => Math.max(most, cluster + 1), 0);
  if (count < 2) {
    warn(`${name} has one cluster: there are no genes to tell it from others`);
    return { clusters, count, ranked: undefined };
  }
  const ranked = await rankGenes(logNorm, clusters, count, { signal, progress });
  return { clusters, count, ranked };
}

function tooFewRows(rows: number, minTranscripts: number): SthelarError {
  return new SthelarError("InvalidArgument", {
    action: "Cannot cluster",
    found: `${rows} rows with more than ${minTranscripts} transcripts`,
    expected: `at least ${FEWEST_ROWS}`,
    remedy: "lower minTranscripts, or look whether transcripts were counted (stage 1-02)",
  });
}
