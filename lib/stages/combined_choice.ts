import { type Categorical, categoricalOfCodes } from "@/core/categorical.ts";
import { SthelarError } from "@/core/errors.ts";
import {
  type Clustering,
  type CombinedDecisions,
  type CombinedEvidence,
  combinedEvidence,
  type CombinedLabels,
  combinedOverrides,
  draftCombinedDecisions,
  formatCombinedDecisions,
  LESS10,
  proposeOverrides,
} from "@/labels/mod.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import { log1p, normaliseTotal } from "@/numerics/normalise/mod.ts";
import { type RankedGenes, rankGenes } from "@/numerics/rank_genes/mod.ts";
import type { ClusterContext } from "./cluster_rows.ts";
import type { CombinedDecisionsFile } from "./decisions_input.ts";
import type { CombinedCluster, CombinedReport } from "./combined_report.ts";
import type { CombinedClustering } from "./combined_space.ts";

/** The resolution that four of the five known slides were labelled by. */
const USUAL_RESOLUTION = 0.6;
/** Genes of a cluster that are listed, as in the original. */
const GENES = 7;

/** Combined cells that are to be labelled. */
export interface CellsToLabel {
  /** Ids that outlive a new build: the bundle's. */
  readonly ids: readonly string[];
  readonly clusterings: readonly CombinedClustering[];
  /** What they and their nuclei are called. */
  readonly labels: CombinedLabels;
  /** Counts in whole cells, `(n_cells, n_genes)`. */
  readonly counts: SparseMatrix;
  readonly genes: readonly string[];
}

/** Labels of combined clusters. */
export interface CombinedChoice
  extends Pick<CombinedReport, "clustering" | "stamp" | "by" | "clusters" | "draft" | "setAside"> {
  /** Category of each cell. */
  readonly finalLabel: Categorical;
  /** Genes of each cluster against all others, by Wilcoxon; none of a single cluster. */
  readonly ranked: RankedGenes | undefined;
}

/**
 * Calls every combined cluster what most of its cells are called, or what a person decided.
 *
 * @param resolution The clustering that is labelled where nobody has decided.
 * @param flagAbove Share of disagreement above which a cluster is flagged.
 * @throws {SthelarError} `InvalidArgument` for a resolution that was not clustered, or decisions that
 *   cannot be carried out.
 */
export async function chooseCombined(
  cells: CellsToLabel,
  { resolution, flagAbove }: { resolution: number | undefined; flagAbove: number },
  given: CombinedDecisionsFile | undefined,
  ctx: ClusterContext,
): Promise<CombinedChoice> {
  const { ids, labels, genes } = cells;
  const clusterings = cells.clusterings.map(({ name, clusters, count }): Clustering => ({
    ...{ key: name, codes: clusters, count },
  }));
  const byRule = clusterings[cells.clusterings.indexOf(chosenBy(cells.clusterings, resolution))];
  const decided = given &&
    combinedOverrides(clusterings, given.decisions, { ids, path: given.path });
  const isApplied = decided?.kind === "applied";
  const clustering = isApplied ? decided.clustering : byRule;
  const overrides = isApplied ? decided.overrides : new Map<number, string>();
  const ranked = await rankedGenes(cells, clustering, ctx);
  const evidence = combinedEvidence(clustering.codes, clustering.count, labels, flagAbove);
  const clusters = evidence.map((of, cluster) =>
    labelled(of, overrides.get(cluster), headGenes(ranked, cluster, genes))
  );
  tellUnflagged(clusters, given?.path, ctx);
  const draft = draftCombinedDecisions(
    clustering,
    ids,
    clusters.map((cluster) => ({
      topGenes: cluster.genes.map(({ gene }) => gene),
      evidence: evidenceOf(cluster),
    })),
    new Map([...overrides].map(([cluster, label]) => [String(cluster), label])),
  );
  const setAside = given && decided?.kind === "otherClustering"
    ? asideOf(given, decided.reason, proposeOverrides(given.decisions, clustering, ids), ctx)
    : undefined;
  return {
    ...{ clustering: clustering.key, stamp: draft.clustering.stamp, clusters, ranked },
    by: isApplied ? "person" : "rule",
    draft: formatCombinedDecisions(draft),
    ...(setAside === undefined ? {} : { setAside }),
    finalLabel: categoricalOfCodes(
      clustering.codes,
      clusters.map((cluster) => cluster.finalLabel),
    ),
  };
}

function chosenBy(
  clusterings: readonly CombinedClustering[],
  resolution: number | undefined,
): CombinedClustering {
  const distance = (other: CombinedClustering) => Math.abs(other.resolution - USUAL_RESOLUTION);
  const found = resolution === undefined
    ? clusterings.toSorted((a, b) => distance(a) - distance(b) || b.resolution - a.resolution)[0]
    : clusterings.find((clustering) => clustering.resolution === resolution);
  if (found !== undefined) return found;
  throw new SthelarError("InvalidArgument", {
    action: `Cannot label the combined clusters of resolution ${resolution}`,
    found: `clusterings of resolution ${clusterings.map((c) => c.resolution).join(", ")}`,
    remedy: "name one of these, or add it to `resolutions`",
  });
}

async function rankedGenes(
  { counts }: CellsToLabel,
  { key, codes, count }: Clustering,
  { signal, progress, warn }: ClusterContext,
): Promise<RankedGenes | undefined> {
  if (count > 1) {
    return await rankGenes(log1p(normaliseTotal(counts)), codes, count, { signal, progress });
  }
  warn(`${key} has one cluster: all cells get one label`);
  return undefined;
}

function headGenes(
  ranked: RankedGenes | undefined,
  cluster: number,
  names: readonly string[],
): CombinedCluster["genes"] {
  const group = ranked?.groups.find((group) => group.group === cluster);
  return Array.from(group?.genes.subarray(0, GENES) ?? [], (gene, rank) => ({
    gene: names[gene],
    score: group!.scores[rank],
    log2FoldChange: group!.log2FoldChanges[rank],
  }));
}

function labelled(
  evidence: CombinedEvidence,
  override: string | undefined,
  genes: CombinedCluster["genes"],
): CombinedCluster {
  const finalLabel = override ?? evidence.cellLabels[0]?.label ?? LESS10;
  return { ...evidence, finalLabel, overridden: override !== undefined, genes };
}

function tellUnflagged(
  clusters: readonly CombinedCluster[],
  path: string | undefined,
  { warn }: ClusterContext,
): void {
  const names = clusters.filter(({ overridden, flags }) => overridden && flags.length === 0)
    .map(({ name }) => name);
  if (names.length > 0) {
    warn(`"${path}" overrides clusters that nothing speaks against: ${names.join(", ")}`);
  }
}

function asideOf(
  { path }: CombinedDecisionsFile,
  reason: string,
  proposal: CombinedDecisions,
  { warn }: ClusterContext,
): NonNullable<CombinedReport["setAside"]> {
  warn(
    `the decisions in "${path}" are NOT applied: ${reason}; labels are the rule's. The report ` +
      "proposes decisions about this clustering, by the cells that both have",
  );
  return { path, reason, proposal: formatCombinedDecisions(proposal) };
}

/** What speaks for a cluster's category, for readers of a decisions file. */
function evidenceOf(cluster: CombinedCluster): Record<string, unknown> {
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const words = (shares: CombinedCluster["cellLabels"]) =>
    shares.map(({ label, share }) => `${label} ${percent(share)}`).join(", ");
  return {
    cells: cluster.cells,
    finalLabel: cluster.finalLabel,
    ofCells: words(cluster.cellLabels),
    ofNuclei: words(cluster.nucleusLabels),
    disagreement: percent(cluster.disagreement),
    flags: cluster.flags.join(" "),
    topGenes: cluster.genes.map(({ gene }) => gene).join(" "),
  };
}
