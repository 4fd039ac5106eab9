import type { ClusterLabels, TableDecisions } from "./cluster_decisions.ts";
import { clusteringStamp, sampleMembers } from "./cluster_members.ts";
import type { Clustering } from "./cluster_statistics.ts";

/** How a cluster of now was found in the decisions. */
export interface ProposedCluster {
  /** The cluster of now. */
  readonly name: string;
  /** Its cells. */
  readonly cells: number;
  /** Refined cluster of the decisions that most of its remembered cells were in. */
  readonly from?: string;
  /** Estimated share of its remembered cells that were in it. */
  readonly share: number;
  /** Cells of it that the decisions remember. */
  readonly remembered: number;
  /** Whether a person should look: few remembered cells, or no clear majority. */
  readonly isDoubtful: boolean;
}

/** Decisions carried over to another clustering. */
export interface DecisionsProposal {
  /** The proposal, in the form of a decisions file. */
  readonly decisions: TableDecisions;
  /** How each cluster was found, largest first. */
  readonly clusters: readonly ProposedCluster[];
}

const CLEAR_SHARE = 0.6;
const FEW_REMEMBERED = 5;

/**
 * Carries decisions over to another clustering by overlap: the decisions remember up to 64 cells of each
 * old cluster; where those are now says which old clusters a new one is made of, an old cluster weighing
 * by its size. A new cluster gets the labels of the refined cluster that most of it comes from, and new
 * clusters that come from one are merged as they were; one without remembered cells is `Unknown`. Splits
 * are not carried over: where parts of a split cluster are not remembered by themselves and have
 * different labels, their cells count for none.
 *
 * @param decisions Decisions about another clustering.
 * @param clustering The clustering of now.
 * @param ids Id of each cell, as in the decisions.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseClusterDecisions } from "@/labels/cluster_decisions.ts";
 * import { proposeByOverlap } from "@/labels/propose_decisions.ts";
 *
 * const nuclei = {
 *   clustering: { key: "leiden", stamp: "of another" },
 *   labels: { "0": { label1: "Mast" } },
 *   members: { "0": { cells: 2, sample: "a-1 b-1" } },
 * };
 * const old = parseClusterDecisions(JSON.stringify({ format: 1, nuclei }), "clusters.json").nuclei!;
 * const now = { key: "leiden", codes: Int32Array.of(1, 1, 0), count: 2 };
 * const { decisions } = proposeByOverlap(old, now, ["a-1", "b-1", "c-1"]);
 * assertEquals(decisions.labels.get("1")?.label1, "Mast");
 * assertEquals(decisions.labels.get("0")?.label1, "Unknown");
 * ```
 */
export function proposeByOverlap(
  decisions: TableDecisions,
  clustering: Clustering,
  ids: readonly string[],
): DecisionsProposal {
  const members = sampleMembers(ids, clustering.codes, clustering.count);
  const clusters = origins(decisions, clustering, ids)
    .map((origin, cluster) => ({ name: `${cluster}`, cells: members[cluster].cells, ...origin }))
    .sort((a, b) => b.cells - a.cells || Number(a.name) - Number(b.name));
  return {
    clusters,
    decisions: {
      clustering: { key: clustering.key, stamp: clusteringStamp(clustering, ids) },
      splits: new Map(),
      ...refinedAsBefore(clusters, decisions.labels),
      members: new Map(
        clusters.map(({ name }) => [name, { ...members[Number(name)], topGenes: [] }]),
      ),
      evidence: Object.fromEntries(clusters.map(({ name, ...found }) => [name, found])),
    },
  };
}

type Origin = Omit<ProposedCluster, "name" | "cells">;

function origins(
  decisions: TableDecisions,
  { codes, count }: Clustering,
  ids: readonly string[],
): Origin[] {
  const refinedOf = rememberedNames(decisions);
  const remembered = new Map<string, { readonly refined: string; readonly weight: number }>();
  for (const [unit, { cells, sample }] of decisions.members) {
    const refined = refinedOf(unit);
    if (refined === undefined) continue;
    for (const id of sample) remembered.set(id, { refined, weight: cells / sample.length });
  }
  const tallies = Array.from({ length: count }, () => ({
    weights: new Map<string, number>(),
    remembered: 0,
  }));
  ids.forEach((id, cell) => {
    const member = remembered.get(id);
    const tally = tallies[codes[cell]];
    if (member === undefined || tally === undefined) return;
    tally.remembered++;
    tally.weights.set(member.refined, (tally.weights.get(member.refined) ?? 0) + member.weight);
  });
  return tallies.map(({ weights, remembered }) => {
    const sorted = [...weights].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
    if (sorted.length === 0) return { share: 0, remembered, isDoubtful: true };
    const [from, weight] = sorted[0];
    const share = weight / sorted.reduce((sum, [, each]) => sum + each, 0);
    const isDoubtful = remembered < FEW_REMEMBERED || share < CLEAR_SHARE;
    return { from, share: Math.round(100 * share) / 100, remembered, isDoubtful };
  });
}

/** The refined cluster that the cells of a remembered cluster or part got, if that is known. */
function rememberedNames(
  { merges, splits, labels }: TableDecisions,
): (unit: string) => string | undefined {
  const merged = new Map(
    [...merges].flatMap(([into, parts]) => parts.map((part) => [part, into] as const)),
  );
  const nameOf = (unit: string) => {
    const name = merged.get(unit) ?? unit;
    return labels.has(name) ? name : undefined;
  };
  return (unit) => {
    if (!splits.has(unit)) return nameOf(unit);
    const parts = new Set(
      [...merged.keys(), ...labels.keys()].filter((name) => name.startsWith(`${unit}.`)),
    );
    const names = [...parts].map(nameOf).filter((name) => name !== undefined);
    const distinct = new Set(names.map((name) => JSON.stringify(labels.get(name))));
    return distinct.size === 1 ? names[0] : undefined;
  };
}

function refinedAsBefore(
  clusters: readonly ProposedCluster[],
  before: TableDecisions["labels"],
): Pick<TableDecisions, "merges" | "labels"> {
  const names = new Set(clusters.map(({ name }) => name));
  const merges = new Map<string, string[]>();
  const labels = new Map<string, ClusterLabels>();
  const unknown = { label1: "Unknown", label2: "Unknown", label3: "normal_cell" } as const;
  for (const [from, group] of Map.groupBy(clusters, (cluster) => cluster.from)) {
    const parts = group.map(({ name }) => name).sort((a, b) => Number(a) - Number(b));
    if (from === undefined) {
      for (const part of parts) labels.set(part, unknown);
    } else if (parts.length === 1) {
      labels.set(parts[0], before.get(from)!);
    } else {
      const into = names.has(from) ? parts.join("+") : from;
      merges.set(into, parts);
      labels.set(into, before.get(from)!);
    }
  }
  return { merges, labels };
}
