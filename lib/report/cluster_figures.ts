import type { Categorical } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import { didYouMean } from "@/core/nearest.ts";
import { etaSquared } from "@/numerics/metrics/mod.ts";
import {
  clusterCompositionFigure,
  clusterEvidenceFigure,
  clusterSizesFigure,
  depthFigure,
  dotPlotFigure,
  labelMap,
  markerScoreFigure,
  truthConfusion,
  umapFigure,
} from "@/plots/chapter_2/mod.ts";
import { categoryColours, type Figure, formatCount } from "@/plots/mod.ts";
import type { LabelledCluster } from "@/stages/label_report.ts";
import type { ClusterData } from "./open_clusters.ts";

export { type ClusterData, type ClusteredRows, openClusters } from "./open_clusters.ts";

/** Genes of each cluster in the dot plot. */
const DOT_PLOT_GENES = 5;
/** Labels that fit no cluster better are left out. */
const SHOWN_FIT = 0.3;

/** The UMAP by each clustering, clusters named in it. */
export function umapOfClusters({ umap, clusterings, unit, notes }: ClusterData): Figure {
  const panels = [...clusterings].map(([name, column]) => ({
    kind: "categorical" as const,
    title: shortName(name),
    column,
    labelsOnData: true,
  }));
  return umapFigure({ ...umap, panels, unit, notes, title: `Clusters of ${unit}`, columns: 2 });
}

/** The UMAP by label, category and whether cells are cancer cells. */
export function umapOfLabels({ umap, labels, unit, notes }: ClusterData): Figure {
  const panel = (title: string, column: Categorical) => ({
    kind: "categorical" as const,
    ...{ title, column },
  });
  return umapFigure({
    ...{ ...umap, unit, notes, title: `Labels of ${unit}` },
    panels: [
      panel("label1", labels.label1),
      { ...panel("category", labels.finalLabel), colours: categoryColours("final_label") },
      { ...panel("label3", labels.label3), colours: categoryColours("label3") },
    ],
  });
}

/** Whether clusters follow labels or only how many transcripts there are. */
export function umapOfDepth(data: ClusterData): Figure {
  const { umap, labels, clusterings, transcripts, transcriptCat, unit, notes } = data;
  const logs = transcripts.map(Math.log1p);
  const percent = (share: number | null) => share === null ? "-" : `${(100 * share).toFixed(1)} %`;
  const [ofLabels, ofClusters] = [labels.label1, clusterings.get("refine_res")!]
    .map(({ codes }) => percent(etaSquared(logs, codes)));
  return depthFigure({
    ...{ ...umap, unit, notes, transcriptCounts: transcripts, label1: labels.label1 },
    ...(transcriptCat === undefined ? {} : {
      transcriptCat,
      caption:
        `transcript_cat: bins with equally many of all ${unit}, 0 the fewest transcripts; those ` +
        "in the lowest bins may not have been clustered",
    }),
    title: `Is the clustering of ${unit} driven by depth?`,
    subtitle:
      `${formatCount(transcripts.length)} ${unit}; of the variance of ln(1 + transcripts), ` +
      `labels explain ${ofLabels} and clusters ${ofClusters} (eta squared)`,
  });
}

/** Every row at its place, by its category. */
export function mapOfLabels({ slide, labels, unit, notes }: ClusterData): Figure {
  return labelMap({
    ...{ ...slide, unit, notes, labels: labels.finalLabel },
    title: `Labels of ${unit} on the slide`,
    colours: categoryColours("final_label"),
  });
}

/** First genes of every cluster in all clusters; `undefined` where there is one cluster. */
export function dotPlotOfMarkers({ labelling, unit, notes }: ClusterData): Figure | undefined {
  if (labelling === undefined || labelling.expression.genes.length === 0) return undefined;
  const { clusters, expression: { genes, mean, share } } = labelling;
  return dotPlotFigure({
    clusters: clusters.map(({ name }) => name),
    rowNames: clusters.map(({ name, label1 }) => `${name} · ${label1}`),
    expression: { genes, mean: mean.flat(), share: share.flat() },
    markers: clusters.map((cluster) =>
      cluster.genes.slice(0, DOT_PLOT_GENES).map(({ gene }) => gene)
    ),
    title: `Marker genes of clusters of ${unit}`,
    subtitle: "first genes by Wilcoxon's rank-sum test against all others",
    notes,
  });
}

/** What Tangram says of the rows of each cluster; `undefined` without Tangram. */
export function compositionOfClusters(data: ClusterData): Figure | undefined {
  const { tangram, clusterings, unit, notes } = data;
  if (tangram === undefined) return undefined;
  return clusterCompositionFigure({
    clusters: clusterings.get("refine_res")!,
    labels: tangram,
    chosen: chosenLabels(data),
    title: "Labels by Tangram in each cluster",
    ...{ unit, notes },
  });
}

/** How many rows each cluster has. */
export function sizesOfClusters({ clusterings, unit, notes }: ClusterData): Figure {
  return clusterSizesFigure({
    clusters: clusterings.get("refine_res")!,
    title: `Sizes of clusters of ${unit}`,
    ...{ unit, notes },
  });
}

/** How well each cluster fits each label by its marker genes. */
export function scoresOfMarkers(data: ClusterData): Figure | undefined {
  const { labelling, unit, notes } = data;
  if (labelling === undefined) return undefined;
  const { clusters } = labelling;
  const best = (cluster: LabelledCluster, label: string) =>
    Math.max(0, ...cluster.fits.filter(({ label1 }) => label1 === label).map(({ score }) => score));
  const fitting = clusters.flatMap(({ fits, label1 }) => [
    label1,
    ...fits.filter(({ score }) => score >= SHOWN_FIT).map(({ label1 }) => label1),
  ]);
  const labels = [...new Set(fitting)].sort();
  return markerScoreFigure({
    clusters: clusters.map(({ name }) => name),
    labels,
    scores: clusters.flatMap((cluster) => labels.map((label) => best(cluster, label))),
    chosen: chosenLabels(data),
    subtitle: `labels that fit a cluster by ${SHOWN_FIT} or more`,
    title: `How well clusters of ${unit} fit labels, by marker genes`,
    notes,
  });
}

/** Which categories are taken for which; `undefined` where the truth is not known. */
export function confusionOfLabels({ truth, labels, unit, notes }: ClusterData): Figure | undefined {
  if (truth === undefined) return undefined;
  return truthConfusion({
    ...{ truth, unit, notes, predicted: labels.finalLabel },
    colours: categoryColours("final_label"),
    title: `Labels of ${unit} against the truth`,
  });
}

/**
 * What a person needs to name one cluster.
 *
 * @param cluster Its name in `refine_res`.
 * @throws {SthelarError} `InvalidArgument` with the clusters that there are.
 */
export function evidenceOfCluster(data: ClusterData, cluster: string): Figure {
  const { labelling, clusterings, umap, slide, tangram, labels, transcripts, unit, notes } = data;
  const found = labelling?.clusters.find(({ name }) => name === cluster);
  if (found === undefined) {
    const names = labelling?.clusters.map(({ name }) => name) ?? [];
    throw new SthelarError("InvalidArgument", {
      action: "Cannot show a cluster",
      found: `no cluster "${cluster}"`,
      remedy: didYouMean(cluster, names),
    });
  }
  return clusterEvidenceFigure({
    ...{ cluster, umap, slide, transcripts, unit, notes },
    clusters: clusterings.get("refine_res")!,
    markers: found.genes.map(({ gene, score, share, shareOthers }) => ({
      ...{ gene, score },
      shareIn: share,
      shareOut: shareOthers,
    })),
    labels: tangram ?? labels.label1,
    title: `Cluster ${cluster}: ${found.label1}`,
    subtitle: reasonOf(found),
  });
}

/** Every labelled cluster, for a table. */
export function clusterTable({ labelling }: ClusterData): Record<string, string | number>[] {
  return (labelling?.clusters ?? []).map((cluster) => ({
    cluster: cluster.name,
    rows: cluster.cells,
    "median transcripts": cluster.medianTranscripts,
    label1: cluster.label1,
    label2: cluster.label2,
    label3: cluster.label3,
    genes: cluster.genes.slice(0, DOT_PLOT_GENES).map(({ gene }) => gene).join(", "),
    Tangram: cluster.tangram.slice(0, 2)
      .map(({ label1, share }) => `${label1} ${Math.round(100 * share)} %`).join(", "),
    chosen: reasonOf(cluster),
  }));
}

/** Why a cluster has its label, in words. */
function reasonOf({ rule, fits }: LabelledCluster): string {
  if (rule === undefined) return "decided by a person";
  const fit = fits[0] && `best fit ${fits[0].kind} (${fits[0].score.toFixed(2)})`;
  const by = {
    both: "by markers and Tangram",
    markers: "by markers",
    tangram: "by Tangram",
    sum: "by the sum of markers and Tangram",
    nobody: "nothing is convincing",
  }[rule.by];
  return [by, fit, ...(rule.isDoubtful ? ["doubtful: look"] : [])].join("; ");
}

function chosenLabels({ labelling }: ClusterData): Map<string, string> {
  return new Map(labelling?.clusters.map(({ name, label1 }) => [name, label1]));
}

/** `pca_n10_pcs16_leiden_res0.4` -> `Leiden 0.4`. */
function shortName(name: string): string {
  return name.replace(/^.*_leiden_res/, "Leiden ").replace("refine_res", "refined");
}
