import type { DenseArray } from "@/core/arrays.ts";
import type { ParamValues } from "@/core/params.ts";
import type { StageContext } from "@/core/stage.ts";
import { leiden, leidenGraph } from "@/numerics/leiden/mod.ts";
import { type FuzzyGraph, fuzzyGraph, nearestNeighbours } from "@/numerics/neighbours/mod.ts";
import { umap } from "@/numerics/umap/mod.ts";
import type { LatentClusters } from "./scvi_agreement.ts";
import type { scviParams } from "./scvi_params.ts";

/** Cells in the latent space: their graph, their UMAP and their clusters. */
export interface LatentSpace extends LatentClusters {
  /** The graph of neighbours. */
  readonly graph: FuzzyGraph;
  /** UMAP, `(n_cells, 2)`. */
  readonly layout: DenseArray<Float32Array>;
}

type Context = Pick<
  StageContext<Record<never, never>>,
  "random" | "limits" | "progress" | "signal" | "warn"
>;

/**
 * The published recipe: scanpy's neighbours of the latent places, UMAP; and clusters by Leiden, to compare
 * them with those by RNA.
 *
 * @param latent `(n_cells, n_latent)`.
 */
export async function scviLatentSpace(
  latent: DenseArray<Float32Array>,
  params: ParamValues<typeof scviParams> & { readonly resolution: number },
  ctx: Context,
): Promise<LatentSpace> {
  const { random, signal, progress, limits: { threads } } = ctx;
  const common = { signal, progress };
  const cells = latent.shape[0];
  const neighbours = Math.min(params.neighbours, cells - 1);
  if (neighbours < params.neighbours) ctx.warn(`${cells} cells: ${neighbours} neighbours each`);
  const nearest = await nearestNeighbours(latent, {
    ...{ neighbours, threads, random: random.split("neighbours") },
    ...common,
  });
  const graph = fuzzyGraph(nearest);
  const layout = await umap(graph.connectivities, {
    ...{ minDist: params.minDist, start: "spectral", random: random.split("umap") },
    ...common,
  });
  const clusters = await leiden(leidenGraph(graph.connectivities), {
    ...{ resolution: params.resolution, random: random.split("leiden") },
    ...common,
  });
  const count = clusters.reduce((most, cluster) => Math.max(most, cluster + 1), 0);
  if (count < 2) ctx.warn("the latent space has one cluster: there is nothing to compare");
  return { nearest, graph, layout, clusters, count };
}
