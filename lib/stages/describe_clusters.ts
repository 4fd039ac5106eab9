import {
  type ClusterEvidence,
  clusterEvidence,
  type Clustering,
  type ClusterStatistics,
  clusterStatistics,
  type EvidenceSources,
  finalLabelOf,
} from "@/labels/mod.ts";
import type { RankedGenes, RankedGroup } from "@/numerics/rank_genes/mod.ts";
import type { ChosenLabels } from "./choose_labels.ts";
import type { ClusterContext } from "./cluster_rows.ts";
import type { LabelledCluster, LabelReport, MarkerGene } from "./label_report.ts";

/** Labelled clusters of a table's rows. */
export interface ClustersToDescribe extends EvidenceSources {
  /** Their labels. */
  readonly chosen: ChosenLabels;
  /** Cluster of each row, numbered as in `chosen.clusters`. */
  readonly refined: Clustering;
  /** Genes of each cluster against all other rows, if there are several clusters. */
  readonly ranked: RankedGenes | undefined;
  /** Transcripts of each row. */
  readonly totals: readonly number[];
}

/** Genes of a cluster that are listed, and those of them that the dot plot shows. */
const GENES = 15, DOT_PLOT_GENES = 5;
const FITS = 12;

/** What a person sees of each refined cluster. */
export async function describeClusters(
  source: ClustersToDescribe,
  { signal, progress }: Pick<ClusterContext, "signal" | "progress">,
): Promise<Omit<LabelReport, "agreement">> {
  const { chosen, refined, ranked, genes } = source;
  const statistics = await clusterStatistics(source.logNorm, genes, refined, { signal, progress });
  const evidence = await clusterEvidence(refined, source, { signal, statistics });
  const medians = mediansOf(refined, source.totals);
  const clusters = chosen.clusters.map((cluster, number): LabelledCluster => {
    const group = ranked?.groups.find((group) => group.group === number);
    const rule = chosen.rule.get(cluster.name);
    return {
      ...cluster,
      finalLabel: finalLabelOf(cluster.label1),
      medianTranscripts: medians[number],
      genes: group === undefined ? [] : markerGenes(group, genes),
      ...seenOf(evidence[number]),
      ...(rule === undefined ? {} : { rule: reasonsOf(rule) }),
    };
  });
  const { clustering, stamp, by, draft, setAside } = chosen;
  return {
    ...{ clustering, stamp, by, draft, clusters },
    expression: expressionOf(clusters, statistics),
    ...(setAside === undefined ? {} : { setAside }),
  };
}

function seenOf(
  { markers, tangram = [] }: ClusterEvidence,
): Pick<LabelledCluster, "fits" | "tangram"> {
  const fits = markers.slice(0, FITS).map(({ label1, kind, score, expressed }) => ({
    label1,
    kind,
    score,
    expressed,
  }));
  return { fits, tangram };
}

function reasonsOf(
  { by, isDoubtful, best, runnerUp }: NonNullable<LabelledCluster["rule"]>,
): NonNullable<LabelledCluster["rule"]> {
  return {
    ...{ by, isDoubtful },
    ...(best === undefined ? {} : { best }),
    ...(runnerUp === undefined ? {} : { runnerUp }),
  };
}

function markerGenes(group: RankedGroup, names: readonly string[]): MarkerGene[] {
  return Array.from(group.genes.subarray(0, GENES), (gene, rank) => ({
    gene: names[gene],
    score: group.scores[rank],
    log2FoldChange: group.log2FoldChanges[rank],
    share: group.shares[rank],
    shareOthers: group.sharesOthers[rank],
  }));
}

function mediansOf({ codes, count }: Clustering, totals: readonly number[]): number[] {
  const sizes = new Int32Array(count);
  codes.forEach((code) => sizes[code]++);
  const values = Array.from(sizes, (size) => new Float64Array(size));
  codes.forEach((code, row) => values[code][--sizes[code]] = totals[row]);
  return values.map((of) => of.sort()[of.length >> 1] ?? 0);
}

/** Genes that head any cluster's list, with their expression in every cluster. */
function expressionOf(
  clusters: readonly LabelledCluster[],
  { genes: names, mean, share, cells }: ClusterStatistics,
): LabelReport["expression"] {
  const heads = clusters.flatMap(({ genes }) => genes.slice(0, DOT_PLOT_GENES));
  const genes = [...new Set(heads.map(({ gene }) => gene))];
  const columns = genes.map((gene) => names.indexOf(gene));
  const rowsOf = (values: Float64Array) =>
    Array.from(
      cells,
      (_, cluster) => columns.map((column) => values[cluster * names.length + column]),
    );
  return { genes, mean: rowsOf(mean), share: rowsOf(share) };
}
