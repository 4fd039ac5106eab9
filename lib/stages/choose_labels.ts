import { type Categorical, categoricalOfCodes } from "@/core/categorical.ts";
import type { SparseMatrix } from "@/core/sparse.ts";
import {
  applyDecisions,
  type AutomaticLabel,
  automaticLabels,
  clusterEvidence,
  type Clustering,
  clusteringStamp,
  draftDecisions,
  type EvidenceSources,
  formatClusterDecisions,
  neededSubclusters,
  proposeByOverlap,
  type RefinedCluster,
  type TableDecisions,
} from "@/labels/mod.ts";
import type { ClusterContext } from "./cluster_rows.ts";
import type { LabelReport } from "./label_report.ts";
import { subcluster } from "./subcluster.ts";

/** Rows that are to be labelled, and what is known of them. */
export interface RowsToLabel extends EvidenceSources {
  /** What they are. */
  readonly unit: "nuclei" | "cells";
  /** Ids that outlive a new build: the bundle's. */
  readonly ids: readonly string[];
  /** Clusterings of the rows. */
  readonly clusterings: readonly Clustering[];
  /** Reads the weights of their graph; only a split needs them. */
  connectivities(): Promise<SparseMatrix>;
}

/** What a person decided about a table. */
export interface GivenDecisions {
  /** The decisions. */
  readonly decisions: TableDecisions;
  /** Their file. */
  readonly path: string;
}

/** Labels of refined clusters. */
export interface ChosenLabels
  extends Pick<LabelReport, "clustering" | "stamp" | "by" | "draft" | "setAside"> {
  /** Refined cluster of each row. */
  readonly refined: Categorical;
  /** The refined clusters, largest first. */
  readonly clusters: readonly RefinedCluster[];
  /** Labels by rule, by the name of the cluster. */
  readonly rule: ReadonlyMap<string, AutomaticLabel>;
}

/**
 * Labels clusters as a person decided, or by rule where nobody has, or where the decisions are about
 * another clustering: then they are said to be set aside, with what they would be about this one.
 *
 * @param key The clustering that the rule labels.
 * @throws {SthelarError} `InvalidArgument` for decisions that cannot be carried out.
 */
export async function chooseLabels(
  rows: RowsToLabel,
  key: string,
  given: GivenDecisions | undefined,
  ctx: ClusterContext,
): Promise<ChosenLabels> {
  if (given === undefined) return await byRule(rows, key, ctx);
  const { decisions, path } = given;
  const chosen = rows.clusterings.find((other) => other.key === decisions.clustering.key);
  const parts = chosen === undefined ? [] : await splitClusters(rows, chosen, decisions, ctx);
  const applied = applyDecisions([...rows.clusterings, ...parts], decisions, {
    ids: rows.ids,
    path,
  });
  if (applied.kind === "applied") {
    const { refined, clusters } = applied;
    const { key: clustering, stamp } = decisions.clustering;
    const draft = formatClusterDecisions({ [rows.unit]: decisions });
    return { clustering, stamp, by: "person", draft, refined, clusters, rule: new Map() };
  }
  ctx.warn(
    `the decisions in "${path}" are NOT applied: ${applied.reason}; labels are the rule's. The report ` +
      "proposes decisions about this clustering, by the cells that both have",
  );
  const ruled = await byRule(rows, key, ctx);
  const now = clusteringOf(rows, key);
  const proposal = formatClusterDecisions({
    [rows.unit]: proposeByOverlap(decisions, now, rows.ids).decisions,
  });
  return { ...ruled, setAside: { path, reason: applied.reason, proposal } };
}

async function splitClusters(
  rows: RowsToLabel,
  chosen: Clustering,
  decisions: TableDecisions,
  { random, signal }: ClusterContext,
): Promise<Clustering[]> {
  const parts: Clustering[] = [];
  const isCurrent = clusteringStamp(chosen, rows.ids) === decisions.clustering.stamp;
  for (const { cluster, resolution, key } of isCurrent ? neededSubclusters(decisions) : []) {
    parts.push(
      await subcluster(await rows.connectivities(), chosen, Number(cluster), key, {
        ...{ resolution, signal },
        random: random.split(key),
      }),
    );
  }
  return parts;
}

async function byRule(
  rows: RowsToLabel,
  key: string,
  { signal, progress }: ClusterContext,
): Promise<ChosenLabels> {
  const clustering = clusteringOf(rows, key);
  const evidence = await clusterEvidence(clustering, rows, { signal, progress });
  const labels = automaticLabels(evidence).filter(({ cells }) => cells > 0);
  const clusters = labels.map(({ name, cells, label1, label2, label3 }) => ({
    name,
    from: [name],
    cells,
    label1,
    label2,
    label3,
  })).sort((a, b) => b.cells - a.cells || Number(a.name) - Number(b.name));
  const names = Array.from({ length: clustering.count }, (_, cluster) => String(cluster));
  return {
    clustering: key,
    stamp: clusteringStamp(clustering, rows.ids),
    by: "rule",
    draft: formatClusterDecisions({
      [rows.unit]: draftDecisions({ chosen: clustering, ids: rows.ids, labels }),
    }),
    refined: categoricalOfCodes(clustering.codes, names),
    clusters,
    rule: new Map(labels.map((label) => [label.name, label])),
  };
}

function clusteringOf({ clusterings }: RowsToLabel, key: string): Clustering {
  return clusterings.find((clustering) => clustering.key === key)!;
}
