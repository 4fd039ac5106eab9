import type { Progress } from "@/core/progress.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import {
  type Clustering,
  type ClusterStatistics,
  clusterStatistics,
  othersOf,
} from "./cluster_statistics.ts";
import { type MarkerScore, markerScores } from "./marker_scores.ts";
import { finalLabelOf, labelOfType } from "./reference_types.ts";

/** A gene that a cluster expresses more than the other cells do. */
export interface TopGene {
  /** Its name. */
  readonly gene: string;
  /** Mean log-normalised expression in the cluster and in all other cells. */
  readonly mean: number;
  readonly meanOthers: number;
  /** Share of cells that express it in the cluster and among all others. */
  readonly share: number;
  readonly shareOthers: number;
  /** Doublings of the mean normalised expression, cluster against others. */
  readonly log2FoldChange: number;
}

/** Share of a cluster's nuclei to whose type Tangram gave this label. */
export interface TangramShare {
  /** Broad label. */
  readonly label1: string;
  /** Its category. */
  readonly finalLabel: string;
  /** Of the cluster's nuclei that Tangram named. */
  readonly share: number;
}

/** What speaks for a cluster being one or another kind of cells. */
export interface ClusterEvidence {
  /** Its name: its number. */
  readonly name: string;
  /** Its cells. */
  readonly cells: number;
  /** How well it fits each cell type, best first. */
  readonly markers: readonly MarkerScore[];
  /** What Tangram says of its nuclei, most frequent first; absent where it says nothing. */
  readonly tangram?: readonly TangramShare[];
  /** Genes that rise most in it. */
  readonly topGenes: readonly TopGene[];
}

/** What is known of a table's cells besides their clusters. */
export interface EvidenceSources {
  /** Log-normalised expression, (n_cells, n_genes), compressed by rows. */
  readonly logNorm: SparseMatrix;
  /** Names of its columns. */
  readonly genes: readonly string[];
  /** The tissue: `heart`. */
  readonly tissue?: string;
  /** Type that Tangram gave each cell, `undefined` for those it did not name. */
  readonly tangramTypes?: readonly (string | undefined)[];
}

const TOP_GENES = 7;
/** A gene that fewer of a cluster's cells express is not shown as its own. */
const FEW_EXPRESS = 0.1;

/**
 * Gathers what speaks for each cluster being one or another kind of cells.
 *
 * @param clustering Clusters of the cells.
 * @throws {SthelarError} `InvalidArgument` if the shapes differ, `Aborted` if `signal` says so.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { clusterEvidence } from "@/labels/cluster_evidence.ts";
 *
 * const logNorm = {
 *   format: "csr" as const,
 *   shape: [2, 2] as const,
 *   data: Float32Array.of(8, 8, 8),
 *   indices: Int32Array.of(0, 1, 0),
 *   indptr: Int32Array.of(0, 2, 3),
 * };
 * const clustering = { key: "leiden", codes: Int32Array.of(0, 1), count: 2 };
 * const sources = { logNorm, genes: ["CD3E", "MS4A1"], tangramTypes: ["B cell", undefined] };
 * const [first] = await clusterEvidence(clustering, sources);
 * assertEquals([first.cells, first.topGenes[0].gene], [1, "MS4A1"]);
 * assertEquals(first.tangram, [{ label1: "B", finalLabel: "B_Plasma", share: 1 }]);
 * ```
 */
export async function clusterEvidence(
  clustering: Clustering,
  sources: EvidenceSources,
  options: {
    readonly progress?: Progress;
    readonly signal?: AbortSignal;
    /** Those of these clusters, if they are there already. */
    readonly statistics?: ClusterStatistics;
  } = {},
): Promise<ClusterEvidence[]> {
  const { logNorm, genes, tissue, tangramTypes } = sources;
  const statistics = options.statistics ??
    await clusterStatistics(logNorm, genes, clustering, options);
  const scores = markerScores(statistics, tissue);
  const tangram = tangramTypes && tangramShares(clustering, tangramTypes, tissue ?? "");
  return scores.map((markers, cluster) => ({
    name: String(cluster),
    cells: statistics.cells[cluster],
    markers,
    ...(tangram?.[cluster].length ? { tangram: tangram[cluster] } : {}),
    topGenes: topGenes(statistics, cluster),
  }));
}

function tangramShares(
  { codes, count }: Clustering,
  types: readonly (string | undefined)[],
  tissue: string,
): TangramShare[][] {
  const labelOf = new Map(
    [...new Set(types)].map((type) => [type, type && labelOfType(type, tissue).label1]),
  );
  const tallies = Array.from({ length: count }, () => new Map<string, number>());
  types.forEach((type, cell) => {
    const label1 = labelOf.get(type);
    const tally = tallies[codes[cell]];
    if (label1) tally.set(label1, (tally.get(label1) ?? 0) + 1);
  });
  return tallies.map((tally) => {
    const named = [...tally.values()].reduce((sum, cells) => sum + cells, 0);
    return [...tally]
      .map(([label1, cells]) => ({
        label1,
        finalLabel: finalLabelOf(label1),
        share: cells / named,
      }))
      .sort((a, b) => b.share - a.share || (a.label1 < b.label1 ? -1 : 1));
  });
}

function topGenes(statistics: ClusterStatistics, cluster: number): TopGene[] {
  const { genes, mean, level, share } = statistics;
  const even = 1e4 / Math.max(1, genes.length);
  const rows = genes.flatMap((gene, g): TopGene[] => {
    const at = cluster * genes.length + g;
    if (share[at] < FEW_EXPRESS) return [];
    const others = othersOf(statistics, level, cluster, g);
    return [{
      gene,
      mean: mean[at],
      meanOthers: othersOf(statistics, mean, cluster, g),
      share: share[at],
      shareOthers: othersOf(statistics, share, cluster, g),
      log2FoldChange: Math.log2((level[at] + even) / (others + even)),
    }];
  });
  return rows.sort((a, b) => b.log2FoldChange - a.log2FoldChange).slice(0, TOP_GENES);
}
