import type { DenseArray } from "@/core/arrays.ts";
import { SthelarError } from "@/core/errors.ts";
import { numbersOf, type ParamValues } from "@/core/params.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import { type BlockPca, blockPca, cytoplasmCounts, kneeOf } from "@/numerics/mfa/mod.ts";
import { leiden, leidenGraph } from "@/numerics/leiden/mod.ts";
import { fuzzyGraph, nearestNeighbours } from "@/numerics/neighbours/mod.ts";
import { log1p, normaliseTotal, rowTotals } from "@/numerics/normalise/mod.ts";
import { pca } from "@/numerics/pca/mod.ts";
import { umap } from "@/numerics/umap/mod.ts";
import type { ClusterContext } from "./cluster_rows.ts";
import type { combinedParams } from "./combined_params.ts";
import type { CombinedBlock, CombinedReport } from "./combined_report.ts";

type Params = ParamValues<typeof combinedParams>;

/** One combined clustering. */
export interface CombinedClustering {
  /** `pca_n10_pcs21_leiden_res0.6` */
  readonly name: string;
  readonly resolution: number;
  /** Cluster of each cell, 0 the largest. */
  readonly clusters: Int32Array;
  readonly count: number;
}

/** Nuclei and cytoplasm of the same cells in one space. */
export interface CombinedSpace {
  /** Both blocks: how many components, and why. */
  readonly blocks: readonly CombinedBlock[];
  /** What of the cells lies outside of their nuclei. */
  readonly cytoplasm: CombinedReport["cytoplasm"];
  /** Nuclei without a transcript of the common genes. */
  readonly emptyNuclei: number;
  /** The second principal components. */
  readonly analysed: BlockPca;
  /** Of which the neighbours were found by so many. */
  readonly principalComponents: number;
  readonly neighbours: number;
  /** `pca_n10_pcs21` */
  readonly graph: string;
  /** UMAP, `(n_cells, 2)`. */
  readonly layout: DenseArray<Float32Array>;
  readonly clusterings: readonly CombinedClustering[];
}

/**
 * The published recipe: cytoplasm is what cells have above their nuclei; both are normalised, scaled and
 * reduced to principal components by themselves; their first ones, every block of the same largest
 * variance, are reduced once more; neighbours, UMAP and Leiden on these.
 *
 * @param cells Counts in cells, `(n_cells, n_genes)`.
 * @param nuclei Counts in their nuclei, the same shape.
 */
export async function combinedSpace(
  cells: SparseMatrix,
  nuclei: SparseMatrix,
  params: Params,
  ctx: ClusterContext,
): Promise<CombinedSpace> {
  const { counts, clipped } = cytoplasmCounts(cells, nuclei);
  const emptyNuclei = emptyRows(nuclei), emptyCytoplasm = emptyRows(counts);
  const transcripts = rowTotals(counts).reduce((sum, total) => sum + total, 0);
  requireCounts("nuclei", nuclei.shape[0] - emptyNuclei);
  requireCounts("cytoplasm", counts.shape[0] - emptyCytoplasm);
  for (const [what, empty] of [["nuclei", emptyNuclei], ["cells", emptyCytoplasm]] as const) {
    if (empty === 0) continue;
    ctx.warn(
      `${empty} ${what} have no transcript ${
        what === "nuclei" ? "of the common genes" : "outside of their nucleus"
      }: they lie together whatever they are`,
    );
  }
  const nucleus = await block("nucleus", nuclei, params.nucleusComponents, params, ctx);
  const cytoplasm = await block("cytoplasm", counts, params.cytoplasmComponents, params, ctx);
  const analysed = blockPca([nucleus, cytoplasm], { components: params.components });
  const clustered = await clusterScores(analysed.scores, params, ctx);
  return {
    blocks: [nucleus, cytoplasm].map(({ scores: _, components, ...found }, i) => ({
      ...{ ...found, components, weight: analysed.weights[i] },
    })),
    cytoplasm: { transcripts, empty: emptyCytoplasm, clipped },
    ...{ emptyNuclei, analysed, ...clustered },
  };
}

function emptyRows(counts: SparseMatrix): number {
  return rowTotals(counts).reduce((empty, total) => empty + (total === 0 ? 1 : 0), 0);
}

async function block(
  name: CombinedBlock["name"],
  counts: SparseMatrix,
  given: number | undefined,
  params: Params,
  { random, limits: { threads }, progress, signal, warn }: ClusterContext,
) {
  const { scores, variance, varianceRatio } = await pca(log1p(normaliseTotal(counts)), {
    components: Math.min(params.components, counts.shape[0] - 1, counts.shape[1] - 1),
    random: random.split(name),
    ...{ threads, progress, signal },
  });
  const found = variance.length;
  if (given !== undefined && given > found) {
    warn(`there are ${found} principal components of ${name}, not ${given}`);
  }
  const components = Math.min(given ?? kneeOf(variance), found);
  return {
    ...{ name, scores, components, by: given === undefined ? "knee" as const : "given" as const },
    varianceRatio: [...varianceRatio],
    keptVariance: Array.from(variance.subarray(0, components), (value) => value / variance[0]),
  };
}

async function clusterScores(
  scores: DenseArray<Float32Array>,
  params: Params,
  { random, limits: { threads }, progress, signal, warn }: ClusterContext,
) {
  const [rows, found] = scores.shape;
  const common = { signal, progress, threads };
  const { principalComponents: wanted = found } = params;
  const principalComponents = Math.min(wanted, found);
  const neighbours = Math.min(params.neighbours, rows - 1);
  if (principalComponents < wanted) {
    warn(`there are ${found} combined components, not ${wanted}`);
  }
  if (neighbours < params.neighbours) warn(`${rows} rows: ${neighbours} neighbours each`);
  const graph = `pca_n${neighbours}_pcs${principalComponents}`;
  const { connectivities } = fuzzyGraph(
    await nearestNeighbours(scores, {
      ...{ neighbours, components: principalComponents, random: random.split("neighbours") },
      ...common,
    }),
  );
  const layout = await umap(connectivities, {
    ...{ minDist: params.minDist, start: "spectral", random: random.split("umap") },
    ...common,
  });
  const prepared = leidenGraph(connectivities);
  const clusterings = await Promise.all(
    numbersOf(params.resolutions).map(async (resolution): Promise<CombinedClustering> => {
      const name = `${graph}_leiden_res${resolution}`;
      const clusters = await leiden(prepared, {
        ...{ resolution, random: random.split(name) },
        ...common,
      });
      const count = clusters.reduce((most, cluster) => Math.max(most, cluster + 1), 0);
      return { name, resolution, clusters, count };
    }),
  );
  return { principalComponents, neighbours, graph, layout, clusterings };
}

function requireCounts(what: string, rows: number): void {
  if (rows > 0) return;
  throw new SthelarError("InvalidArgument", {
    action: "Cannot combine nuclei and cells",
    found: `no transcript of the common genes in ${what}`,
    expected: "counts in nuclei, and more in their cells",
    remedy: what === "cytoplasm"
      ? "look whether the table of cells counts whole cells (stage 2-04)"
      : "look whether transcripts were counted (stage 1-02)",
  });
}
