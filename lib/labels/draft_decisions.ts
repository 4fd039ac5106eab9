import { unitsOf } from "./apply_decisions.ts";
import type { AutomaticLabel } from "./automatic_labels.ts";
import type { ClusterSplit, TableDecisions } from "./cluster_decisions.ts";
import { clusteringStamp, sampleMembers } from "./cluster_members.ts";
import type { Clustering } from "./cluster_statistics.ts";

/** What a draft is made from. */
export interface DraftSource {
  /** The clustering that is chosen. */
  readonly chosen: Clustering;
  /** The table's clusterings, for splits. */
  readonly clusterings?: readonly Clustering[];
  /** Clusters that are split. */
  readonly splits?: ReadonlyMap<string, ClusterSplit>;
  /** Id of each cell: one that outlives a new build. */
  readonly ids: readonly string[];
  /** Labels by rule, of the clusters of `chosen`. */
  readonly labels: readonly AutomaticLabel[];
}

/**
 * Decisions about a table as the rule would take them, for a person to edit: labels by rule (parts of a
 * split cluster start with those of the cluster), members, and the evidence for readers.
 *
 * @throws {SthelarError} `InvalidArgument` if a split names what is not there.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { automaticLabels } from "@/labels/automatic_labels.ts";
 * import { formatClusterDecisions } from "@/labels/cluster_decisions.ts";
 * import { draftDecisions } from "@/labels/draft_decisions.ts";
 *
 * const chosen = { key: "leiden", codes: Int32Array.of(0, 0), count: 1 };
 * const labels = automaticLabels([{ name: "0", cells: 2, markers: [], topGenes: [] }]);
 * const nuclei = draftDecisions({ chosen, ids: ["a-1", "b-1"], labels });
 * assertEquals(nuclei.members.get("0")?.sample, ["a-1", "b-1"]);
 * assertEquals(JSON.parse(formatClusterDecisions({ nuclei })).nuclei.labels["0"].label1, "Unknown");
 * ```
 */
export function draftDecisions(source: DraftSource): TableDecisions {
  const { chosen, ids, clusterings = [chosen], splits = new Map() } = source;
  const units = unitsOf(chosen, clusterings, { splits }, { ids, path: "a draft" });
  const labelOf = new Map(source.labels.map((label) => [label.name, label]));
  const ruleFor = (unit: string) => labelOf.get(unit.split(".")[0]);
  const members = sampleMembers(ids, units.codes, units.names.length);
  const order = units.names.map((name, unit) => ({ name, unit }))
    .sort((a, b) => members[b.unit].cells - members[a.unit].cells || (a.name < b.name ? -1 : 1));
  return {
    clustering: { key: chosen.key, stamp: clusteringStamp(chosen, ids) },
    splits,
    merges: new Map(),
    labels: new Map(order.map(({ name }) => {
      const { label1 = "Unknown", label2 = label1, label3 = "normal_cell" as const } =
        ruleFor(name) ?? {};
      return [name, { label1, label2, label3 }];
    })),
    members: new Map(order.map(({ name, unit }) => {
      const topGenes = splits.has(name.split(".")[0]) ? [] : ruleFor(name)?.topGenes ?? [];
      return [name, { ...members[unit], topGenes: topGenes.map(({ gene }) => gene) }];
    })),
    evidence: Object.fromEntries(source.labels.map((label) => [label.name, evidenceOf(label)])),
  };
}

function evidenceOf({ by, isDoubtful, best, runnerUp, topGenes, cells }: AutomaticLabel) {
  const words = (of: typeof best) =>
    of && `${of.label1}: markers ${of.markers.toFixed(2)}` +
      `${of.kind === undefined ? "" : ` (${of.kind})`}, Tangram ${of.tangram.toFixed(2)}`;
  return {
    cells,
    by,
    ...(isDoubtful ? { doubtful: true } : {}),
    best: words(best) ?? "nothing",
    runnerUp: words(runnerUp) ?? "nothing",
    topGenes: topGenes.map(({ gene }) => gene).join(" "),
  };
}
